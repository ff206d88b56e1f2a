"""Whether a label names a person: decided by the whole text, before any label is believed.

A label that is believed wrongly takes words out of the text and gives the words after it to somebody who never said
them; a label that is not believed stays in the words, and nobody is named. So doubt means nobody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final

from autointel.adapters.sources.exchanges import is_question_or_answer, labels_change, people_in_exchange
from autointel.adapters.sources.labels import NAMES_TOO, Label, Look, Shape
from autointel.adapters.sources.likelihood import NUMBERED, Likely, first_names, is_described, is_known, is_word, likely
from autointel.adapters.sources.markup import in_capitals
from autointel.adapters.sources.spellings import name_key, names_nobody, short_forms

_SENTENCE_END: Final = re.compile(r"[.!?…。？！।॥؟۔።။;:—–-][\"'”’»)\]）」』]*\s*\Z|[♪\])）]\s*\Z")
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
_SHARE_ABOVE: Final = 0.15
# Names in capitals throughout are short; a longer one is the head of a sentence.
_MOST_CAPITAL_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Sighting:
    """A candidate label where it stands. ``after_end``: what precedes it ends a sentence, or nothing does; ``sure``:
    what stands around it, such as a time, says that it is a label.
    """

    label: Label
    after_end: bool = True
    sure: bool = False


@dataclass(slots=True)
class _Count:
    label: Label
    likely: Likely
    seen: int = 0
    clean: int = 0
    strong: bool = False
    marked: bool = False
    begins: int = 0


@dataclass(frozen=True)
class Names:
    """The names that the text as a whole bears out: for each key, the spelling it was first met in; ``above`` tells
    whether names stand on lines of their own, above the words.
    """

    spelled: Mapping[str, str] = field(default_factory=dict)
    doubted: frozenset[str] = frozenset()
    above: bool = False

    def ends_turn(self, label: Label) -> bool:
        """Whether a label that is not believed may name somebody else, so that whoever spoke before is done.

        A single word that no rule reads as a name does so only if it stands before a colon more than once.
        """
        if label.name is None or label.shape is Shape.ALONE:
            return self.above and label.shape is Shape.ALONE
        weak = label.shape is Shape.DOUBTFUL or (label.name != "" and label.look is Look.HANDLE)
        return not weak or " " in label.name or label.key in self.doubted

    def of(self, label: Label) -> str | None:
        """Who the label names: "" where it says that nobody knows, None where it is not believed."""
        if label.name is None or (label.shape is Shape.ALONE and not self.above):
            return None
        if label.name == "":
            return "" if self.spelled or "" in self.doubted or label.shape not in {Shape.DOUBTFUL, Shape.BOLD} else None
        if label.shape is Shape.DOUBTFUL and not is_question_or_answer(label):
            return None
        return self.spelled.get(label.key)

    def __bool__(self) -> bool:
        return bool(self.spelled)


def believed_names(
    sightings: Sequence[Sighting],
    words: Iterable[str],
    *,
    stretches: int,
    first: Iterable[Label],
    timed: bool,
    given: Iterable[str] = (),
    blocks: int | None = None,
) -> Names:
    """The names to believe.

    ``words`` are the text's pieces with their labels, ``stretches`` how many cues or paragraphs hold words, ``first``
    the labels with which the first of them begin, ``timed`` whether the text is captions or carries times, and
    ``given`` the speakers that the format itself names. ``blocks`` counts the paragraphs, where ``stretches`` counts
    lines.
    """
    text = " ".join(words)
    spelled = {name_key(name): name for name in given if name}
    doubtful = Counter(
        each.label.key
        for each in sightings
        if each.label.shape is Shape.DOUBTFUL or (each.label.name and each.label.look is Look.HANDLE)
    )
    doubted = frozenset(key for key, seen in doubtful.items() if seen > 1 and (key or timed))
    labels = [each.label for each in sightings if each.label.name]
    exchange = people_in_exchange(labels, text, stretches=stretches, timed=timed)

    def may_name(label: Label) -> bool:
        return label.shape is not Shape.DOUBTFUL or (is_question_or_answer(label) and label.key in exchange)

    sightings = [each for each in sightings if each.label.name and may_name(each.label)]
    above = _stand_above(sightings, stretches if blocks is None else blocks)
    if not above:
        sightings = [each for each in sightings if each.label.shape is not Shape.ALONE]
    if not sightings or 2 * sum(_is_figures(each.label.rest) for each in sightings) > len(sightings):
        return Names(spelled, doubted)
    named = [*spelled.values(), *(sighting.label.name or "" for sighting in sightings)]
    folds = short_forms([name for name in named if not is_described(name)])
    counts = _counted(sightings, folds, exchange)
    keys = [folds.get(sighting.label.key, sighting.label.key) for sighting in sightings]
    judge = _Judge(counts, keys, text, stretches=stretches, first=any(map(may_name, first)), timed=timed)
    believed = {key for key in counts if key in exchange or judge.believes(key)} | {
        folds.get(key, key) for key in spelled
    }
    for sighting in sightings:
        key = folds.get(sighting.label.key, sighting.label.key)
        if key in believed:
            name = spelled.setdefault(key, sighting.label.name or "")
            spelled.setdefault(sighting.label.key, name)
    numbered = [key for key in spelled if NUMBERED.fullmatch(key) and len(key) > 1]
    if {key[0] for key in numbered} == {"q", "a"}:
        # "Q1", "A1", "Q2": one person asks all of them, and one answers.
        spelled.update({key: key[0].upper() for key in numbered})
    if "q" in spelled:
        # The answer may stand behind the question, in its line.
        spelled.setdefault("a", "A")
    return Names(spelled, doubted, above)


def _is_figures(words: str) -> bool:
    """Whether what stands behind a label is a number and no speech, as in a list of telephones or prices."""
    return words[:1].isdigit() and ":" not in words and not any(map(str.isalpha, words))


def _stand_above(sightings: Sequence[Sighting], blocks: int) -> bool:
    """Whether this text has names on lines of their own: some recur, and no other labels outnumber them."""
    alone = Counter(each.label.key for each in sightings if each.label.shape is Shape.ALONE)
    recurring = [seen for seen in alone.values() if seen > 1]
    others = len(sightings) - sum(alone.values())
    return (
        len(alone) > 1
        and sum(recurring) >= 0.5 * sum(alone.values())
        and sum(recurring) >= _SHARE_ABOVE * blocks
        and others < sum(recurring)
    )


def ends_sentence(text: str) -> bool:
    """Whether the words end where a sentence does, so that another speaker may begin; true for no words at all."""
    # Nearly every line ends with a letter, and then there is nothing to look for.
    return not text[-1:].isalnum() and (not text.strip() or _SENTENCE_END.search(text[-8:]) is not None)


def _counted(sightings: Sequence[Sighting], folds: Mapping[str, str], people: frozenset[str]) -> dict[str, _Count]:
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


class _Judge:
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
