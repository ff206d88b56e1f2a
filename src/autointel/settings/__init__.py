"""Every setting, where it comes from, and what it costs.

Precedence: option > environment > autointel.toml in the working folder > the user's config.toml > default.
A key that nobody knows is an error: a mistyped setting that is silently ignored costs an afternoon.
"""

from autointel.settings.fields import Settings
from autointel.settings.loading import Loaded, Origin, handed_down, load, resolve_flags

__all__ = ["Loaded", "Origin", "Settings", "handed_down", "load", "resolve_flags"]
