"""Podcast feeds and episodes."""
