"""Text as the full-text index takes it, and a question in people's words as a query of that index."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final
from unicodedata import category, normalize

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


def match_any(question: str, forms: Sequence[str] = ()) -> str | None:
    """An FTS5 query for passages with any of the question's terms or of these further ones, or None without any.

    Every term is quoted, so nothing in it is taken for the index's own syntax.
    """
    return " OR ".join(f'"{term}"' for term in (*terms(question), *forms)) or None


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


def match_phrase(phrase: str) -> str:
    """An FTS5 query for the phrase, word for word."""
    return '"' + as_indexed(phrase).replace('"', '""') + '"'


def _pieces(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        signs = _CLUSTER.findall(run)
        size = _IDEOGRAPHS if _is_ideograph(signs[0]) else _LETTERS
        for first in range(max(1, len(signs) - size + 1)):
            yield " ".join(signs[first : first + size])


def _is_ideograph(sign: str) -> bool:
    return sign[0] >= "\u3000"
