"""Fetching what strangers' links point to, without being led where we should not go."""
