"""The catalogue in a PostgreSQL database, for many machines. Needs psycopg."""

from autointel.adapters.catalogue.postgres.catalogue import PostgresCatalogue

__all__ = ["PostgresCatalogue"]
