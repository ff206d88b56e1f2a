"""One order out of several scores: a sum of scores, each divided by the best of its kind.

Ranks instead of scores (reciprocal-rank fusion) lose to keyword alone. The weights were chosen on three conversations
of LoCoMo (Maharana et al., 2024) and 35 meetings of QMSum (Zhong et al., 2021), so expect less elsewhere. What each
brings is in docs/evaluation.md; ``autointel eval recall`` prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final


@dataclass(frozen=True)
class Weights:
    """What the best of each kind adds.

    First the passages: ``around`` is what a neighbour's word counts in the index, ``beside`` the share of a
    neighbouring passage's score. Then the moments inside them: ``passage`` is their passage's score, ``before`` and
    ``after`` what a word counts that only the neighbouring moment has, ``meaning`` the moment's own vector.
    """

    around: float = 0.5
    keyword: float = 1.0
    dense: float = 0.2
    entity: float = 0.1
    speaker: float = 0.15
    dates: float = 0.3
    beside: float = 0.3
    passage: float = 1.2
    words: float = 1.0
    before: float = 0.4
    after: float = 0.25
    length: float = 0.15
    meaning: float = 0.15
    said_by: float = 0.3


WEIGHTS: Final = Weights()
_NOTHING: Final = Weights(**dict.fromkeys((each.name for each in fields(Weights)), 0.0))
KEYWORD_ONLY: Final = replace(_NOTHING, keyword=1.0, passage=1.0, words=1.0)
"""The words of the question alone, to measure against."""
VECTORS_ONLY: Final = replace(_NOTHING, dense=1.0, passage=1.0, meaning=1.0)
"""Nearness in meaning alone, to measure against."""

FLOOR: Final = 0.3
"""Cosine below which a passage says nothing of the question; without it, whatever is asked finds something."""


def fuse(parts: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> dict[str, float]:
    """Scores by passage id: for each part its weight times the score over the part's best; all scores are positive."""
    fused: dict[str, float] = {}
    for name, scores in parts.items():
        best = max(scores.values(), default=0.0)
        for key, score in scores.items():
            if best > 0:
                fused[key] = fused.get(key, 0.0) + weights[name] * score / best
    return fused


def with_neighbours(
    scores: Mapping[str, float], places: Mapping[str, tuple[str, int]], share: float
) -> dict[str, float]:
    """Scores with ``share`` of what the passage before and the one after scored; ``places`` are source and position."""
    at = {places[key]: score for key, score in scores.items()}
    return {
        key: score + share * sum(at.get((places[key][0], places[key][1] + step), 0.0) for step in (-1, 1))
        for key, score in scores.items()
    }
