"""Search across everything read: keyword, meaning, speaker and date, each with its own time, in one order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Final, TypeVar

from anyio import to_thread
from pydantic import Field

from autointel.domain.citation import Citation
from autointel.domain.passage import Hit, Passage
from autointel.domain.script import Script
from autointel.domain.source import Source
from autointel.domain.transcript import Segment
from autointel.domain.value import Value
from autointel.errors import HomeUnusable, ModelUnavailable, StoreUnavailable
from autointel.memory.best_sentence import best_span
from autointel.memory.question import Dates, coverage, named, rarity, telling, without
from autointel.memory.ranking import ENOUGH, FLOOR, WEIGHTS, Weights, fuse
from autointel.ports import PassageIndex, SpokenWords, VectorMemory

Answer = TypeVar("Answer")

_DEPTH: Final = 100
"""Candidates of each strategy. Of the evidence that is ever found, nearly all is among them."""
_LOOKED_AT: Final = 20
"""Of the best by keyword, how many are read to tell whether they are enough and which words are rare."""
KEYWORD, DENSE, SPEAKER, DATES = "keyword", "dense", "speaker", "dates"


@dataclass(frozen=True)
class Stores:
    """What is searched. Without ``memory``, or where it is down, by keyword alone."""

    index: PassageIndex
    words: SpokenWords
    memory: VectorMemory | None = None


class Found(Value):
    """A passage, and the sentence of it that is shown. ``score`` is comparable within one search only.

    ``similarity`` is the cosine between question and passage, None where the strategy did not find it.
    """

    passage: Passage
    citation: Citation
    speaker: str | None
    source_title: str
    source_url: str | None
    namespace: str
    score: float
    similarity: float | None = None
    strategies: tuple[str, ...] = ()


class Findings(Value):
    """Best first. ``seconds`` are of each strategy; ``warnings`` say what could not be asked."""

    found: tuple[Found, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass
class _Pool:
    """What the strategies have brought so far."""

    hits: dict[str, Hit] = field(default_factory=dict)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(self, strategy: str, hits: Sequence[Hit]) -> None:
        self.scores[strategy] = {hit.passage.id: hit.score for hit in hits}
        for hit in hits:
            self.hits.setdefault(hit.passage.id, hit)


async def search(
    question: str, limit: int, stores: Stores, *, not_source: str | None = None, weights: Weights = WEIGHTS
) -> Findings:
    """The ``limit`` passages that fit the question best, each with its best sentence. Equal input, equal order.

    Vectors are asked where keywords find little: a rule decides, never the clock. A vector memory that is down is named
    in ``warnings``; everything else raises HomeUnusable.
    """
    pool = _Pool()
    sources: list[Source] = []
    dates = Dates.of(question)
    await _keyword(question, stores, not_source, weights, pool)
    if dates:
        sources = await _timed(stores.index.sources, DATES, pool)
    speakers = named(question, (speaker for hit in pool.hits.values() for speaker in hit.passage.speakers))
    looked = [frozenset(telling(_words_of(hit))) for hit in list(pool.hits.values())[:_LOOKED_AT]]
    said = without(question, speakers)
    if coverage(question, looked) < ENOUGH:
        await _dense(said, stores, not_source, pool)
    pool.scores[SPEAKER] = _marked(pool, lambda hit: not speakers.isdisjoint(hit.passage.speakers))
    fitting = {source.id for source in sources if dates.fit(source.published_at)}
    pool.scores[DATES] = _marked(pool, lambda hit: hit.passage.source_id in fitting)
    return await _shown(rarity(said, looked), pool, _ranked(pool, weights)[:limit], stores)


def _words_of(hit: Hit) -> str:
    """Who speaks and where belong to what a passage says."""
    return " ".join((hit.passage.text, *hit.passage.speakers, hit.source_title))


async def _keyword(question: str, stores: Stores, not_source: str | None, weights: Weights, pool: _Pool) -> None:
    ask = partial(stores.index.keyword, question, _DEPTH, not_source=not_source, around=weights.around)
    pool.add(KEYWORD, await _timed(ask, KEYWORD, pool))


async def _dense(question: str, stores: Stores, not_source: str | None, pool: _Pool) -> None:
    if stores.memory is None:
        return
    began = perf_counter()
    try:
        nearest = await stores.memory.nearest(question, _DEPTH, not_source=not_source)
    except (StoreUnavailable, HomeUnusable, ModelUnavailable) as error:
        pool.warnings.append(f"Searched by keyword only. {error.message}")
        return
    near = {record.passage_id: score for record, score in nearest if score >= FLOOR}
    pool.add(DENSE, await to_thread.run_sync(stores.index.hits, near) if near else [])
    pool.seconds[DENSE] = perf_counter() - began


async def _timed(ask: Callable[[], Answer], strategy: str, pool: _Pool) -> Answer:
    began = perf_counter()
    answer = await to_thread.run_sync(ask)
    pool.seconds[strategy] = perf_counter() - began
    return answer


def _marked(pool: _Pool, fits: Callable[[Hit], bool]) -> dict[str, float]:
    return {key: 1.0 for key, hit in pool.hits.items() if fits(hit)}


def _ranked(pool: _Pool, weights: Weights) -> list[Hit]:
    fused = fuse(
        pool.scores,
        {KEYWORD: weights.keyword, DENSE: weights.dense, SPEAKER: weights.speaker, DATES: weights.dates},
    )
    hits = (hit.model_copy(update={"score": fused[key]}) for key, hit in pool.hits.items() if key in fused)
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.source_id, hit.passage.index))


async def _shown(wanted: Mapping[str, float], pool: _Pool, ranked: Sequence[Hit], stores: Stores) -> Findings:
    words = await to_thread.run_sync(stores.words.within, [hit.passage for hit in ranked]) if ranked else {}
    return Findings(
        # A source that was forgotten in between is not shown.
        found=tuple(_found(wanted, hit, words[hit.passage.id], pool) for hit in ranked if hit.passage.id in words),
        seconds=dict(sorted(pool.seconds.items())),
        warnings=tuple(dict.fromkeys(pool.warnings)),
    )


def _found(wanted: Mapping[str, float], hit: Hit, segments: Sequence[Segment], pool: _Pool) -> Found:
    script = Script.over(segments, hit.source_url)
    start, end = best_span(script, wanted)
    key = hit.passage.id
    return Found(
        passage=hit.passage,
        citation=script.cite(start, end),
        speaker=script.speaker_at(start),
        source_title=hit.source_title,
        source_url=hit.source_url,
        namespace=hit.namespace,
        score=round(hit.score, 6),
        similarity=pool.scores.get(DENSE, {}).get(key),
        strategies=tuple(name for name, scores in pool.scores.items() if key in scores),
    )
