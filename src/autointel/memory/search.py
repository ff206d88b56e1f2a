"""Search across everything read: five strategies side by side, one order of passages, then of moments inside them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from time import perf_counter
from typing import Final, TypeAlias

import anyio
from anyio import to_thread
from pydantic import Field

from autointel.domain.citation import Citation
from autointel.domain.passage import Hit, Passage, Scope
from autointel.domain.source import Source
from autointel.domain.value import Value
from autointel.errors import HomeUnusable, ModelUnavailable, StoreUnavailable
from autointel.memory.dates import Dates, days_in, without_dates
from autointel.memory.moments import Asked, Moment, moments_of, ranked_moments, widened
from autointel.memory.question import named, names_in, phrases_in, telling, without
from autointel.memory.ranking import FLOOR, WEIGHTS, Weights, fuse, with_neighbours
from autointel.ports import Embedder, PassageIndex, SpokenWords, VectorMemory

_DEPTH: Final = 100
"""Candidates of each strategy. Of the evidence that is ever found, nearly all is among them."""
_NARROW: Final = 40
"""Candidates of the strategies that a name, a speaker or a date brings."""
_READ: Final = 24
"""Passages in which moments are looked for; more brought nothing, and each costs a tenth of a millisecond."""
_EVENTS: Final = 20
"""Passages in which the day of an event is looked for."""
LEAST: Final = 0.12
"""Relevance of the best passage under which nothing is shown.

On LoCoMo and QMSum 98% of a conversation's own questions reach it, and 40% to 80% of those asked of another one.
"""
_ALIKE: Final = 6  # letters
_BY_WORDS: Final = 0.8
_BY_MEANING: Final = 0.8
WEAK: Final = 0.3
"""Relevance of the best passage under which the reader is warned."""
KEYWORD, DENSE, ENTITY, SPEAKER, DATES, PHRASE = "keyword", "dense", "entity", "speaker", "dates", "phrase"

_Cited: TypeAlias = tuple[Moment, Citation]
_Strategy: TypeAlias = Callable[[], Awaitable[Sequence[Hit]]]


@dataclass(frozen=True)
class Stores:
    """What is searched. Without ``memory``, or where it is down, by keyword alone.

    ``embedder`` is one that is faster than a look-up: it compares the moments of found passages with the question.
    """

    index: PassageIndex
    words: SpokenWords
    memory: VectorMemory | None = None
    embedder: Embedder | None = None


class Filters(Value):
    """What the user restricts a search to. ``source`` is part of a title or address, ``speaker`` part of a name.

    A source without a date passes no date.
    """

    source: str | None = None
    speaker: str | None = None
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return any((self.source, self.speaker, self.since, self.until))


class Found(Value):
    """A moment of a passage, and the sentence of it that is shown. ``score`` is comparable within one search only.

    ``relevance``, in 0..1, is comparable between searches: the share of the question's words, rare ones weighing more,
    that the passage holds. ``similarity`` is the cosine between question and passage, None where vectors did not find
    it. ``parts`` are the scores that each strategy gave the passage.
    """

    passage: Passage
    citation: Citation
    speaker: str | None
    source_title: str
    source_url: str | None
    namespace: str
    score: float
    relevance: float = 1.0
    similarity: float | None = None
    strategies: tuple[str, ...] = ()
    parts: dict[str, float] = Field(default_factory=dict)


class Findings(Value):
    """Best first. ``seconds`` are of each strategy; ``warnings`` say what could not be asked.

    ``nearest`` is the relevance of the best passage even where it was too low to show; ``understood`` says what the
    question was taken to ask for.
    """

    found: tuple[Found, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    nearest: float = 0.0
    understood: dict[str, str] = Field(default_factory=dict)


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


@dataclass(frozen=True)
class _Question:
    """The question as the strategies ask it."""

    text: str
    said: str
    speakers: frozenset[str]
    names: tuple[str, ...]
    phrases: tuple[str, ...]
    dates: Dates
    scope: Scope
    sources: tuple[Source, ...]
    not_source: str | None

    def understood(self) -> dict[str, str]:
        period = self.dates
        told = {
            "words": " ".join(telling(self.said)),
            "speakers": ", ".join(sorted(self.speakers)),
            "names": ", ".join(self.names),
            "phrases": ", ".join(self.phrases),
            "years": ", ".join(map(str, sorted(period.years))),
            "months": ", ".join(map(str, sorted(period.months))),
            "from": str(period.first or ""),
            "to": str(period.last or ""),
            "event": f"{period.bound} {period.event}" if period.event else "",
        }
        return {name: value for name, value in told.items() if value}


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
        partial(_understand, question, stores, filters or Filters(), not_source, today or date.today())  # noqa: DTZ011  the user's own day
    )
    pool = _Pool()
    if not await _by_phrase(asked, stores, pool):
        await _side_by_side(asked, stores, weights, pool)
    return await to_thread.run_sync(
        partial(_shown, asked, pool, limit, stores, weights=weights, per_passage=per_passage, least=least)
    )


def _understand(question: str, stores: Stores, filters: Filters, not_source: str | None, today: date) -> _Question:
    everybody = stores.index.speakers()
    speakers = named(question, everybody)
    dates = Dates.of(question, today)
    wants_sources = bool(dates or filters.source or filters.since or filters.until)
    sources = tuple(stores.index.sources()) if wants_sources else ()
    day = _day_of(dates.event, stores.index, sources) if dates.event else None
    if day is not None:
        dates, question = dates.dated(day), dates.without_event(question)
    return _Question(
        text=question,
        said=without(question, speakers),
        speakers=speakers,
        names=tuple(name for name in names_in(question) if not named(name, speakers)),
        phrases=phrases_in(question),
        dates=dates,
        scope=_scope(filters, sources, everybody),
        sources=sources,
        not_source=not_source,
    )


def _scope(filters: Filters, sources: Sequence[Source], everybody: Sequence[str]) -> Scope:
    ids = None
    if filters.source or filters.since or filters.until:
        ids = frozenset(source.id for source in sources if passes(source, filters))
    speakers = None
    if filters.speaker:
        wanted = filters.speaker.casefold()
        speakers = frozenset(name for name in everybody if wanted in name.casefold())
    return Scope(source_ids=ids, speakers=speakers)


def passes(source: Source, filters: Filters) -> bool:
    """Whether a search restricted so looks into the source."""
    if filters.source:
        wanted = filters.source.casefold()
        places = (source.id, source.title, source.url or "", str(source.path or ""))
        if not any(wanted in place.casefold() for place in places):
            return False
    day = source.published_at
    if filters.since and (day is None or day < filters.since):
        return False
    return not (filters.until and (day is None or day > filters.until))


async def _by_phrase(asked: _Question, stores: Stores, pool: _Pool) -> bool:
    if not asked.phrases:
        return False
    found: dict[str, Hit] = {}
    began = perf_counter()
    for phrase in asked.phrases:
        ask = partial(stores.index.phrase, phrase, _DEPTH, not_source=asked.not_source, scope=asked.scope)
        found |= {hit.passage.id: hit for hit in await to_thread.run_sync(ask)}
    pool.seconds[PHRASE] = perf_counter() - began
    if found:
        pool.add(PHRASE, list(found.values()))
    return bool(found)


async def _side_by_side(asked: _Question, stores: Stores, weights: Weights, pool: _Pool) -> None:
    strategies = _strategies(asked, stores, weights, pool)
    brought: dict[str, Sequence[Hit]] = {}

    async def run(name: str) -> None:
        began = perf_counter()
        brought[name] = await strategies[name]()
        pool.seconds[name] = perf_counter() - began

    try:
        async with anyio.create_task_group() as tasks:
            for name in strategies:
                tasks.start_soon(run, name)
    except* HomeUnusable as several:
        raise several.exceptions[0] from None
    for name in strategies:  # in a fixed order, whichever came first
        pool.add(name, brought[name])


def _strategies(asked: _Question, stores: Stores, weights: Weights, pool: _Pool) -> dict[str, _Strategy]:
    """Those that have something to look for."""
    index = stores.index
    keyword = partial(index.keyword, not_source=asked.not_source, scope=asked.scope)
    able: dict[str, tuple[object, _Strategy]] = {
        KEYWORD: (telling(asked.text), _thread(partial(keyword, asked.text, _DEPTH, around=weights.around))),
        DENSE: (stores.memory, partial(_dense, asked, stores, pool)),
        ENTITY: (asked.names, _thread(partial(keyword, " ".join(asked.names), _NARROW, around=0.0))),
        SPEAKER: (asked.speakers, _thread(partial(_by_speaker, asked, index))),
        DATES: (asked.dates, _thread(partial(_by_date, asked, index))),
    }
    return {name: strategy for name, (sought, strategy) in able.items() if sought}


def _thread(ask: Callable[[], Sequence[Hit]]) -> _Strategy:
    return partial(to_thread.run_sync, ask)


async def _dense(asked: _Question, stores: Stores, pool: _Pool) -> Sequence[Hit]:
    if stores.memory is None:
        return ()
    # The store does not know the scope; a narrow one may hold few of the nearest.
    limit = _DEPTH * (10 if asked.scope else 1)
    try:
        nearest = await stores.memory.nearest(asked.said, limit, not_source=asked.not_source)
    except (StoreUnavailable, HomeUnusable, ModelUnavailable) as error:
        pool.warnings.append(f"Searched by keyword only. {error.message}")
        return ()
    near = {record.passage_id: score for record, score in nearest if score >= FLOOR}
    return await to_thread.run_sync(partial(stores.index.hits, near, scope=asked.scope)) if near else ()


def _by_speaker(asked: _Question, index: PassageIndex) -> Sequence[Hit]:
    """What the named speakers say on the matter, or all they say where the question names nothing else."""
    speakers = asked.speakers if asked.scope.speakers is None else asked.speakers & asked.scope.speakers
    scope = asked.scope.model_copy(update={"speakers": speakers})
    if asked.said == asked.text:
        return _even(index.within(scope, _NARROW, not_source=asked.not_source))
    return _even(index.keyword(asked.said, _NARROW, not_source=asked.not_source, scope=scope))


def _by_date(asked: _Question, index: PassageIndex) -> Sequence[Hit]:
    fitting = frozenset(source.id for source in asked.sources if asked.dates.fit(source.published_at))
    if asked.scope.source_ids is not None:
        fitting &= asked.scope.source_ids
    if not fitting:
        return ()
    scope = asked.scope.model_copy(update={"source_ids": fitting})
    found = index.keyword(asked.text, _DEPTH, not_source=asked.not_source, scope=scope)
    return _even(found or index.within(scope, _NARROW, not_source=asked.not_source))


def _day_of(event: str, index: PassageIndex, sources: Sequence[Source]) -> date | None:
    """The day of an event: of a source that is called so, or written beside the event's words in a passage."""
    words = set(telling(event))
    titled = [each.published_at for each in sources if each.published_at and words <= set(telling(each.title))]
    if words and titled:
        return min(titled)
    for hit in index.keyword(event, _EVENTS, around=0.0):
        days = days_in(hit.passage.text)
        if days and words <= set(telling(hit.passage.text)):
            return days[0]
    return None


def _even(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Whether a passage is of the speaker or the period is yes or no; how well its words fit is for keywords."""
    return [hit.model_copy(update={"score": 1.0}) for hit in hits]


def _shown(
    asked: _Question,
    pool: _Pool,
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
    words = stores.words.within([widened(hit).passage for hit in hits]) if hits else {}
    # A source that was forgotten in between is not shown.
    moments = [moment for hit in hits if hit.passage.id in words for moment in moments_of(hit, words[hit.passage.id])]
    ranked, rarity = ranked_moments(
        moments, {key: fused[key] for key in best}, Asked(asked.said, asked.speakers, weights), stores.embedder
    )
    relevance = _relevances(moments, _asked_of_words(asked, rarity), pool)
    nearest = max(relevance.values(), default=0.0)
    shows = nearest >= least or PHRASE in pool.scores
    chosen = _chosen(ranked, rarity, limit, per_passage) if shows else []
    return Findings(
        found=tuple(_found(cited, relevance, pool) for cited in chosen),
        seconds=dict(sorted(pool.seconds.items())),
        warnings=tuple(dict.fromkeys(pool.warnings)),
        nearest=round(nearest, 3),
        understood=asked.understood(),
    )


def _fused(asked: _Question, pool: _Pool, weights: Weights) -> dict[str, float]:
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


def _asked_of_words(asked: _Question, rarity: Mapping[str, float]) -> Mapping[str, float]:
    """The weights without those of dates: a source of last March need not say "March"."""
    if not asked.dates:
        return rarity
    dates = set(telling(asked.said)) - set(telling(without_dates(asked.said)))
    return {word: rare for word, rare in rarity.items() if word not in dates}


def _relevances(moments: Sequence[Moment], rarity: Mapping[str, float], pool: _Pool) -> dict[str, float]:
    """Of each passage: the weight of the question's words in it, of all their weight. See ``relevance_of``."""
    total = sum(rarity.values())
    dense = pool.scores.get(DENSE, {})
    words: dict[str, set[str]] = {}
    for moment in moments:
        passage = moment.hit.passage
        if passage.id not in words:
            # Who speaks and where belong to what a passage says.
            words[passage.id] = set(telling(" ".join((*passage.speakers, moment.hit.source_title))))
        words[passage.id] |= moment.words
    return {
        key: relevance_of(
            sum(rare for word, rare in rarity.items() if _is_in(word, held)) / total if total else 1.0,
            dense.get(key, 0.0),
        )
        for key, held in words.items()
    }


def _is_in(word: str, held: set[str]) -> bool:
    """Whether the word or a long one that begins alike is there: the index joins "generation" to "generated"."""
    return word in held or (
        len(word) > _ALIKE and any(other.startswith(word[:_ALIKE]) for other in held if len(other) >= _ALIKE)
    )


def relevance_of(held: float, cosine: float) -> float:
    """Words and meaning together, in 0..1: ``held`` is the share of the question's words, by weight."""
    return min(1.0, _BY_WORDS * held + _BY_MEANING * max(0.0, cosine - FLOOR))


def _chosen(ranked: Sequence[Moment], rarity: Mapping[str, float], limit: int, most: int | None) -> list[_Cited]:
    """The best moments with their citations; no sentence twice, and at most ``most`` of one passage."""
    chosen: dict[tuple[str, Citation], _Cited] = {}
    spent: dict[str, int] = {}
    for moment in ranked:
        if len(chosen) == limit:
            break
        key = moment.hit.passage.id
        if most is not None and spent.get(key, 0) >= most:
            continue
        # A question is shown with its answer, so two moments may have one sentence.
        citation = moment.cite(rarity)
        place = (moment.hit.passage.source_id, citation)
        if place not in chosen:
            spent[key] = spent.get(key, 0) + 1
            chosen[place] = (moment, citation)
    return list(chosen.values())


def _found(cited: _Cited, relevance: Mapping[str, float], pool: _Pool) -> Found:
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
