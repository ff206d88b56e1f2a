"""The engine without a model: classical NLP and a small embedder. It declines what it cannot judge."""
