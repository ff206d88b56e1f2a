"""The pipeline, one file a step: plain async functions over ports."""
