"""Whether a label names a person: decided by the whole text, before any label is believed.

A label that is believed wrongly takes words out of the text and gives the words after it to somebody who never said
them; a label that is not believed stays in the words, and nobody is named. So doubt means nobody.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final

from autointel.adapters.sources.labels import Label, Look, Shape, name_key

_SENTENCE_END: Final = re.compile(r"[.!?…。？！;:—–-][\"'”’»)\]）」』]*\s*\Z|[♪\])）]\s*\Z")
_LOWER_WORD: Final = re.compile(r"\b[^\W\d_]+\b")
_CAPITALS: Final = 0.8
_STRONG: Final = frozenset({Shape.TAG, Shape.BOLD, Shape.TIMED})
# People who talk say one of these, or ask something.
_SPEAKS: Final = frozenset(
    "i i'm i've i'll i'd you your we we're our us me my mine hello hi thanks thank yes no ich du wir ihr je nous vous "
    "tu yo usted nosotros eu io noi jag ik wij ja nein oui non bye".split()
)
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
    seen: int = 0
    clean: int = 0
    strong: bool = False
    marked: bool = False
    begins: int = 0


@dataclass(frozen=True)
class Names:
    """The names that the text as a whole bears out: for each key, the spelling it was first met in."""

    spelled: Mapping[str, str] = field(default_factory=dict)
    doubted: frozenset[str] = frozenset()

    def ends_turn(self, label: Label) -> bool:
        """Whether a label that is not believed may name somebody else, so that whoever spoke before is done.

        A single word that no rule reads as a name does so only if it stands before a colon more than once.
        """
        if label.name is None:
            return False
        return label.shape is not Shape.DOUBTFUL or " " in label.name or label.key in self.doubted

    def of(self, label: Label) -> str | None:
        """Who the label names: "" where it says that nobody knows, None where it is not believed."""
        if label.name is None or label.shape is Shape.DOUBTFUL:
            return None
        return self.spelled.get(label.key) if label.name else ""

    def __bool__(self) -> bool:
        return bool(self.spelled)


def believed_names(
    sightings: Sequence[Sighting],
    words: Iterable[str],
    *,
    stretches: int,
    first: bool,
    timed: bool,
    given: Iterable[str] = (),
) -> Names:
    """The names to believe.

    ``words`` are the text's pieces with their labels, ``stretches`` how many cues or paragraphs hold words, ``first``
    whether the first of them is labelled, ``timed`` whether the text is captions or carries times, and ``given`` the
    speakers that the format itself names.
    """
    text = " ".join(words)
    spelled = {name_key(name): name for name in given if name}
    doubtful = Counter(each.label.key for each in sightings if each.label.shape is Shape.DOUBTFUL)
    doubted = frozenset(key for key, seen in doubtful.items() if seen > 1)
    sightings = [each for each in sightings if each.label.name and each.label.shape is not Shape.DOUBTFUL]
    if not sightings:
        return Names(spelled, doubted)
    folds = _folds([*spelled.values(), *(sighting.label.name or "" for sighting in sightings)])
    counts = _counted(sightings, folds)
    judge = _Judge(counts, text, stretches=stretches, first=first, timed=timed)
    believed = {key for key in counts if judge.believes(key)} | {folds.get(key, key) for key in spelled}
    for sighting in sightings:
        key = folds.get(sighting.label.key, sighting.label.key)
        if key in believed:
            name = spelled.setdefault(key, sighting.label.name or "")
            spelled.setdefault(sighting.label.key, name)
    return Names(spelled, doubted)


def ends_sentence(text: str) -> bool:
    """Whether the words end where a sentence does, so that another speaker may begin; true for no words at all."""
    return not text.strip() or _SENTENCE_END.search(text[-8:]) is not None


def _folds(names: Sequence[str]) -> dict[str, str]:
    """Surname to whole name, where exactly one whole name with it was met and it was met first: FELD, NORA FELD."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    place: dict[str, int] = {}
    for index, name in enumerate(names):
        key = name_key(name)
        place.setdefault(key, index)
        if " " in key and any(character.isalpha() for character in key.split()[-1]) and not key.split()[-1].isdigit():
            owners[key.split()[-1]].add(key)
    return {
        last: whole
        for last, keys in owners.items()
        if len(keys) == 1 and last in place and place[whole := next(iter(keys))] < place[last] and len(last) > 1
    }


def _counted(sightings: Sequence[Sighting], folds: Mapping[str, str]) -> dict[str, _Count]:
    counts: dict[str, _Count] = {}
    for sighting in sightings:
        label = sighting.label
        count = counts.setdefault(folds.get(label.key, label.key), _Count(label))
        count.seen += 1
        count.clean += sighting.after_end
        count.strong = count.strong or sighting.sure or label.shape in _STRONG
        count.marked = count.marked or label.mark.startswith(">>")
        count.begins += not label.rest or not label.rest[0].islower()
    return counts


def _in_capitals(text: str) -> bool:
    upper = sum(map(str.isupper, text))
    return upper > _CAPITALS * max(1, upper + sum(map(str.islower, text)))


class _Judge:
    """One text's evidence, and the verdict on each of its names."""

    def __init__(self, counts: dict[str, _Count], text: str, *, stretches: int, first: bool, timed: bool) -> None:
        self._counts, self._capitals, self._text = counts, _in_capitals(text), text
        self._timed = timed
        total = sum(count.seen for count in counts.values())
        self._total, self._share = total, total / max(1, stretches)
        # A single word met once is a name where nearly everything else is said under a name.
        self._others_share = (total - 1) / max(1, stretches - 1)
        self._all_first = first
        self._repeated = {count.label.look for count in counts.values() if count.seen > 1 and count.clean > 1}
        # Two or more names, each met once, with which the text begins, each after a finished sentence.
        self._dialogue = first and len(counts) > 1 and all(count.clean == count.seen for count in counts.values())

    def believes(self, key: str) -> bool:
        count = self._counts[key]
        look = count.label.look
        if count.strong or look is Look.ROLE:
            return True
        if count.label.shape is Shape.BRACKETS:
            return self._bracketed(count)
        if count.label.shape is Shape.LINE:
            # Titles of chapters stand there too, and none comes twice.
            return count.seen > 1 or look in self._repeated
        if self._capitals:
            # Capitals are no sign where everything is in capitals.
            return count.seen > 1 and len(key.split()) <= _MOST_CAPITAL_WORDS and count.clean > 1
        if count.seen > 1:
            return count.clean > 0 and (self._timed or (self._is_talk and not (self._alone and self._is_common(count))))
        return self._once(count, look)

    def _once(self, count: _Count, look: Look) -> bool:
        if not count.clean or not count.begins or self._is_common(count):
            return False
        if (count.marked or look is Look.CAPITALS) and self._timed:
            return True
        if look in self._repeated and (look is not Look.SINGLE or self._others_share >= 0.9):  # noqa: PLR2004 -- nearly all
            return True
        if not self._dialogue or self._repeated:
            return False
        return self._timed or (self._share >= 0.9 and (look is not Look.SINGLE or "?" in self._text))  # noqa: PLR2004

    def _bracketed(self, count: _Count) -> bool:
        others = [one for one in self._counts.values() if one.label.key != count.label.key]
        repeats = count.seen > 1 or any(one.seen > 1 for one in others)
        return bool(others) and repeats and self._share >= 0.25  # noqa: PLR2004 -- a quarter of all cues

    @property
    def _alone(self) -> bool:
        return len(self._counts) == 1

    @cached_property
    def _is_talk(self) -> bool:
        """False for a list under headings of one word each ("Serves: …", "Prep: …") in which nobody says I or you."""
        if any(count.strong or count.label.look is not Look.SINGLE for count in self._counts.values()):
            return True
        return "?" in self._text or not self._text.isascii() or not _SPEAKS.isdisjoint(self._text.lower().split())

    def _is_common(self, count: _Count) -> bool:
        """A single word that the text also writes small is a noun, not a name."""
        return count.label.look is Look.SINGLE and count.label.key in self._small

    @cached_property
    def _small(self) -> frozenset[str]:
        return frozenset(word for word in _LOWER_WORD.findall(self._text) if word.islower())


def labels_change(keys: Sequence[str]) -> bool:
    """Whether hardly any label repeats the one before: such labels stand where the speaker changes."""
    return sum(before != after for before, after in pairwise(keys)) >= 0.9 * (len(keys) - 1)
