"""Timing of runs."""
