"""Search across everything read: the strategies' passages in one order, then the moments inside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final, TypeAlias

from anyio import to_thread

from autointel.domain.citation import Citation
from autointel.domain.passage import Hit
from autointel.memory.dates import without_dates
from autointel.memory.findings import FLOOR, WEIGHTS, Filters, Findings, Found, Stores, Weights, fuse, with_neighbours
from autointel.memory.moments import Asked, Moment, Ranked, moments_of, ranked_moments, widened
from autointel.memory.question import as_typed, is_held, telling, with_numbers
from autointel.memory.strategies import (
    DATES,
    DENSE,
    ENTITY,
    KEYWORD,
    PHRASE,
    SPEAKER,
    Pool,
    Query,
    by_phrase,
    side_by_side,
    understand,
)

_READ: Final = 24
"""Passages in which moments are looked for; more brought nothing, and each costs a tenth of a millisecond."""
LEAST: Final = 0.12
"""Relevance of the best passage under which nothing is shown.

On LoCoMo and QMSum 98% of a conversation's own questions reach it, and 40% to 80% of those asked of another one.
"""
_BY_WORDS: Final = 0.8
_BY_MEANING: Final = 0.8
WEAK: Final = 0.3
"""Relevance of the best passage under which the reader is warned."""

_Cited: TypeAlias = tuple[Moment, Citation]


async def search(
    question: str,
    limit: int,
    stores: Stores,
    *,
    not_source: str | None = None,
    filters: Filters | None = None,
    weights: Weights = WEIGHTS,
    per_passage: int | None = None,
    today: date | None = None,
    least: float = LEAST,
) -> Findings:
    """The ``limit`` moments that fit the question best, up to ``per_passage`` of one passage. Equal input, equal order.

    Strategies that have something to look for run side by side. A phrase in quotation marks that stands in memory word
    for word ends the search early. Nothing is found where the best relevance is under ``least``. A vector memory that
    is down is named in ``warnings``; everything else raises HomeUnusable.
    """
    asked = await to_thread.run_sync(
        partial(understand, question, stores, filters or Filters(), not_source, today or date.today())  # noqa: DTZ011  the user's own day
    )
    pool = Pool()
    if not await by_phrase(asked, stores, pool):
        await side_by_side(asked, stores, weights, pool)
    return await to_thread.run_sync(
        partial(_shown, asked, pool, limit, stores, weights=weights, per_passage=per_passage, least=least)
    )


def _shown(
    asked: Query,
    pool: Pool,
    limit: int,
    stores: Stores,
    *,
    weights: Weights,
    per_passage: int | None,
    least: float,
) -> Findings:
    fused = _fused(asked, pool, weights)
    best = sorted(fused, key=lambda key: (-fused[key], *_place(pool.hits[key])))[: max(_READ, limit)]
    hits = [pool.hits[key] for key in best]
    words = stores.words.within([widened(hit.passage) for hit in hits]) if hits else {}
    # A source that was forgotten in between is not shown.
    moments = [moment for hit in hits if hit.passage.id in words for moment in moments_of(hit, words[hit.passage.id])]
    ranked = ranked_moments(
        moments,
        {key: fused[key] for key in best},
        Asked(with_numbers(asked.said), asked.speakers, weights),
        stores.embedder,
    )
    wanted, held = _asked_of_words(asked, ranked.rarity), _words_of(moments)
    relevance = _relevances(held, wanted, pool)
    everything = set[str]().union(*held.values())
    nearest = max(relevance.values(), default=0.0)
    missing = tuple(word for word in wanted if not is_held(word, everything))
    shows = nearest >= least or PHRASE in pool.scores
    chosen = _chosen(ranked, limit, per_passage) if shows else []
    return Findings(
        found=tuple(_found(cited, relevance, pool) for cited in chosen),
        seconds=dict(sorted(pool.seconds.items())),
        warnings=tuple(dict.fromkeys(pool.warnings)),
        nearest=round(nearest, 3),
        missing=as_typed(asked.text, missing),
        understood=asked.understood(),
    )


def _fused(asked: Query, pool: Pool, weights: Weights) -> dict[str, float]:
    by_kind = {
        KEYWORD: weights.keyword,
        DENSE: weights.dense,
        ENTITY: weights.entity,
        SPEAKER: weights.speaker,
        DATES: weights.dates,
        PHRASE: weights.keyword,
    }
    # Whoever found a passage, the speaker's own words count as such.
    if asked.speakers:
        spoken = {key: 1.0 for key, hit in pool.hits.items() if not asked.speakers.isdisjoint(hit.passage.speakers)}
        pool.scores[SPEAKER] = pool.scores.get(SPEAKER, {}) | spoken
    return with_neighbours(
        fuse(pool.scores, by_kind), {key: _place(hit) for key, hit in pool.hits.items()}, weights.beside
    )


def _place(hit: Hit) -> tuple[str, int]:
    return hit.passage.source_id, hit.passage.index


def _asked_of_words(asked: Query, rarity: Mapping[str, float]) -> Mapping[str, float]:
    """The weights without those of dates: a source of last March need not say "March"."""
    if not asked.dates:
        return rarity
    dates = set(telling(asked.said)) - set(telling(without_dates(asked.said)))
    return {word: rare for word, rare in rarity.items() if word not in dates}


def _words_of(moments: Sequence[Moment]) -> dict[str, set[str]]:
    """The stems of each passage; who speaks and where belong to what a passage says."""
    words: dict[str, set[str]] = {}
    for moment in moments:
        passage = moment.hit.passage
        if passage.id not in words:
            words[passage.id] = set(telling(" ".join((*passage.speakers, moment.hit.source_title))))
        words[passage.id] |= moment.words
    return words


def _relevances(words: Mapping[str, set[str]], rarity: Mapping[str, float], pool: Pool) -> dict[str, float]:
    """For each passage the share of the question's words in it, by weight. See ``relevance_of``."""
    total = sum(rarity.values())
    dense = pool.scores.get(DENSE, {})
    return {
        key: relevance_of(
            sum(rare for word, rare in rarity.items() if is_held(word, held)) / total if total else 1.0,
            dense.get(key, 0.0),
        )
        for key, held in words.items()
    }


def relevance_of(held: float, cosine: float) -> float:
    """Words and meaning together, in 0..1: ``held`` is the share of the question's words, by weight."""
    return min(1.0, _BY_WORDS * held + _BY_MEANING * max(0.0, cosine - FLOOR))


def _chosen(ranked: Ranked, limit: int, most: int | None) -> list[_Cited]:
    """The best moments with their citations; no sentence twice, and at most ``most`` of one passage."""
    chosen: dict[tuple[str, Citation], _Cited] = {}
    spent: dict[str, int] = {}
    for moment in ranked.moments:
        if len(chosen) == limit:
            break
        key = moment.hit.passage.id
        if most is not None and spent.get(key, 0) >= most:
            continue
        # A question is shown with its answer, so two moments may have one sentence.
        citation = moment.cite(ranked.wanted)
        place = (moment.hit.passage.source_id, citation)
        if place not in chosen:
            spent[key] = spent.get(key, 0) + 1
            chosen[place] = (moment, citation)
    return list(chosen.values())


def _found(cited: _Cited, relevance: Mapping[str, float], pool: Pool) -> Found:
    moment, citation = cited
    hit, key = moment.hit, moment.hit.passage.id
    parts = {name: round(scores[key], 4) for name, scores in pool.scores.items() if key in scores}
    return Found(
        passage=hit.passage,
        citation=citation,
        speaker=citation.speaker,
        source_title=hit.source_title,
        source_url=hit.source_url,
        namespace=hit.namespace,
        score=round(moment.score, 6),
        relevance=round(relevance[key], 3),
        similarity=pool.scores.get(DENSE, {}).get(key),
        strategies=tuple(parts),
        parts=parts,
    )
