"""One sheet, rendered as Markdown, on a terminal, and as an HTML page."""
