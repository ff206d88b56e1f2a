"""The briefing as one web page: a single file that needs no network, and no script to be read."""
