"""autointel: a briefing whose every sentence rests on a verified quote."""

__version__ = "0.1.0"
