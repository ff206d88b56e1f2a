"""A stop-word list and other word lists that ship with the package."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final
from unicodedata import normalize

_BORDER: Final = r"\b"
# Both written forms of Norwegian have one list.
_SAME_LIST: Final = {"nb": "no", "nn": "no"}
STOP_WORDS: Final = frozenset(
    """
    a about after again all also am an and any are as at be because been before being between both but by came can
    come could did do does doing done down during each even ever every few for from further get given go goes had has
    have having he her here hers him his how i if in into is it its just know like made make many me might more most
    much must my no nor not now of off on once one only or other our out over own per put said same say says see she
    should since so some such take than that the their them then there these they this those through to too under
    until up us very want was way we well were what when where whether which while who whom whose why will with would
    yes yet you your
    """.split()
)


@cache
def word_list(name: str) -> frozenset[str]:
    """The entries of ``words/<name>.txt``. White space parts them, ``_`` is a space inside one, ``#`` a comment."""
    text = (files("autointel.text") / "words" / f"{name}.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(entry.replace("_", " ") for entry in " ".join(lines).split())


@cache
def pattern_list(name: str) -> re.Pattern[str]:
    """The alternatives of ``words/<name>.patterns``, one regular expression a line, as one pattern without case."""
    text = (files("autointel.text") / "words" / f"{name}.patterns").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    # One look at the border of a word for all alternatives that begin at one: three times as fast.
    begin = [line.removeprefix(_BORDER) for line in lines if line.startswith(_BORDER)]
    other = [line for line in lines if not line.startswith(_BORDER)]
    return re.compile("|".join([*([rf"{_BORDER}(?:{'|'.join(begin)})"] if begin else []), *other]), re.IGNORECASE)


def stop_words(language: str | None) -> frozenset[str] | None:
    """Words of a language that carry no subject, in lower case and NFC ("de-AT" finds German); None without a list.

    The lists but the English one are stopwordsiso's, with numbers, units and courtesies of ours.
    """
    base = base_language(language or "")
    if base == "en":
        return word_list("function-en") | word_list("filler-en")
    listed = _listed(_SAME_LIST.get(base, base)) if base else None
    return listed | _fillers().get(base, frozenset()) if listed is not None else None


@cache
def _listed(code: str) -> frozenset[str] | None:
    from stopwordsiso import has_lang, stopwords

    return frozenset(normalize("NFC", word.lower()) for word in stopwords(code)) if has_lang(code) else None


@cache
def _fillers() -> dict[str, frozenset[str]]:
    """The lines of ``words/filler-elsewhere.txt`` by language."""
    text = (files("autointel.text") / "words" / "filler-elsewhere.txt").read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))
    return {code: frozenset(normalize("NFC", words).split()) for code, _, words in lines}


@lru_cache(maxsize=256)
def base_language(language: str) -> str:
    """A language without its region: "en" for "en-GB"."""
    return language.lower().replace("_", "-").split("-")[0]
