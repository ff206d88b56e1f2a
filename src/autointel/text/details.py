"""Details that nobody gave: a thing, person, place or time in a sentence of which its quotes do not speak."""

from __future__ import annotations

from functools import cache
from typing import Final

from autointel.text.statement import Statement, means
from autointel.text.stems import Word
from autointel.text.synonyms import is_general
from autointel.text.word_lists import base_language, word_list

_BEFORE_NOUNS: Final = frozenset(
    "a an the his her its their our my your with by from of on in at near under through".split()
)
_PART: Final = 4  # letters
_OWN_KINDS: Final = ("reporting", "intent", "months", "days")  # checked elsewhere, or the note's frame
_TAILS: Final = ("time", "wide")


def added(said: Statement, around: Statement, own: frozenset[str]) -> str | None:
    """The first word for a thing that neither the quotes nor their neighbours have; English alone.

    A verb, an adjective and what sums up may be the note's own. ``own`` are names of those who speak, in lower case.
    """
    if base_language(said.language) != "en":
        return None
    return next(
        (word.folded for word in said.content if _is_thing(word, said) and word.folded not in own
         and not means(word.stem, around) and not _is_part(word, around)),
        None,
    )  # fmt: skip


def _is_thing(word: Word, said: Statement) -> bool:
    """Whether a word names something particular; names inside a sentence are checked as names."""
    lists = said.lists
    # The first word's capital tells nothing; a plural there mostly says in a noun whom the quote calls "you" or "they".
    if (word.is_capitalised and (word.start or word.folded.endswith("s"))) or word.folded.endswith("ed"):
        return False
    if {word.folded, word.folded.removesuffix("s")} & _framing():
        return False
    if any(lists.has(kind, word.folded) for kind in _OWN_KINDS):
        return False
    if lists.same("same", word.folded) is not None or lists.same("decades", word.folded) is not None:
        return False
    root = lists.same("irregular", word.folded) or word.folded
    return not is_general(root, said.language, noun=_is_head(word, said))


def _is_head(word: Word, said: Statement) -> bool:
    """Whether a word follows an article or a preposition and no noun follows it: "by telephone", "a hammer"."""
    at = said.words.index(word)
    before, after = (said.words[at - 1] if at else None), (said.words[at + 1] if at + 1 < len(said.words) else None)
    if before is None or before.folded not in _BEFORE_NOUNS or word.folded in word_list("adjectives-en"):
        return False
    return after is None or after.clause != word.clause or after not in said.content


def _is_part(word: Word, around: Statement) -> bool:
    """Whether a word is made of one of the quote's, or one of them of it: "wartime" of "war", "bailout" of "bail"."""
    return any(
        longer != shorter and len(shorter) >= _PART and (longer.startswith(shorter) or longer.endswith(shorter))
        for other in around.content
        for shorter, longer in [sorted((word.folded, other.folded), key=len)]
    ) or any(word.folded == other.folded + tail for other in around.content for tail in _TAILS)


@cache
def _framing() -> frozenset[str]:
    """English words with which a note sums up what was said, and those that every talk has."""
    return word_list("common-en") | word_list("empty-nouns-en") | word_list("framing-en")
