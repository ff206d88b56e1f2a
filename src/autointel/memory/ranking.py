"""One order out of several scores: a sum of scores, each divided by the best of its kind.

Measured (``benchmark/evaluation/recall.py``) on three conversations of LoCoMo (Maharana et al., 2024): 493 questions of
categories 1 to 4, turns as passages, sessions as sources; means over the questions of the share of the evidence found.

=============================================================  =====  =====  =======
                                                                 R@5   R@10  nDCG@10
=============================================================  =====  =====  =======
keyword (bm25)                                                  .573   .633     .511
keyword, neighbours' words counting half                        .635   .732     .563
dense (wordllama), the question as it stands                    .189   .231     .160
dense, the question without the names of speakers               .479   .568     .422
keyword with neighbours, speaker, dates                         .703   .768     .624
all of these, dense always asked                                .694   .779     .624
**all of these, dense where keywords find little (ENOUGH)**     .703   .773     .628
=============================================================  =====  =====  =======

On QMSum (237 questions on 35 meetings, passages of 120 words, share of the wanted turns in the best 2,000 words), which
no weight was chosen on: keyword .503, without dense .570, as it is .571. ``autointel eval recall`` prints both.

So who speaks and when earn more than vectors do; vectors find what was said in other words. Ranks instead of scores
(reciprocal-rank fusion) lose to keyword alone. The weights were chosen on LoCoMo, so expect less elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Weights:
    """What the best of each kind adds. ``around`` is what a neighbour's word counts, against the passage's own."""

    around: float = 0.5
    keyword: float = 1.0
    dense: float = 0.2
    speaker: float = 0.3
    dates: float = 0.2


WEIGHTS: Final = Weights()

ENOUGH: Final = 0.5
"""Where one passage found by keyword holds this share of the question's telling words, vectors are not asked."""

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
