"""The catalogue, over SQLite or PostgreSQL: every source, passage, claim and run, and what is cached or waits."""
