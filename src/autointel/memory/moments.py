"""The moments inside found passages, ranked by their own words: what is cited is the moment, and not the passage."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from autointel.domain.citation import Script
from autointel.domain.passage import Hit, Passage
from autointel.domain.transcript import Segment
from autointel.memory.findings import Weights, best_span, sentences
from autointel.memory.question import forms_of, telling
from autointel.ports import Embedder

if TYPE_CHECKING:
    from autointel.domain.citation import Citation

_LONGEST: Final = 60
"""Words of a turn that are one moment; a longer turn is several."""
_USUAL: Final = 12
"""Telling words of a moment of the usual length."""
_EMBEDDED: Final = 32
"""Moments whose vectors are made for one question: 3 ms with the embedder that comes along."""
_NEAR: Final = 0.2
"""Cosine that says nothing: two sentences of everyday English have as much."""


@dataclass(frozen=True)
class Moment:
    """A sentence or short turn of a passage. ``share`` is the part of the question's weight that stands in or near it.

    ``near`` are its words with those of its neighbours.
    """

    hit: Hit
    script: Script
    span: tuple[int, int]
    words: frozenset[str]
    near: frozenset[str]
    score: float = 0.0

    @property
    def speaker(self) -> str | None:
        """Who speaks, if the source says so."""
        return self.script.speaker_at(self.span[0])

    @property
    def text(self) -> str:
        """Its words."""
        return self.script.text[slice(*self.span)]

    def cite(self, rarity: Mapping[str, float]) -> Citation:
        """Its best sentence: rare words weigh more than common ones."""
        return self.script.cite(*best_span(self.script, rarity, self.span))


@dataclass(frozen=True)
class Asked:
    """What the moments are ranked by: the question without names of speakers, those speakers, and weights."""

    said: str
    speakers: frozenset[str]
    weights: Weights


@dataclass(frozen=True)
class Ranked:
    """Moments, best first. ``rarity`` weighs the question's words, ``wanted`` their other forms too."""

    moments: Sequence[Moment]
    rarity: Mapping[str, float]
    wanted: Mapping[str, float]


def widened(passage: Passage) -> Passage:
    """The passage with one more segment on either side: sentences run over the borders of passages."""
    return passage.model_copy(update={"first": max(0, passage.first - 1), "last": passage.last + 1})


def moments_of(hit: Hit, segments: Sequence[Segment]) -> list[Moment]:
    """The moments that begin in the passage or stand mostly in it; ``segments`` are those of the widened passage.

    Captions without punctuation have no sentences: a run of them that begins before the passage is the passage's own.
    """
    script = Script.over(segments, hit.source_url)
    leading = min(1, hit.passage.first)
    inside = range(leading, leading + hit.passage.last - hit.passage.first + 1)
    spans = list(_spans(script))
    words = [frozenset(telling(script.text[slice(*span)])) for span in spans]
    found = []
    for at, span in enumerate(spans):
        if script.segment_at(span[0]) in inside or _stands_in(span, script.offsets[leading]):
            beside = words[max(0, at - 1) : at + 2]
            found.append(Moment(hit, script, span, words[at], frozenset().union(*beside)))
    return found


def _stands_in(span: tuple[int, int], border: int) -> bool:
    """Whether a span that begins before the border stands mostly behind it."""
    return span[0] < border and span[1] - border > border - span[0]


def _spans(script: Script) -> Iterator[tuple[int, int]]:
    """Sentences; the short ones of one segment together, so that a short turn is one moment."""
    begun: tuple[int, int] | None = None
    for start, end in sentences(script):
        if begun is not None:
            one = script.segment_at(begun[0]) == script.segment_at(end - 1)
            if one and script.text.count(" ", begun[0], end) < _LONGEST:
                begun = (begun[0], end)
                continue
            yield begun
        begun = (start, end)
    if begun is not None:
        yield begun


def rarity_in(said: str, texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """The question's telling words with a weight that is higher for those in fewer texts, as in BM25."""
    total = len(texts)
    counts = {word: sum(word in text for text in texts) for word in telling(said)}
    return {word: math.log(1 + (total - count + 0.5) / (count + 0.5)) for word, count in counts.items()}


def ranked_moments(
    moments: Sequence[Moment], fused: Mapping[str, float], asked: Asked, embedder: Embedder | None
) -> Ranked:
    """The moments, best first, and how rare each word of the question is among them, other forms of it included.

    Blocks for the embedder.
    """
    moments, forms = _with_forms(moments, telling(asked.said))
    rarity = rarity_in(asked.said, [moment.words for moment in moments])
    own = [_weight(moments, at, rarity, asked.weights) for at in range(len(moments))]
    meaning = _meaning(moments, own, fused, asked, embedder)
    most = max(own, default=0.0) or 1.0
    best = max(fused.values(), default=0.0) or 1.0
    weights = asked.weights
    scored = [
        weights.words * own[at] / most
        + weights.passage * fused[moment.hit.passage.id] / best
        + weights.said_by * (moment.speaker in asked.speakers)
        + weights.meaning * meaning.get(at, 0.0)
        for at, moment in enumerate(moments)
    ]
    order = sorted(
        range(len(moments)),
        key=lambda at: (-scored[at], moments[at].hit.passage.source_id, moments[at].hit.passage.index, at),
    )
    ranked = [replace(moments[at], score=scored[at]) for at in order]
    return Ranked(ranked, rarity, rarity | {form: rarity[word] for form, word in forms.items()})


def _with_forms(moments: Sequence[Moment], wanted: Sequence[str]) -> tuple[list[Moment], dict[str, str]]:
    """The moments with a word of the question where they hold a form of it ("häuser": "haus"), and those forms."""
    forms = forms_of(wanted, frozenset().union(*(moment.words for moment in moments)))
    there = [
        replace(moment, words=moment.words | {forms[word] for word in held}) if held else moment
        for moment in moments
        for held in [moment.words & forms.keys()]
    ]
    return there, forms


def _weight(moments: Sequence[Moment], at: int, rarity: Mapping[str, float], weights: Weights) -> float:
    """Its own words of the question, and for less those that only the moment before or after has."""
    moment = moments[at]
    length = 1 - weights.length + weights.length * len(moment.words) / _USUAL
    weight = sum(rare for word, rare in rarity.items() if word in moment.words) / length
    for step, share in ((-1, weights.before), (1, weights.after)):
        beside = moments[at + step] if 0 <= at + step < len(moments) else None
        if beside is not None and beside.hit is moment.hit:
            weight += share * sum(
                rare for word, rare in rarity.items() if word in beside.words and word not in moment.words
            )
    return weight


def _meaning(
    moments: Sequence[Moment],
    own: Sequence[float],
    fused: Mapping[str, float],
    asked: Asked,
    embedder: Embedder | None,
) -> dict[int, float]:
    """Nearness in meaning by index, 1 for the nearest; of the most promising moments only."""
    if embedder is None or not moments:
        return {}
    likely = sorted(range(len(moments)), key=lambda at: (-own[at] - fused[moments[at].hit.passage.id], at))[:_EMBEDDED]
    rows = embedder.embed([asked.said, *(moments[at].text for at in likely)])
    near = {at: max(0.0, float(score) - _NEAR) for at, score in zip(likely, rows[1:] @ rows[0], strict=True)}
    most = max(near.values()) or 1.0
    return {at: score / most for at, score in near.items()}
