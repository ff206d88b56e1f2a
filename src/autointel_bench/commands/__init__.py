"""The commands `bench` and `eval`, plugged into the product's command line."""
