"""Ways to the words of a source."""
