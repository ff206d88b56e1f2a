"""What autointel speaks of: frozen values that refuse nonsense, and no I/O."""
