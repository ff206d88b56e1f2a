"""Repeated text: the same talk twice or quoted at length, and one phrase over and over, which nobody said.

Speech recognition falls into such loops over silence, music and the end of a recording (Radford et al., 2022, section
4.5). Copies of a talk are no second voice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import eq
from typing import Final

from autointel.domain.transcript import Transcript
from autointel.text.opposites import direction
from autointel.text.quantities import in_digits
from autointel.text.statement import means, statement

_WORD: Final = re.compile(r"\w+")
_LENGTH: Final = 5  # words; people who speak of the same thing rarely share five in a row
_COPIED: Final = 0.5  # of a text's shingles
# Captions spell a name otherwise now and then, in long texts; numbers hardly ever once both are digits.
_MANY: Final = 20
_OTHER_NAMES: Final = 0.1
_OTHER_NUMBERS: Final = 0.02
_HEADER: Final = 3  # facts that only the older text has: the date above it
_FACT: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|[.!?:\n]")
_LEAST_LETTERS: Final = 2  # of a name
# People say a sentence twice or three times, and an assembly says "Aye" more often than that.
_MOST_TIMES: Final = 5
_MOST_TIMES_SHORT: Final = 14
_SHORT: Final = 2  # words
_LONGEST_CYCLE: Final = 3  # texts
# Inside one text: a phrase of up to so many words, repeated so often, over so many words in all.
_LONGEST_PHRASE: Final = 8
_MOST_PHRASES: Final = 7
_LEAST_WORDS: Final = 16
_NO_LETTERS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class OwnWords:
    """One source's words as shingles (Broder, "On the resemblance and containment of documents", 1997)."""

    source_id: str
    shingles: frozenset[str]

    @classmethod
    def of(cls, source_id: str, transcript: Transcript) -> OwnWords:
        """Linear in the transcript's length."""
        return cls(source_id, frozenset(_shingles(" ".join(segment.text for segment in transcript.segments))))

    def hold(self, text: str) -> bool:
        """Whether at least half of the text stands in the source, case and punctuation apart."""
        shingles = set(_shingles(text))
        return bool(shingles) and len(shingles & self.shingles) >= _COPIED * len(shingles)


def _shingles(text: str) -> Iterator[str]:
    words = _WORD.findall(text.lower())
    for first in range(max(1, len(words) - _LENGTH + 1)):
        yield " ".join(words[first : first + _LENGTH])


def states_the_same(older: Transcript, newer: Transcript) -> bool:
    """Whether two texts of nearly the same words state the same numbers, dates and names. Linear in their length.

    What only ``newer`` has is an addition, and loses nothing; what each has and the other lacks was exchanged.
    """
    one, other = _words_of(older), _words_of(newer)
    named = _names_of(one) | _names_of(other)
    counts = [Counter(word.casefold() for word in words) for words in (one, other)]
    for of_kind, share in ((lambda word: word[0].isdigit(), _OTHER_NUMBERS), (named.__contains__, _OTHER_NAMES)):
        before, after = (Counter({word: n for word, n in each.items() if of_kind(word)}) for each in counts)
        lost, added = (before - after).total(), (after - before).total()
        allowed = int(share * before.total()) if before.total() >= _MANY else 0
        if min(lost, added) > allowed or lost > max(allowed, _HEADER):
            return False
    return True


def _words_of(transcript: Transcript) -> list[str]:
    """Words, numbers as digits without their commas, and the signs that end a sentence."""
    text = in_digits("\n".join(segment.text for segment in transcript.segments), transcript.language or "en")
    return [re.sub(r"(?<=\d),(?=\d{3})", "", word) for word in _FACT.findall(text)]


def _names_of(words: Sequence[str]) -> set[str]:
    """Words, in small letters, that have a capital inside a sentence and never stand without."""
    small = {word for word in words if word.islower()}
    inside = (word for before, word in pairwise(words) if before not in ".!?:\n")
    names = {word.casefold() for word in inside if word[:1].isupper() and len(word) >= _LEAST_LETTERS}
    return names - small


def same_claim(first: str, second: str, language: str) -> bool:
    """Whether two sentences say the same: nearly the same words or their synonyms, numbers, dates and negation."""
    one, other = statement(first, language), statement(second, language)
    both = min(
        sum(stem in there.content_stems or means(stem, there) for stem in here.content_stems)
        for here, there in ((one, other), (other, one))
    )
    if 5 * both < 4 * max(len(one.content_stems), len(other.content_stems)):
        return False
    return (
        direction(one, other) is None
        and direction(other, one) is None
        and one.dates == other.dates
        and len(one.denied) == len(other.denied)
        and all(any(q.is_same(p) for p in other.quantities) for q in one.quantities)
        and all(any(q.is_same(p) for p in one.quantities) for q in other.quantities)
    )


def looped(texts: Sequence[str]) -> frozenset[int]:
    """Indexes of texts that repeat the one, two or three before them over and over; the first round is left.

    Linear in the number of texts.
    """
    # Most transcripts hold hardly any text twice, and then there is nothing to look for.
    if len(texts) - len(set(texts)) < _MOST_TIMES:
        return frozenset()
    folded = [_folded(text) for text in texts]
    found: set[int] = set()
    for period in range(1, _LONGEST_CYCLE + 1):
        first = 0
        for index in range(period, len(folded) + 1):
            if index < len(folded) and folded[index] and folded[index] == folded[index - period]:
                continue
            found.update(_loop(folded, first, index, period))
            first = index - period + 1
    return frozenset(found)


def _loop(folded: Sequence[str], first: int, stop: int, period: int) -> range:
    if stop - first <= _MOST_TIMES * period:
        return range(0)
    words = sum(len(text.split()) for text in folded[first : first + period])
    most = _MOST_TIMES_SHORT if words <= _SHORT else _MOST_TIMES
    return range(first + period, stop) if stop - first > most * period else range(0)


def loop_warning(count: int) -> str:
    """A warning about repetitions that were left out."""
    return f"Repetitions of one phrase over and over, as speech recognition makes up over silence, left out: {count}."


def loop_in(text: str) -> tuple[int, int] | None:
    """Where a phrase begins to come again and where its last repetition ends, in characters; None without a loop.

    Linear in the text's length: it is gone through once for each length of a phrase.
    """
    if len(text) < 2 * _LEAST_WORDS - 1:
        return None
    said = text.split()
    # As many different words as a text has when its longest phrase comes eight times are no loop.
    if len(said) < _LEAST_WORDS or len(set(said)) == len(said):
        return None
    folded = {word: _folded(word) for word in set(said)}
    words = [folded[word] for word in said]
    for period in range(1, _LONGEST_PHRASE + 1):
        least = max(_LEAST_WORDS, (_MOST_PHRASES + 1) * period) - period
        # A byte a word: 1 where it is the word a phrase earlier. Bytes are searched ten times faster than a list.
        again = bytes(map(eq, words[period:], words))
        first = again.find(b"\1" * least)
        if first >= 0:
            spans, after = [word.span() for word in re.finditer(r"\S+", text)], again.find(b"\0", first)
            last = (after if after >= 0 else len(again)) + period - 1
            return spans[first + period][0], spans[last][1]
    return None


def _folded(text: str) -> str:
    return " ".join(_NO_LETTERS.sub(" ", text.casefold()).split())
