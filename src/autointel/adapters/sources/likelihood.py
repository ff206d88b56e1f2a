"""How likely a name names a person: by its own words, and by how it stands in a text.

Its words may be first names, titles, roles, or words of the language. A text bears a name out where labels recur, take
turns, or head nearly every paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Final

from autointel.adapters.sources.labels import (
    NAMES_TOO,
    NOT_NAMES,
    PERSONS,
    SOMEBODY,
    Label,
    Look,
    Shape,
    is_office,
    labels_change,
    look_of,
)
from autointel.adapters.sources.markup import in_capitals
from autointel.adapters.sources.spellings import TITLES, names_nobody
from autointel.text.word_lists import word_list

_LINKS: Final = frozenset("the a an of and de la".split())
# The numbers of questions and answers, and of quarters.
NUMBERED: Final = re.compile(r"[QAqa]\d*\Z")
_WORD_LISTS: Final = ("common-en", "nouns-en", "verbs-en", "adjectives-en", "particles-en")
_LOWER_WORD: Final = re.compile(r"\b[^\W\d_]+\b")
_STRONG: Final = frozenset({Shape.TAG, Shape.TIMED, Shape.HABIT})
# People who talk say one of these, or ask something.
_SPEAKS: Final = frozenset(
    "i i'm i've i'll i'd you your we we're our us me my mine hello hi thanks thank yes no ich du wir ihr je nous vous "
    "tu yo usted nosotros eu io noi jag ik wij ja nein oui non bye".split()
)
# Shares of the labels that recur, and of the paragraphs that are labelled.
_MOST: Final = 0.6
_MOST_STRETCHES: Final = 0.4
_OFTEN: Final = 0.75
_NEARLY_ALL: Final = 0.9
# One person may say several paragraphs or messages running, each under his name.
_RUNS: Final = 0.3
_SELDOM: Final = 2
# Names in capitals throughout are short; a longer one is the head of a sentence.
_MOST_CAPITAL_WORDS: Final = 3


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


@dataclass(frozen=True, slots=True)
class Sighting:
    """A candidate label where it stands. ``after_end``: what precedes it ends a sentence, or nothing does; ``sure``:
    what stands around it, such as a time, says that it is a label.
    """

    label: Label
    after_end: bool = True
    sure: bool = False


def counted(sightings: Sequence[Sighting], folds: Mapping[str, str], people: frozenset[str]) -> dict[str, _Count]:
    """How each name is met in the text, by its key. ``folds`` leads short forms to whole names, ``people`` are sure."""
    counts: dict[str, _Count] = {}
    whole = {each.label.key for each in sightings if each.label.look is Look.FULL}  # "Doe" is a word, and Jane Doe's
    sure = people | {key.split()[-1] for key in whole if likely(key.title()) is Likely.NAME}
    for sighting in sightings:
        label = sighting.label
        key = folds.get(label.key, label.key)
        count = counts.get(key)
        if count is None:
            chance = Likely.NAME if key in sure else likely(label.name or "")
            count = counts.setdefault(key, _Count(label, chance))
        if count.label.shape is Shape.ALONE:
            count.label = label
        count.seen += 1
        count.clean += sighting.after_end
        count.strong = count.strong or sighting.sure or label.shape in _STRONG
        count.marked = count.marked or label.mark.startswith(">>")
        count.begins += not label.rest or not label.rest[0].islower()
    return counts


@dataclass(slots=True)
class _Count:
    label: Label
    likely: Likely
    seen: int = 0
    clean: int = 0
    strong: bool = False
    marked: bool = False
    begins: int = 0


class Judge:
    """One text's evidence, and the verdict on each of its names."""

    def __init__(
        self, counts: dict[str, _Count], keys: Sequence[str], text: str, *, stretches: int, first: bool, timed: bool
    ) -> None:
        self._counts, self._keys, self._capitals, self._text = counts, keys, in_capitals(text), text
        self._timed, self._all_first = timed, first
        total = sum(count.seen for count in counts.values())
        self._share = total / max(1, stretches)
        # A single word met once is a name where nearly everything else is said under a name.
        self._others_share = (total - 1) / max(1, stretches - 1)
        recurring = [count for count in counts.values() if count.seen > 1 and count.clean > 1]
        self._repeated = {count.label.look for count in recurring}
        self._recurring = sum(count.seen for count in recurring) / max(1, total)
        self._text_is_cased = text.lower() != text.upper()
        often = 0 if self._recurring > _MOST_STRETCHES and self._share >= _NEARLY_ALL else 1
        self._known = sum(count.seen > often and is_known(count.label.name or "") for count in counts.values())
        self._first_names = sum(count.label.key in first_names() for count in recurring)
        # "Maria" is a place as well, and a person where she comes again.
        given = {count.label.key for count in recurring if not is_word(count.label.key)} & (first_names() - NAMES_TOO)
        self._people = sum(count.likely is Likely.NAME or count.label.key in given for count in recurring)
        # Two or more names, each met once, with which the text begins, each after a finished sentence.
        self._dialogue = first and len(counts) > 1 and all(count.clean == count.seen for count in counts.values())

    def believes(self, key: str) -> bool:
        """Whether the name with this key is a person's."""
        count = self._counts[key]
        shape = count.label.shape
        if count.strong:
            # "Break (48:33)", "Budget 0:15": words with a time are titles, unless they come again and again.
            sure = shape in {Shape.TAG, Shape.HABIT} or names_nobody(count.label.name or "")
            return sure or count.likely is not Likely.WORD or count.seen > _SELDOM
        if shape is Shape.BRACKETS and count.label.look is not Look.ROLE:
            return self._bracketed(count)
        if shape is Shape.LINE:
            # Titles of chapters stand there too, and none comes twice.
            return count.seen > 1 or count.label.look in self._repeated - {Look.HANDLE}
        if shape is Shape.ALONE:
            return self._above(count)
        if self._capitals and count.label.look is not Look.ROLE:
            # Capitals are no sign where everything is in capitals.
            short = count.seen > 1 and len(key.split()) <= _MOST_CAPITAL_WORDS and count.clean > 1
            marked = count.marked and count.likely is Likely.NAME
            return marked or (short and (count.likely is not Likely.WORD or self._people > 0))
        return self._by_likelihood(count)

    def _by_likelihood(self, count: _Count) -> bool:
        if count.likely is Likely.WORD or self._is_common(count):
            # "STAFF: Thank you, everyone", among people who are named or bear the titles of their work.
            among = self._people > 0 or self._is_meeting
            return count.seen > 1 and among and self._is_alternating and self._share >= _NEARLY_ALL
        if count.likely is Likely.EITHER:
            return self._either(count)
        known = is_known(count.label.name or "")
        if count.label.look is Look.ROLE:
            among = count.seen > 1 or self._people > 0 or self._roles > 1
            return self._timed or (among and (known or self._is_alternating))
        if count.label.shape is Shape.BOLD:
            # "**Max Retries:** …" heads a paragraph of an essay; names come again.
            sure = known and (count.seen > 1 or self._all_known > 1)
            return sure or (self._recurring >= _MOST and self._people > 1)
        if count.seen > 1:
            return count.clean > 0 and (self._timed or self._again(count, known=known))
        return self._once(count)

    def _again(self, count: _Count, *, known: bool) -> bool:
        """A name that comes again in a text without times."""
        whole = count.label.look is Look.FULL and self._share >= _OFTEN
        among = self._known > 0 and self._share >= _MOST_STRETCHES
        if not (known or whole or among or self._is_alternating):
            return False
        spoken = count.begins > 0 or self._is_alternating or self._people > 1 or self._first_names > 0
        return count.label.look is not Look.SINGLE or (self._is_conversation and spoken)

    def _either(self, count: _Count) -> bool:
        """Names that are words as well, initials, handles: they recur, and take turns with others."""
        if NUMBERED.match(count.label.name or ""):
            other = {"q": "a", "a": "q"}[count.label.key[0]] + count.label.key[1:]
            if other in self._counts or f" {other.upper()}: " in self._text:
                return True
        if count.seen > 1:
            handle = count.label.look is Look.HANDLE and not self._timed
            others = self._known - is_known(count.label.name or "")
            among = (others > 0 and not handle) or (self._timed and self._people > 0)
            often = self._timed or (count.seen > _SELDOM and self._share >= _NEARLY_ALL and self._people > 0)
            among = among or (often and count.label.look is Look.SINGLE)
            return count.clean > 0 and (self._is_alternating or among)
        capitals = count.label.look is Look.CAPITALS and (self._timed or self._share >= _OFTEN)
        sure = count.clean > 0 and (capitals or (count.marked and self._timed))
        return sure or (self._is_alternating and self._recurring >= _MOST and count.label.look is not Look.HANDLE)

    def _once(self, count: _Count) -> bool:
        look = count.label.look
        if not count.clean or not count.begins:
            return False
        if count.marked or (look is Look.CAPITALS and (self._timed or self._is_examination)):
            return True
        known = self._timed or self._known > 0 or is_known(count.label.name or "") or self._is_alternating
        known = known or (look is Look.FULL and self._share >= _OFTEN)
        if look in self._repeated and look is not Look.SINGLE and known:
            return True
        least = 0.5 if look is not Look.SINGLE else _OFTEN if self._text_is_cased else _NEARLY_ALL
        if self._people > 0 and known and (self._others_share >= least or (self._timed and self._text_is_cased)):
            return True
        if not self._dialogue or self._repeated:
            return False
        named = look is not Look.SINGLE or "?" in self._text
        return self._timed or (self._share >= _NEARLY_ALL and named and self._all_known > 0)

    def _bracketed(self, count: _Count) -> bool:
        if count.likely is Likely.WORD and (count.seen == 1 or self._people == 0):
            return False
        return len(self._counts) > 1 and self._any_again and self._share >= 0.25  # noqa: PLR2004 -- a quarter of all cues

    def _above(self, count: _Count) -> bool:
        """A name on a line above the words: names recur and take turns, headings do not."""
        if not self._named_above and not self._is_alternating:
            return False
        if count.seen > 1:
            return count.likely is not Likely.WORD or count.label.look is Look.CAPITALS
        return count.likely is Likely.NAME and count.label.look in self._looks_above

    # Each of these looks at every name, and is asked for every name.
    @cached_property
    def _above_again(self) -> list[_Count]:
        return [one for one in self._counts.values() if one.label.shape is Shape.ALONE and one.seen > 1]

    @cached_property
    def _named_above(self) -> bool:
        return any(is_known(one.label.name or "") or one.label.look is Look.CAPITALS for one in self._above_again)

    @cached_property
    def _looks_above(self) -> frozenset[Look]:
        return frozenset(one.label.look for one in self._above_again)

    @cached_property
    def _roles(self) -> int:
        return sum(one.label.look is Look.ROLE for one in self._counts.values())

    @cached_property
    def _any_again(self) -> bool:
        return any(one.seen > 1 for one in self._counts.values())

    @cached_property
    def _all_known(self) -> int:
        return sum(is_known(count.label.name or "") for count in self._counts.values())

    @property
    def _is_examination(self) -> bool:
        """Whether questions and answers are marked so, as courts do; others are named in capitals, some only once."""
        return all(key in self._counts and self._counts[key].seen > 1 for key in ("q", "a"))

    @cached_property
    def _is_alternating(self) -> bool:
        """Whether two or more labels come again and again, each after another, from the beginning: people in talk."""
        distinct = sum(count.seen > 1 for count in self._counts.values())
        if distinct < 2 or not self._all_first or self._recurring < _MOST:  # noqa: PLR2004 -- two people
            return False
        changes = sum(before != after for before, after in pairwise(self._keys))
        changing = labels_change(self._keys) or (self._share >= _NEARLY_ALL and changes > _RUNS * len(self._keys))
        return changing and (self._timed or (self._share >= _MOST_STRETCHES and self._is_talk))

    @cached_property
    def _is_meeting(self) -> bool:
        """Whether "Project Manager" and "User Interface" talk with each other: a third of them say I, we or you."""
        titles = sum(count.seen > 1 and count.label.look is Look.FULL for count in self._counts.values())
        speaking = sum(word in _SPEAKS for word in self._text.lower().split())
        return titles > 0 and speaking >= len(self._keys) / 3

    @property
    def _is_conversation(self) -> bool:
        """Whether single words before colons are people's names: they take turns, or stand nearly everywhere."""
        if self._is_talk:
            return self._is_alternating or (len(self._counts) > 1 and self._people > 0)
        return self._people > 1 and self._share >= _NEARLY_ALL and self._first_names > 0

    @cached_property
    def _is_talk(self) -> bool:
        """False for a list under headings of one word each ("Serves: …", "Prep: …") in which nobody says I or you."""
        if any(
            count.strong or count.label.look in {Look.ROLE, Look.FULL, Look.CAPITALS} for count in self._counts.values()
        ):
            return True
        return "?" in self._text or not self._text.isascii() or not _SPEAKS.isdisjoint(self._text.lower().split())

    def _is_common(self, count: _Count) -> bool:
        """A single word that the text also writes small is a noun, not a name."""
        return count.label.look is Look.SINGLE and count.seen == 1 and count.label.key in self._small

    @cached_property
    def _small(self) -> frozenset[str]:
        return frozenset(word for word in _LOWER_WORD.findall(self._text) if word.islower())
