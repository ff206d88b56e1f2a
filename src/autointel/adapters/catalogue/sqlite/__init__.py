"""The catalogue in one SQLite file, for one machine."""

from autointel.adapters.catalogue.sqlite.catalogue import SqliteCatalogue

__all__ = ["SqliteCatalogue"]
