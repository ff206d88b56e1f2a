"""What is done with memory afterwards: search, ask, related passages."""
