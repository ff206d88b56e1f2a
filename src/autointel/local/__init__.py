"""The engine without a model: classical NLP and a small embedder; it declines what it cannot judge."""
