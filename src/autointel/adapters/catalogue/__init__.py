"""The catalogue: one SQLite file that knows every source, passage, claim and run, and what is cached or waits."""

from autointel.adapters.catalogue.caches import SqliteModelCache, SqliteStepCache
from autointel.adapters.catalogue.catalogue import Catalogue

__all__ = ["Catalogue", "SqliteModelCache", "SqliteStepCache"]
