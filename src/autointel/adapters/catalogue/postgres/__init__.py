"""The catalogue in a PostgreSQL database, for many machines. Needs psycopg."""

from autointel.adapters.catalogue.postgres.catalogue import PostgresCatalogue
from autointel.adapters.catalogue.postgres.connection import probe

__all__ = ["PostgresCatalogue", "probe"]
