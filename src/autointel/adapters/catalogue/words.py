"""Text as the full-text index takes it, and a question in people's words as a query of that index.

FTS5's stemmer is Porter's for English, which parts "unemployed" from "unemployment" and knows no other language. So the
index is also asked for its words that begin like a question's word and have the same Snowball stem.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final
from unicodedata import category, normalize

import Stemmer

from autointel.adapters.catalogue.connection import Connection, Row
from autointel.text.word_lists import base_language

# Words that stand in nearly every English passage; bm25 gives them no weight, and each costs a walk of the index.
_STOP_WORDS: Final = frozenset(
    """
    a about after again all also am an and any are as at be because been before being but by can could did do does doing
    for from had has have having he her here hers him his how i if in into is it its just me more most my no nor not
    of on only or other our out over said say says she should so some such than that the their them then there these
    they this those through to too under until up very was we were what when where which while who whom why will with
    would you your
    """.split()
)
# No question has more; a pasted page would walk the whole index.
_MOST: Final = 48
_CEILING: Final = 2.2
"""What a word adds to bm25 at most, times its rarity: k1 + 1, where FTS5 has k1 = 1.2."""
_LEAST: Final = 1e-6  # FTS5's weight of a word that stands in half of all passages
_MANY: Final = 1_000  # passages
_ELSEWHERE: Final = 3  # passages that hold a word in them or beside them, for one that has it in itself
# Marks that part a word on no screen (soft hyphens, zero-width signs), and vowels that Arabic and Hebrew may leave out.
_UNSEEN: Final = re.compile(
    "[\u00ad\u200b-\u200f\u2060\ufeff\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u0640]"
)
# Scripts that put no space between words: Chinese and Japanese by the character; Thai, Lao, Burmese and Khmer by the
# letter, each with the vowel signs and tone marks that follow it.
_IDEOGRAPH: Final = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED: Final = (
    "\u0e01-\u0e30\u0e32\u0e33\u0e3f-\u0e46\u0e80-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u1780-\u17b3"
)
_SIGNS: Final = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3"
_EACH_IDEOGRAPH: Final = re.compile(f"([{_IDEOGRAPH}])")
_EACH_LETTER: Final = re.compile(f"([{_UNSPACED}])")
_RUN: Final = re.compile(f"[{_IDEOGRAPH}]+|(?:[{_UNSPACED}][{_SIGNS}]*)+")
_CLUSTER: Final = re.compile(f"[{_IDEOGRAPH}]|[{_UNSPACED}][{_SIGNS}]*")
_IDEOGRAPHS: Final = 2  # a word of Chinese or Japanese
_LETTERS: Final = 4  # less than a word of Thai, and enough to be part of few others
_WORD: Final = re.compile(r"\w[\w\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0dff]*")
_ASCII_WORD: Final = re.compile(r"[0-9a-z]+")
_ACCENTS: Final = re.compile("(?<=[a-z])[\u0300-\u036f]+")
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
_CHANGED: Final = 7  # letters of a word of which one may be another
_SHORTEST: Final = 4  # letters of a word that may have other forms
_PREFIX: Final = 3  # letters that all forms of a word share, at least
_SHARED: Final = 0.6  # of a long word's letters
_MOST_FORMS: Final = 12  # forms of one word
_LAST: Final = "\U0010ffff"
_EXACT: Final = -1


def as_indexed(text: str) -> str:
    """The text with its unspaced scripts parted sign by sign and unseen marks left out; ASCII as it stands."""
    if text.isascii():
        return text
    seen = _UNSEEN.sub("", normalize("NFC", text))
    return _EACH_LETTER.sub(r" \1", _EACH_IDEOGRAPH.sub(r" \1 ", seen))


def terms(question: str) -> list[str]:
    """The question's words, each once, without those that stand everywhere unless it has no others.

    Of a script without spaces, any two neighbouring characters (four letters of Thai and its neighbours) are a term,
    parted by spaces.
    """
    plain = _UNSEEN.sub("", normalize("NFC", question.lower()))
    words = list(dict.fromkeys([*_WORD.findall(_RUN.sub(" ", plain)), *_pieces(plain)]))
    telling = [word for word in words if word not in _STOP_WORDS] or words
    return telling[:_MOST]


def any_of(words: Iterable[str]) -> str:
    """An FTS5 query for passages with any of the terms; each is quoted, so none is taken for the index's own syntax."""
    return " OR ".join(f'"{word}"' for word in words)


@dataclass(frozen=True)
class ByRarity:
    """A question's words, of which the common ones alone bring no passage among the best.

    A passage has at most ``most_of_common`` of its score from common words, so one without a rare word is outbid by
    any that scores more (MaxScore: Turtle and Flood, 1995). ``left_out`` are words that weigh nothing.
    """

    rare: Sequence[str]
    common: Sequence[str]
    most_of_common: float
    left_out: Sequence[str] = ()

    @classmethod
    def of(cls, held: Mapping[str, int], passages: int, limit: int) -> ByRarity:
        """From the number of passages that hold each word, of all of them; 0 where the index does not say.

        In a large memory, a word that stands in over half of the passages weighs nothing beside others and is left out:
        the index takes "one" for "on". All words are rare where ``limit`` passages with a rare word, each once, are
        likely to score less.
        """
        words = sorted(held, key=lambda word: held[word])
        telling = [word for word in words if 2 * held[word] <= passages]
        left_out: list[str] = []
        if passages >= _MANY and any(held[word] for word in telling):
            words, left_out = telling, words[len(telling) :]
        worth = [_rarity(held[word], passages) for word in words]
        found = accumulate(held[word] for word in words)
        last = next((at for at, number in enumerate(found) if number >= _ELSEWHERE * limit), len(words))
        for rare in range(last + 1, len(words)):
            most = _CEILING * sum(worth[rare:])
            if most < worth[last]:
                return cls(words[:rare], words[rare:], most, left_out)
        return cls(words, (), 0.0, left_out)

    @property
    def any(self) -> str:
        """An FTS5 query for passages with any of the words that weigh something."""
        return any_of((*self.rare, *self.common))

    @property
    def every(self) -> str:
        """An FTS5 query for passages with any of the words, those that weigh nothing among them."""
        return any_of((*self.rare, *self.common, *self.left_out))

    @property
    def with_common(self) -> str:
        """An FTS5 query for passages with a rare word and a common one."""
        return f"({any_of(self.rare)}) AND ({any_of(self.common)})"

    @property
    def without_common(self) -> str:
        """An FTS5 query for passages with rare words alone."""
        return f"({any_of(self.rare)}) NOT ({any_of(self.common)})"


def _rarity(held: int, passages: int) -> float:
    """A word's weight as FTS5's bm25 has it."""
    return max(_LEAST, math.log((passages - held + 0.5) / (held + 0.5)) if held <= passages else 0.0)


def parted(text: str) -> str:
    """The text's words in lower case between single spaces, as FTS5's unicode61 takes them, before they are stemmed.

    Letters, numbers and marks make words; an accent on a Latin letter does not count.
    """
    plain = as_indexed(text).lower()
    if plain.isascii():
        return " ".join(_ASCII_WORD.findall(plain))
    bare = _ACCENTS.sub("", normalize("NFD", plain))
    return " ".join("".join(sign if _in_word(sign) else " " for sign in normalize("NFC", bare)).split())


@lru_cache(maxsize=4096)
def _in_word(sign: str) -> bool:
    kind = category(sign)
    return kind[0] in "LNM" or kind == "Co"


def says(text: str, phrase: str) -> bool:
    """Whether the text has the phrase's words in a row, in the same form; case and accents do not count."""
    return f" {parted(phrase)} " in f" {parted(text)} "


def match_phrase(phrase: str) -> str:
    """An FTS5 query for the phrase, word for word."""
    return '"' + as_indexed(phrase).replace('"', '""') + '"'


def _pieces(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        signs = _CLUSTER.findall(run)
        size = _IDEOGRAPHS if signs[0][0] >= "\u3000" else _LETTERS
        for first in range(max(1, len(signs) - size + 1)):
            yield " ".join(signs[first : first + size])


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
        """``statement`` lists the languages of the namespace, and the terms that begin with each of ``:prefixes``.

        A term comes with the number of passages that hold it, and the language "" with that of all passages.
        ``by_rarity`` also asks for the terms in ``:exact``, whose ``word`` is -1.
        """
        self._connection = connection
        self._namespace = namespace
        self._statement = statement

    def of(self, words: Sequence[str]) -> list[str]:
        """Forms of the words that the index holds as other terms than theirs, the commonest first of each."""
        return self._forms(words, self._rows(_parts(words)))

    def by_rarity(self, words: Sequence[str], limit: int) -> ByRarity:
        """The words and their forms, by how many passages of all namespaces hold them; one statement."""
        stems = {word: _STEMMERS.stem("porter", parted(word)) for word in words}
        rows = self._rows(_parts(words), tuple(stems.values()))
        docs = {row["term"]: int(row["doc"]) for row in rows if row["word"] is not None}
        # A word that the index parts is not counted and passes for rare, which is safe.
        held = {word: docs.get(stem, 0) for word, stem in stems.items()}
        held |= {form: docs[form] for form in self._forms(words, [row for row in rows if row["word"] != _EXACT])}
        passages = max((int(row["doc"] or 0) for row in rows if row["word"] is None), default=0)
        return ByRarity.of(held, passages, limit)

    def _rows(self, parts: Sequence[str], exact: Sequence[str] = ()) -> Sequence[Row]:
        prefixes = [part[: max(_PREFIX, int(_SHARED * len(part)))] for part in parts]
        return self._ask(prefixes, exact) if prefixes or exact else ()

    def _ask(self, prefixes: Sequence[str], exact: Sequence[str] = ()) -> Sequence[Row]:
        lists = {
            name: json.dumps(each, ensure_ascii=False) for name, each in (("prefixes", prefixes), ("exact", exact))
        }
        return self._connection.read(self._statement, {"namespace": self._namespace, "last": _LAST, **lists})

    def _forms(self, words: Sequence[str], rows: Sequence[Row]) -> list[str]:
        parts = _parts(words)
        languages = _known(row["term"] for row in rows if row["word"] is None)
        roots = [{(each, _STEMMERS.stem(each, part)) for each in languages} for part in parts]
        found: list[dict[str, None]] = [{} for _ in parts]
        for row in rows:
            at = row["word"]
            if at is not None and len(found[at]) < _MOST_FORMS and _is_form(row["term"], roots[at]):
                found[at][row["term"]] = None
        # A term that the index takes the word for is asked for already; twice, it would weigh double.
        own = {_STEMMERS.stem("porter", part) for part in parts}
        return [form for forms in found for form in forms if form not in own]

    def respelt(self, words: Sequence[str]) -> dict[str, str]:
        """For words that stand nowhere, in no form, the index's term that is spelt nearly so, the commonest first."""
        asked = {part: word for word in words if (part := parted(word)).isalpha() and len(part) >= _SPELT}
        rows = self._ask([part[:_PREFIX] for part in asked]) if asked else ()
        found: dict[str, str] = {}
        for at, (part, word) in enumerate(asked.items()):
            terms = [row["term"] for row in rows if row["word"] == at]
            own = _STEMMERS.stem("porter", part)
            stems = (
                set() if own in terms else {_even(_STEMMERS.stem("porter", each)) for each in _spellings(part, terms)}
            )
            near = [term for term in terms if len(term) >= _SPELT and _even(term) in stems]
            if near:
                # Letters that changed places are the likeliest slip.
                found[word] = next((term for term in near if sorted(part[: len(term)]) == sorted(term)), near[0])
        return found


def _parts(words: Iterable[str]) -> list[str]:
    """The words, as the index parts them, that may have other forms."""
    return [part for word in words for part in parted(word).split() if len(part) >= _SHORTEST and part.isalpha()]


def _spellings(word: str, terms: Iterable[str]) -> Iterator[str]:
    """The word with one letter left out, added, swapped or, in a long word, changed; its first letters are right.

    "blood" is a word and no slip of "flood"; of long words few differ by a letter.
    """
    letters = sorted(set().union(*terms))
    for at in range(_PREFIX, len(word) + 1):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        yield head[:-1] + tail[:1] + head[-1] + tail[1:]
        yield from (head + letter + tail for letter in letters)
        if len(word) >= _CHANGED:
            yield from (head + letter + tail[1:] for letter in letters)


def _even(stem: str) -> str:
    """Porter's stemmer ends "unemployed" with an i and "unemployment" with a y."""
    return f"{stem[:-1]}i" if stem.endswith("y") else stem


def _known(languages: Iterable[str]) -> list[str]:
    """The languages that Snowball knows, by its names; English where it knows none of them."""
    named = {_SNOWBALL.get(base_language(each), "") for each in languages}
    return sorted(named.intersection(Stemmer.algorithms())) or ["english"]


def _is_form(term: str, roots: Collection[tuple[str, str]]) -> bool:
    """Whether the term, which is as Porter's stemmer left it, has the word's root in one of the languages."""
    return any(
        root in {term, _STEMMERS.stem(language, term)} or term == _STEMMERS.stem("porter", root)
        for language, root in roots
    )
