"""How likely a name names a person, by its own words: first names, titles, roles, and words of the language."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache, lru_cache
from typing import Final

from autointel.adapters.sources.labels import NAMES_TOO, NOT_NAMES, PERSONS, SOMEBODY, Look, is_office, look_of
from autointel.adapters.sources.spellings import TITLES
from autointel.text.word_lists import word_list

_LINKS: Final = frozenset("the a an of and de la".split())
# The numbers of questions and answers, and of quarters.
NUMBERED: Final = re.compile(r"[QAqa]\d*\Z")
_WORD_LISTS: Final = ("common-en", "nouns-en", "verbs-en", "adjectives-en", "particles-en")


class Likely(IntEnum):
    """How likely it is that a name names a person, by its words alone."""

    WORD = 0  # "Budget", "The vote", "London": words of the language, places
    EITHER = 1  # "Will", "I", "jane": a name and a word, or too short to tell
    NAME = 2


@lru_cache(maxsize=4096)
def likely(name: str) -> Likely:
    """How likely the words of a name are a person's; titles and roles make a person of any word."""
    look = look_of(name)
    words = [word.strip(".,'’\"()@").casefold() for word in name.split()]
    if words[0] in NOT_NAMES:
        return Likely.WORD
    if (
        look is Look.ROLE
        or is_office(name)
        or (len(words) > 1 and (words[0] in _titles() or words[0] in first_names()))
    ):
        return Likely.EITHER if NUMBERED.match(name) else Likely.NAME
    described = (len(words) > 1 and not SOMEBODY.isdisjoint(words)) or (len(words) == 1 and words[0] in PERSONS)
    if described or look is Look.INITIALS or (len(words) == 1 and words[0] in NAMES_TOO):
        return Likely.EITHER
    if look is Look.HANDLE:
        named = words[0] in first_names() or not all(map(is_word, words))
        return Likely.EITHER if named else Likely.WORD
    known = not first_names().isdisjoint(words) and words[0] != "the"
    if (
        " ".join(words) in word_list("places")
        or " ".join(words) in word_list("organisations")
        or all(_is_plain(word) for word in words)
    ):
        return Likely.EITHER if known else Likely.WORD
    return Likely.NAME


def _titles() -> frozenset[str]:
    return word_list("person-titles")


def _is_plain(word: str) -> bool:
    return len(word) == 1 or word in _LINKS or word.isdigit() or is_word(word)


def is_described(name: str) -> bool:
    """Whether a name is a role or a description, of which no part is short for the whole."""
    return look_of(name) is Look.ROLE or not SOMEBODY.isdisjoint(name.lower().split())


@lru_cache(maxsize=4096)
def is_known(name: str) -> bool:
    """Whether lists bear a name out: a first name, a title, a role, an office; other scripts have no lists."""
    words = [word.strip(".,'’\"()@").casefold() for word in name.split()]
    if look_of(name) is Look.ROLE:
        return not name.islower() or name[-1:].isdigit()
    surname = words[0].startswith(("o'", "mc", "mac"))
    listed = not all(known.isdisjoint(words) for known in (first_names(), _titles(), TITLES))
    return not name.isascii() or is_office(name) or surname or listed


def is_word(word: str) -> bool:
    """Whether it is an English word, in small letters and in one of its common forms."""
    return any(word in word_list(name) for name in _WORD_LISTS)


@cache
def first_names() -> frozenset[str]:
    """Given names, in small letters; of the rarer ones those that are no places."""
    return word_list("first-names") | (word_list("given-names") - word_list("places"))
