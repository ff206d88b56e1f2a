"""Approximate chapters: where the subject of a talk changes.

Before and after each sentence some 600 words are compared by their vectors (TextTiling, Hearst, 1997, with embeddings
for words); a chapter begins where the two differ by much more than is usual in this talk, sooner where somebody
announces the next matter. Approximate, and called so: ``docs/evaluation.md`` has the measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from autointel.text.word_lists import pattern_list

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MIN_WORDS: Final = 1_500
_MAX_CHAPTERS: Final = 20
# Words on either side of a border that are compared, and the shortest chapter at the ends and between.
_AROUND: Final = 600
_EDGE: Final = 400
_SHORTEST: Final = 1_200
# Standard deviations above the talk's mean distance at which a chapter begins; what an announcement adds.
_CHANGE: Final = 2.4
_ANNOUNCED: Final = 1.6
# How much more it adds by the speaker who announces most often, and less by all others.
_BY_LEADER: Final = 0.4
# Unit vectors of which the means are so far apart have nothing in common: that is a change, however usual here.
_APART: Final = 0.8
# Distances that vary less than this say the same throughout.
_ALIKE: Final = 1e-3


def chapter_starts(
    vectors: NDArray[np.float32],
    words: Sequence[int],
    texts: Sequence[str],
    speakers: Sequence[str | None] = (),
) -> list[int]:
    """Indexes of the sentences that open a chapter, the first included; empty where the recording is too short, or
    says the same throughout.

    Each sentence has a row of ``vectors``, a number of words, a text and, where ``speakers`` are given, a speaker.
    Time is linear in their number.
    """
    before = np.concatenate([[0], np.cumsum(np.asarray(words, dtype=np.int64))])
    total = int(before[-1])
    if total < _MIN_WORDS:
        return []
    places = [at for at in range(1, len(words)) if _EDGE <= before[at] <= total - _EDGE]
    apart = _distances(np.asarray(vectors, dtype=np.float64), np.asarray(words), before, places)
    if not places or float(apart.std()) < _ALIKE:
        return []
    announced = _announcements(texts, speakers)
    change = (apart - apart.mean()) / apart.std()
    change += [_ANNOUNCED * announced[at] for at in places]
    change = np.round(change + np.where(apart > _APART, 1.0, 0.0), 5)
    starts: list[int] = []
    for order in np.argsort(-change, kind="stable"):
        if change[order] < _CHANGE or len(starts) == _MAX_CHAPTERS - 1:
            break
        if all(abs(before[places[order]] - before[start]) >= _SHORTEST for start in starts):
            starts.append(places[order])
    return [0, *sorted(starts)] if starts else []


def _announcements(texts: Sequence[str], speakers: Sequence[str | None]) -> list[float]:
    """For each sentence 0, or about 1 where it announces what comes next: more by whoever does so most, who leads."""
    pattern = pattern_list("announcement")
    found = [float(bool(pattern.search(text))) for text in texts]
    counts = Counter(who for who, here in zip(speakers, found, strict=False) if who and here)
    if not counts:
        return found
    leader = max(sorted(counts), key=lambda who: counts[who])
    return [
        here * (1 + _BY_LEADER if who == leader else 1 - _BY_LEADER) for here, who in zip(found, speakers, strict=True)
    ]


def _distances(
    vectors: NDArray[np.float64], words: NDArray[np.int64], before: NDArray[np.int64], places: Sequence[int]
) -> NDArray[np.float64]:
    """How far apart the mean vectors before and after each place are."""
    moved = vectors * words[:, None]
    sums = np.vstack([np.zeros((1, moved.shape[1])), np.cumsum(moved, axis=0)])
    at = np.asarray(places, dtype=np.int64)
    low = np.searchsorted(before, before[at] - _AROUND)
    high = np.minimum(np.searchsorted(before, before[at] + _AROUND), len(words))
    left = (sums[at] - sums[low]) / np.maximum(1, before[at] - before[low])[:, None]
    right = (sums[high] - sums[at]) / np.maximum(1, before[high] - before[at])[:, None]
    return np.asarray(np.linalg.norm(left - right, axis=1))
