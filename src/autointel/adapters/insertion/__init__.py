"""Parallel insertion into a store: batches, a limit on those in flight, retries, and counters."""
