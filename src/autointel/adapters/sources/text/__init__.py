"""Plain text and Markdown transcripts."""
