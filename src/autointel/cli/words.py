"""What is typed as a name or a question, looked at before anything is opened for it. Light: ``--help`` imports it."""

from __future__ import annotations

import re
from typing import Final

from autointel.errors import UsageError

_NAMESPACE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def namespace_of(text: str) -> str:
    """The name, if things can be kept under it. Raises UsageError."""
    if not _NAMESPACE.fullmatch(text):
        raise UsageError(
            f"{text!r} cannot be a namespace.",
            "Use up to 63 small letters, digits, - and _, beginning with a letter or digit.",
        )
    return text


def refuse_empty(text: str, what: str, hint: str = "Put more than one word in quotes.") -> None:
    """Raise UsageError where the text holds nothing; ``what`` it is begins the sentence."""
    if not text.strip():
        raise UsageError(f"{what} is empty.", hint)
