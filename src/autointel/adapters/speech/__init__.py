"""Turning recordings into words."""
