"""Settings to a runnable pipeline: the only room that chooses adapters, crew or the local engine."""
