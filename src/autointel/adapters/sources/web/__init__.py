"""Web pages and addresses."""
