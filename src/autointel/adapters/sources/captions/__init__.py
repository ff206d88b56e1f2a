"""Caption and transcript formats with times."""
