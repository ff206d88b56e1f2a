"""The catalogue in a PostgreSQL database, for many machines."""
