"""Sanitises all untrusted text for the page in one function."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import Any, Final

from markupsafe import Markup

from autointel.render.markdown import safe_url
from autointel.render.plain_text import plain, shortened

# The page is for reading; whatever is longer stands in report.json.
_LONGEST: Final = 2_000
_LONGEST_URL: Final = 2_000
# More marks on one letter than any script puts there; a pile of them covers lines or runs off the screen.
_MOST_MARKS: Final = 8
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def gate(value: Any) -> Any:
    """Applied to every expression in the templates before escaping: text becomes one harmless line."""
    if isinstance(value, str) and not isinstance(value, Markup):
        # Looking at each character of a megabyte, to show the first line of it, takes seconds.
        return shortened(_level(plain(value[: 4 * _LONGEST])), _LONGEST)
    return value


def _level(text: str) -> str:
    """The text without piles of combining marks."""
    if text.isascii():
        return text
    runs = groupby(text, lambda letter: unicodedata.category(letter) in {"Mn", "Me"})
    return "".join("".join([*run][: _MOST_MARKS if marks else None]) for marks, run in runs)


def link(url: str | None) -> str | None:
    """The address if it is one that may be opened (http, https), else None."""
    address = safe_url(url)
    return address if address and len(address) <= _LONGEST_URL else None


def language(code: str | None) -> str | None:
    """A language tag that a screen reader can use, or None."""
    return code if code and _LANGUAGE.fullmatch(code) else None


def span(seconds: float) -> str:
    """Seconds as HTML's ``datetime`` takes a duration."""
    return f"PT{int(seconds)}S"
