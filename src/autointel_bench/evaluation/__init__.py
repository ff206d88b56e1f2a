"""Measures of quality against data in a folder; each prints what it finds, whatever it is."""
