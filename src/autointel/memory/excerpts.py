"""Excerpts of memory that a model reads for a question: passages within a token budget, and quotes for its answer.

Whole stretches of talk are read, where search shows single moments: an answer mostly stands in neighbouring passages of
which few hold the question's words. So passages are weighed by the words (BM25, Robertson and Zaragoza, 2009), a
passage lends weight to its neighbours, and words that are telling in the best stretches are asked for too
(pseudo-relevance feedback, Lavrenko and Croft, 2001). ``autointel eval recall`` measures it on QMSum.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from autointel.domain.citation import Script
from autointel.domain.passage import Hit, Scope
from autointel.domain.transcript import Segment
from autointel.memory.findings import Found, Stores
from autointel.memory.moments import sentences, widened
from autointel.memory.question import named, telling, telling_run, without
from autointel.model.prompts import estimate_tokens
from autointel.render.sheet import moment
from autointel.text.carriers import Carriers, Lines, carriers
from autointel.text.carrying import Carried, Ground, carried

_FRAME: Final = 25
"""Tokens of a passage's number, title, speakers and place."""


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


@dataclass(frozen=True)
class Excerpt:
    """A passage with its sentences. ``spans`` are places in ``script.text``, in order."""

    hit: Hit
    script: Script
    spans: tuple[tuple[int, int], ...]
    published_at: date | None = None

    @classmethod
    def of(cls, hit: Hit, segments: Sequence[Segment], published_at: date | None = None) -> Self:
        """The excerpt over the segments of the passage; sentences run over their borders."""
        script = Script.over(segments, hit.source_url)
        return cls(hit, script, tuple(sentences(script)), published_at)

    def prompt(self, number: int) -> str:
        """The passage under its number, with its source, its speakers, its place and its day."""
        passage = self.hit.passage
        facts = (
            self.hit.source_title,
            ", ".join(passage.speakers),
            moment(passage.start, passage.paragraph),
            self.published_at.isoformat() if self.published_at else "",
        )
        return f"[M{number}] {passage.text}\n({', '.join(fact for fact in facts if fact)})"

    def carriers(self, text: str, language: str) -> Carriers | None:
        """The one to three neighbouring sentences that carry ``text``, or the likeliest with what is wrong."""
        lines = Lines(
            [self.script.text[slice(*span)] for span in self.spans],
            [self.script.speaker_at(span[0]) for span in self.spans],
        )
        return carriers(text, lines, (), self._ground(language))

    def quoting(self, found: Carriers) -> Found:
        """The passage, cited by these sentences."""
        start, end = self.spans[found.first][0], self.spans[found.last][1]
        citation = self.script.cite(start, end)
        return Found(
            passage=self.hit.passage,
            citation=citation,
            speaker=citation.speaker,
            source_title=self.hit.source_title,
            source_url=self.hit.source_url,
            namespace=self.hit.namespace,
            score=self.hit.score,
        )

    def _ground(self, language: str) -> Ground:
        return Ground((), around=(self.hit.source_title,), said_on=self.published_at, language=language)


def excerpts_of(hits: Sequence[Hit], stores: Stores) -> list[Excerpt]:
    """The passages as excerpts, in the order given. Blocks. Raises HomeUnusable."""
    # A source that was forgotten in between has no segments any more.
    segments = stores.words.within([widened(each.passage) for each in hits]) if hits else {}
    wanted = {each.passage.source_id for each in hits}
    days = {source.id: source.published_at for source in stores.index.sources() if source.id in wanted}
    return [
        Excerpt.of(each, segments[each.passage.id], days.get(each.passage.source_id))
        for each in hits
        if each.passage.id in segments
    ]


def within_budget(hits: Sequence[Hit], tokens: int) -> list[Hit]:
    """The first passages that take at most ``tokens`` together, and at least one; each source's in their order."""
    chosen: list[Hit] = []
    for hit in hits:
        tokens -= estimate_tokens(hit.passage.text) + _FRAME
        if chosen and tokens < 0:
            break
        chosen.append(hit)
    sources = list(dict.fromkeys(hit.passage.source_id for hit in chosen))
    return sorted(chosen, key=lambda hit: (sources.index(hit.passage.source_id), hit.passage.index))


def quotes_for(
    text: str, cited: Sequence[Excerpt], others: Sequence[Excerpt], language: str, *, checked: bool = True
) -> tuple[Found, ...]:
    """The quotes that carry ``text``; empty where none do, or the likeliest one where nothing is ``checked``.

    One of the ``cited`` excerpts alone comes first, then all of them together, then any other, since small models
    number their passages wrongly.
    """
    likeliest = [(excerpt, found) for excerpt in cited if (found := excerpt.carriers(text, language))]
    for excerpt, found in likeliest:
        if found.outcome:
            return (excerpt.quoting(found),)
    if len(likeliest) > 1:
        together = [excerpt.quoting(found) for excerpt, found in likeliest]
        if _carried_together(text, together, language):
            return tuple(together)
    for excerpt in others:
        found_there = excerpt.carriers(text, language)
        if found_there and found_there.outcome:
            return (excerpt.quoting(found_there),)
    return tuple(excerpt.quoting(found) for excerpt, found in likeliest[:1]) if not checked else ()


def _carried_together(text: str, quotes: Sequence[Found], language: str) -> Carried:
    said = tuple(f"{each.speaker} said: {each.citation.quote}" for each in quotes if each.speaker)
    return carried(text, Ground(tuple(each.citation.quote for each in quotes), said, language=language))


def likeliest(text: str, cited: Sequence[Excerpt], language: str) -> tuple[Found, Carried] | None:
    """The likeliest quote of the first excerpt under a sentence that none carries, and what is wrong with it."""
    for excerpt in cited:
        if found := excerpt.carriers(text, language):
            return excerpt.quoting(found), found.outcome
    return None


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
