"""The strategies of a search: what the question asks for, and the passages that each kind of search finds.

Keyword, vectors, entities, speakers and dates run side by side. A quoted phrase that memory holds ends the search.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from time import perf_counter
from typing import Final, TypeAlias

import anyio
from anyio import to_thread

from autointel.domain.passage import Hit, Scope
from autointel.domain.transcript import Source
from autointel.errors import HomeUnusable, ModelUnavailable, StoreUnavailable
from autointel.memory.dates import Dates, days_in
from autointel.memory.findings import FLOOR, Filters, Stores, Weights, passes
from autointel.memory.question import (
    named,
    names_in,
    phrases_in,
    telling,
    typed_words,
    with_numbers,
    with_spelling,
    without,
)
from autointel.ports import PassageIndex

_DEPTH: Final = 100
"""Candidates of each strategy. Of the evidence that is ever found, nearly all is among them."""
_NARROW: Final = 40
"""Candidates of the strategies that a name, a speaker or a date brings."""
_EVENTS: Final = 20
"""Passages in which the day of an event is looked for."""
_DOUBTED: Final = 3
"""One word in three is misspelt, or else a word that was never said is taken for what it is."""
KEYWORD, DENSE, ENTITY, SPEAKER, DATES, PHRASE = "keyword", "dense", "entity", "speaker", "dates", "phrase"
_EMPTY: Final = (
    "Searched by keyword only. The memory holds nothing of what was read:"
    " autointel reindex, with the same --namespace, embeds it."
)

_Strategy: TypeAlias = Callable[[], Awaitable[Sequence[Hit]]]


@dataclass
class Pool:
    """The hits and scores that the strategies found so far."""

    hits: dict[str, Hit] = field(default_factory=dict)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(self, strategy: str, hits: Sequence[Hit]) -> None:
        """Record the hits of one strategy."""
        self.scores[strategy] = {hit.passage.id: hit.score for hit in hits}
        for hit in hits:
            self.hits.setdefault(hit.passage.id, hit)


@dataclass(frozen=True)
class Query:
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
    respelt: Mapping[str, str] = field(default_factory=dict)

    def understood(self) -> dict[str, str]:
        """How the question was read, by name, for ``search --explain``; what it does not hold is left out."""
        period = self.dates
        read = {
            "words": " ".join(telling(self.said)),
            "speakers": ", ".join(sorted(self.speakers)),
            "names": ", ".join(self.names),
            "spelling": ", ".join(f"{typed} as {term}…" for typed, term in self.respelt.items()),
            "phrases": ", ".join(self.phrases),
            "years": ", ".join(map(str, sorted(period.years))),
            "months": ", ".join(map(str, sorted(period.months))),
            "from": str(period.first or ""),
            "to": str(period.last or ""),
            "event": f"{period.bound} {period.event}" if period.event else "",
        }
        return {name: value for name, value in read.items() if value}


def understand(question: str, stores: Stores, filters: Filters, not_source: str | None, today: date) -> Query:
    """Read a question: its speakers, names, phrases, dates and scope. Blocks. Raises HomeUnusable."""
    everybody = stores.index.speakers()
    words = [word for word in typed_words(question) if not named(word, everybody)]
    respelt = stores.index.respelt(words)
    if _DOUBTED * len(respelt) < len(words):
        respelt = {}
    question = with_spelling(question, respelt)
    speakers = named(question, everybody)
    dates = Dates.of(question, today)
    wants_sources = bool(dates or filters.source or filters.since or filters.until)
    sources = tuple(stores.index.sources()) if wants_sources else ()
    day = _day_of(dates.event, stores.index, sources) if dates.event else None
    if day is not None:
        dates, question = dates.dated(day), dates.without_event(question)
    return Query(
        text=question,
        said=without(question, speakers),
        speakers=speakers,
        names=tuple(name for name in names_in(question) if not named(name, speakers)),
        phrases=phrases_in(question),
        dates=dates,
        scope=_scope(filters, sources, everybody, stores.scope),
        sources=sources,
        not_source=not_source,
        respelt=respelt,
    )


def _scope(filters: Filters, sources: Sequence[Source], everybody: Sequence[str], within: Scope) -> Scope:
    ids, speakers = within.source_ids, within.speakers
    if filters.source or filters.since or filters.until:
        chosen = frozenset(source.id for source in sources if passes(source, filters))
        ids = chosen if ids is None else ids & chosen
    if filters.speaker:
        wanted = filters.speaker.casefold()
        speakers = frozenset(name for name in everybody if wanted in name.casefold())
    return Scope(source_ids=ids, speakers=speakers)


async def by_phrase(asked: Query, stores: Stores, pool: Pool) -> bool:
    """Add the passages that hold a quoted phrase word for word; True where there are any. Raises HomeUnusable."""
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


async def side_by_side(asked: Query, stores: Stores, weights: Weights, pool: Pool) -> None:
    """Add what each strategy finds, in a fixed order whichever ends first. Raises HomeUnusable."""
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


def _strategies(asked: Query, stores: Stores, weights: Weights, pool: Pool) -> dict[str, _Strategy]:
    """The strategies that have something to look for."""
    index = stores.index
    keyword = partial(index.keyword, not_source=asked.not_source, scope=asked.scope)
    able: dict[str, tuple[object, _Strategy]] = {
        KEYWORD: (
            telling(asked.text),
            _thread(partial(keyword, with_numbers(asked.text), _DEPTH, around=weights.around)),
        ),
        DENSE: (stores.memory, partial(_dense, asked, stores, pool)),
        ENTITY: (asked.names, _thread(partial(keyword, " ".join(asked.names), _NARROW, around=0.0))),
        SPEAKER: (asked.speakers, _thread(partial(_by_speaker, asked, index))),
        DATES: (asked.dates, _thread(partial(_by_date, asked, index))),
    }
    return {name: strategy for name, (sought, strategy) in able.items() if sought}


def _thread(ask: Callable[[], Sequence[Hit]]) -> _Strategy:
    return partial(to_thread.run_sync, ask)


async def _dense(asked: Query, stores: Stores, pool: Pool) -> Sequence[Hit]:
    if stores.memory is None:
        return ()
    # The store does not know the scope; a narrow one may hold few of the nearest.
    limit = _DEPTH * (10 if asked.scope else 1)
    try:
        nearest = await stores.memory.nearest(asked.said, limit, not_source=asked.not_source)
        if not nearest and stores.remembered and not await stores.memory.count():
            pool.warnings += [_EMPTY] if await to_thread.run_sync(stores.remembered) else []
    except (StoreUnavailable, HomeUnusable, ModelUnavailable) as error:
        pool.warnings.append(f"Searched by keyword only. {error.message} {error.hint}".rstrip())
        return ()
    near = {record.passage_id: score for record, score in nearest if score >= FLOOR}
    return await to_thread.run_sync(partial(stores.index.hits, near, scope=asked.scope)) if near else ()


def _by_speaker(asked: Query, index: PassageIndex) -> Sequence[Hit]:
    """Passages of the named speakers on the matter, or all of theirs where the question names nothing else."""
    speakers = asked.speakers if asked.scope.speakers is None else asked.speakers & asked.scope.speakers
    scope = asked.scope.model_copy(update={"speakers": speakers})
    if asked.said == asked.text:
        return _even(index.within(scope, _NARROW, not_source=asked.not_source))
    return _even(index.keyword(asked.said, _NARROW, not_source=asked.not_source, scope=scope))


def _by_date(asked: Query, index: PassageIndex) -> Sequence[Hit]:
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
