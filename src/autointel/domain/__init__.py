"""The domain: frozen values that validate themselves, and no I/O."""
