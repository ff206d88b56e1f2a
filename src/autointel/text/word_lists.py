"""The word lists beside this file, as sets."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

_STOP_LISTS: Final = {"de", "es", "fr", "it", "nl", "pt"}


@cache
def word_list(name: str) -> frozenset[str]:
    """The entries of ``words/<name>.txt``. White space parts them, ``_`` is a space inside one, ``#`` a comment."""
    text = (files("autointel.text") / "words" / f"{name}.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(entry.replace("_", " ") for entry in " ".join(lines).split())


def stop_words(language: str | None) -> frozenset[str] | None:
    """Words of a language that carry no subject, in lower case ("de-AT" finds German); None where there is no list."""
    base = base_language(language or "")
    if base == "en":
        return word_list("function-en") | word_list("filler-en")
    return word_list(f"stop-{base}") if base in _STOP_LISTS else None


def base_language(language: str) -> str:
    """A language without its region: "en" for "en-GB"."""
    return language.lower().replace("_", "-").split("-")[0]
