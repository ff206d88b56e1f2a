"""What is done with memory afterwards: search, ask, upkeep."""
