"""Other forms of a question's words, as the index of a library in any of Snowball's languages holds them.

FTS5's stemmer is Porter's for English, which parts "unemployed" from "unemployment" and knows no other language. So the
words of the index that begin like a question's word and have its Snowball stem are asked for beside it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import Stemmer

from autointel.adapters.catalogue.connection import Connection
from autointel.adapters.catalogue.words import parted
from autointel.text.word_lists import base_language

# By ISO 639-1.
_SNOWBALL: Final = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "nb": "norwegian", "nn": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_SPELT: Final = 5  # letters of a word whose spelling is doubted
_ENDING: Final = 6  # letters that an ending may have
_SHORTEST: Final = 4  # letters of a word that may have other forms
_PREFIX: Final = 3  # letters that all forms of a word share, at least
_SHARED: Final = 0.6  # of a long word's letters
_MOST: Final = 12  # forms of one word
_LAST: Final = "\U0010ffff"


class _Stemmers(threading.local):
    """Each thread has its own: a stemmer holds the word that it works on."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def stem(self, language: str, word: str) -> str:
        if language not in self.made:
            self.made[language] = Stemmer.Stemmer(language)
        return str(self.made[language].stemWord(word))


_STEMMERS: Final = _Stemmers()


class Families:
    """The forms of words in one namespace. Blocks. Raises HomeUnusable."""

    def __init__(self, connection: Connection, namespace: str, statement: str) -> None:
        """``statement`` lists the languages of the namespace, and the terms that begin with each of ``:prefixes``."""
        self._connection = connection
        self._namespace = namespace
        self._statement = statement

    def of(self, words: Sequence[str]) -> list[str]:
        """Forms of the words that the index holds as other terms than theirs, the commonest first of each."""
        asked = [part for word in words for part in parted(word).split() if len(part) >= _SHORTEST and part.isalpha()]
        if not asked:
            return []
        prefixes = [word[: max(_PREFIX, int(_SHARED * len(word)))] for word in asked]
        given = {"namespace": self._namespace, "prefixes": json.dumps(prefixes, ensure_ascii=False), "last": _LAST}
        rows = self._connection.read(self._statement, given)
        languages = _known(row["term"] for row in rows if row["word"] is None)
        roots = [{(each, _STEMMERS.stem(each, word)) for each in languages} for word in asked]
        found: list[dict[str, None]] = [{} for _ in asked]
        for row in rows:
            at = row["word"]
            if at is not None and len(found[at]) < _MOST and _is_form(row["term"], roots[at]):
                found[at][row["term"]] = None
        # A term that the index takes the word for is asked for already; twice, it would weigh double.
        own = {_STEMMERS.stem("porter", word) for word in asked}
        return [form for forms in found for form in forms if form not in own]

    def respelt(self, words: Sequence[str]) -> dict[str, str]:
        """For words that stand nowhere, in no form, the index's term that is spelt nearly so, the commonest first."""
        asked = {part: word for word in words if (part := parted(word)).isalpha() and len(part) >= _SPELT}
        prefixes = json.dumps([part[:_PREFIX] for part in asked], ensure_ascii=False)
        given = {"namespace": self._namespace, "prefixes": prefixes, "last": _LAST}
        rows = self._connection.read(self._statement, given) if asked else []
        found: dict[str, str] = {}
        for at, (part, word) in enumerate(asked.items()):
            terms = [row["term"] for row in rows if row["word"] == at]
            own = _STEMMERS.stem("porter", part)
            near = [term for term in terms if len(term) >= _SPELT and _is_spelt_like(part, term)]
            if near and own not in terms:
                # Letters that changed places are the likeliest slip.
                found[word] = next((term for term in near if sorted(part[: len(term)]) == sorted(term)), near[0])
        return found


def _is_spelt_like(word: str, term: str) -> bool:
    """Whether the word, without an ending, becomes the term by one letter changed, added, left out or swapped."""
    if not 0 <= len(word) - len(term) + 1 <= _ENDING:
        return False
    return any(_one_slip(word[:size], term) for size in (len(term) - 1, len(term), len(term) + 1))


def _one_slip(one: str, other: str) -> bool:
    if len(one) > len(other):
        one, other = other, one
    at = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    return one[at + 1 :] == other[at + 1 :] or (
        one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    )


def _known(languages: Iterable[str]) -> list[str]:
    """Those that Snowball knows, by its names; English where it knows none of them."""
    named = {_SNOWBALL.get(base_language(each), "") for each in languages}
    return sorted(named.intersection(Stemmer.algorithms())) or ["english"]


def _is_form(term: str, roots: Collection[tuple[str, str]]) -> bool:
    """Whether the term, which is as Porter's stemmer left it, has the word's root in one of the languages."""
    return any(
        root in {term, _STEMMERS.stem(language, term)} or term == _STEMMERS.stem("porter", root)
        for language, root in roots
    )
