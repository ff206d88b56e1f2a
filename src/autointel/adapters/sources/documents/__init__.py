"""Documents with pages or chapters: PDF, DOCX, EPUB, saved web pages."""
