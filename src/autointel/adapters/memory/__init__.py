"""Vector memory."""
