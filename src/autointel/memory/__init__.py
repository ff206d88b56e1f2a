"""Uses of memory: search, questions, related passages, statements by subject, comparison of sources."""
