"""The passages that a model reads for a question: whole stretches of talk, where search shows single moments.

An answer mostly stands in neighbouring passages of which few hold the question's words. So passages are weighed by the
words (BM25, Robertson and Zaragoza, 2009), a passage lends weight to its neighbours, and words that are telling in the
best stretches are asked for too (pseudo-relevance feedback, Lavrenko and Croft, 2001). ``autointel eval recall``
measures it on QMSum.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from autointel.domain.passage import Hit, Scope
from autointel.memory.findings import Found, Stores
from autointel.memory.question import named, telling, telling_run, without

_SOURCES: Final = 5
"""Sources that are read; those of the best moments."""
_MOST: Final = 2_000
"""Passages of these sources that are weighed: some 30 hours of talk, half a second."""
_SURE: Final = 2
"""Passages of the best moments that are read whatever their neighbours hold."""
_KERNEL: Final = (0.8, 0.6, 0.4, 0.2)
"""The share of its weight that a passage lends to its neighbours, from the nearest on."""
_SATURATION, _LENGTH = 1.2, 0.75
_SAID_BY: Final = 0.5
_STRETCHES: Final = 12
"""Best passages whose words are asked for too."""
_MORE_WORDS: Final = 15
_MORE: Final = 0.5
"""Weight of the most telling of these words; 1 is a word of the question."""
_COMMON: Final = 0.3
_SHORTEST: Final = 3


def reading(question: str, found: Sequence[Found], stores: Stores) -> list[Hit]:
    """All passages of the sources of the best moments, in the order in which they are worth reading.

    Blocks; linear in the words of these sources. Raises HomeUnusable.
    """
    chosen = dict.fromkeys(each.passage.source_id for each in found)
    scope = Scope(source_ids=frozenset(list(chosen)[:_SOURCES]))
    hits = stores.index.within(scope, _MOST) if chosen else []
    if not hits:
        return []
    speakers = named(question, {speaker for hit in hits for speaker in hit.passage.speakers})
    texts = _Texts.of(hits)
    spoken = [_SAID_BY * (not speakers.isdisjoint(hit.passage.speakers)) for hit in hits]
    asked = dict.fromkeys(telling(without(question, speakers)), 1.0)
    weights = _weighed(texts, asked, spoken)
    weights = _weighed(texts, _widened(texts, asked, weights), spoken)
    sure = list(dict.fromkeys(each.passage.id for each in found))[:_SURE]
    first = {passage_id: place for place, passage_id in enumerate(sure)}
    order = sorted(range(len(hits)), key=lambda at: (first.get(hits[at].passage.id, _SURE), -weights[at], at))
    return [hits[at].model_copy(update={"score": weights[at]}) for at in order]


@dataclass(frozen=True)
class _Texts:
    """Passages as counts of their telling stems; ``places`` are sources and positions."""

    counts: tuple[Counter[str], ...]
    lengths: tuple[int, ...]
    holding: Counter[str]
    places: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, hits: Sequence[Hit]) -> _Texts:
        counts = tuple(Counter(telling_run(hit.passage.text)) for hit in hits)
        return cls(
            counts,
            tuple(max(1, each.total()) for each in counts),
            Counter(stem for each in counts for stem in each),
            tuple((hit.passage.source_id, hit.passage.index) for hit in hits),
        )

    def rarity(self, stem: str) -> float:
        held = self.holding[stem]
        return math.log(1 + (len(self.counts) - held + 0.5) / (held + 0.5))


def _weighed(texts: _Texts, asked: Mapping[str, float], spoken: Sequence[float]) -> list[float]:
    """The weight of each passage with what its neighbours lend."""
    mean = sum(texts.lengths) / len(texts.lengths)
    rare = {stem: weight * texts.rarity(stem) for stem, weight in asked.items() if texts.holding[stem]}
    own = [_bm25(counts, length / mean, rare) for counts, length in zip(texts.counts, texts.lengths, strict=True)]
    most = max(own) or 1.0
    weight = {place: own[at] / most + spoken[at] for at, place in enumerate(texts.places)}
    return [
        weight[source, index]
        + sum(
            share * (weight.get((source, index - step), 0.0) + weight.get((source, index + step), 0.0))
            for step, share in enumerate(_KERNEL, start=1)
        )
        for source, index in texts.places
    ]


def _bm25(counts: Counter[str], length: float, rare: Mapping[str, float]) -> float:
    norm = _SATURATION * (1 - _LENGTH + _LENGTH * length)
    return sum(weight * counts[stem] * (_SATURATION + 1) / (counts[stem] + norm) for stem, weight in rare.items())


def _widened(texts: _Texts, asked: Mapping[str, float], weights: Sequence[float]) -> dict[str, float]:
    """The question's words with those that are telling in the best stretches."""
    best = sorted(range(len(weights)), key=lambda at: (-weights[at], at))[:_STRETCHES]
    top = weights[best[0]] or 1.0
    shares: defaultdict[str, float] = defaultdict(float)
    for at in best:
        for stem, count in texts.counts[at].items():
            shares[stem] += count / texts.lengths[at] * weights[at] / top
    telling_here = {
        stem: share * texts.rarity(stem)
        for stem, share in shares.items()
        if len(stem) >= _SHORTEST and texts.holding[stem] < _COMMON * len(texts.counts)
    }
    chosen = sorted(telling_here.items(), key=lambda item: (-item[1], item[0]))[:_MORE_WORDS]
    return {
        **asked,
        **{stem: asked.get(stem, 0.0) + _MORE * share / chosen[0][1] for stem, share in chosen if share > 0},
    }
