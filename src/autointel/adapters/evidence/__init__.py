"""Where evidence is sought."""
