"""Other forms of a question's words, as the index of a library in any of Snowball's languages holds them.

FTS5 stems English alone. For the other languages of a library, the words of the index that begin like a question's word
and have its Snowball stem are asked for beside it: nothing is written, and an old catalogue has them too.
"""

from __future__ import annotations

import threading
from typing import Any, Final

import Stemmer

from autointel.adapters.catalogue.connection import Connection
from autointel.adapters.catalogue.words import parted
from autointel.text.word_lists import base_language

# By ISO 639-1; English is FTS5's own.
_SNOWBALL: Final = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "es": "spanish", "et": "estonian",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "nb": "norwegian", "nn": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_TERMS: Final = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.passage_terms USING fts5vocab(main, passage_index, row)"
_LIKE: Final = "SELECT term FROM temp.passage_terms WHERE term >= ? AND term < ? ORDER BY doc DESC LIMIT 400"
_LANGUAGES: Final = """
SELECT DISTINCT json_extract(frame, '$.language') AS language FROM sources WHERE namespace = ? ORDER BY language
"""
_SHORTEST: Final = 4  # letters of a word that may have other forms
_PREFIX: Final = 3  # letters that all forms of a word share, at least
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

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection = connection
        self._namespace = namespace

    def languages(self) -> list[str]:
        """The languages of the namespace that Snowball knows, by Snowball's names, English apart."""
        rows = self._connection.read(_LANGUAGES, (self._namespace,))
        spoken = {base_language(row["language"]) for row in rows if row["language"]}
        known = Stemmer.algorithms()
        return sorted({_SNOWBALL[each] for each in spoken if _SNOWBALL.get(each) in known})

    def of(self, words: list[str]) -> list[str]:
        """Forms of the words that the index holds, without the words themselves, the commonest first."""
        languages = self.languages()
        if not languages:
            return []
        self._connection.write(_TERMS)
        found: dict[str, None] = {}
        for word in dict.fromkeys(parted(word) for word in words):
            if len(word) >= _SHORTEST and word.isalpha():
                found.update(dict.fromkeys(self._forms(word, languages)))
        return [term for term in found if term not in words]

    def _forms(self, word: str, languages: list[str]) -> list[str]:
        roots = {language: _STEMMERS.stem(language, word) for language in languages}
        prefix = min((root[: max(_PREFIX, len(root) - 1)] for root in roots.values()), key=len)
        terms = [row["term"] for row in self._connection.read(_LIKE, (prefix, prefix + _LAST))]
        return [
            term for term in terms if any(_STEMMERS.stem(language, term) == root for language, root in roots.items())
        ][:_MOST]
