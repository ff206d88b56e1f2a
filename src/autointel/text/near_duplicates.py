"""Telling copies: the same talk uploaded twice, or quoted at length, is no second voice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from autointel.domain.transcript import Transcript
from autointel.text.opposites import direction
from autointel.text.statement import means, statement

_WORD: Final = re.compile(r"\w+")
_LENGTH: Final = 5  # words; people who speak of the same thing rarely share five in a row
_COPIED: Final = 0.5  # of a text's shingles


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
        direction(one, other, other) is None
        and direction(other, one, one) is None
        and one.dates == other.dates
        and len(one.denied) == len(other.denied)
        and all(any(q.is_same(p) for p in other.quantities) for q in one.quantities)
        and all(any(q.is_same(p) for p in one.quantities) for q in other.quantities)
    )
