"""Look-ups in what was saved. Nothing is created; crewai is never imported."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, Self, TypeVar

import anyio

from autointel.adapters.catalogue.caches import QueryCache
from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import Home
from autointel.app.privacy import screened
from autointel.app.stores import CatalogueGraph, embedder_of, existing_catalogue, graph_of, memory_of
from autointel.domain.catalogue import RETRIEVAL
from autointel.domain.citation import Citation, Script
from autointel.domain.passage import Scope
from autointel.domain.transcript import Source
from autointel.domain.value import Value
from autointel.errors import AutointelError, HomeUnusable, StoreUnavailable, UsageError
from autointel.memory.findings import Answered, Filters, Findings, Stores
from autointel.memory.moments import sentences
from autointel.ports import Listener
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.catalogue.runs import Measures
    from autointel.adapters.graph.cypher import CypherGraph
    from autointel.domain.knowledge import Entity, Neighbour, Provenance


# Sentences shown for an entity that stands beside nothing.
_QUOTES: Final = 3
# Names offered for one that is unknown, how much alike they are spelt at least, and what is compared for them: pairs of
# letters, and entities of each pair.
_NEAR: Final = 3
_ALIKE: Final = 0.7
_PAIRS: Final = 16
_COMPARED: Final = 500
# Passages looked through for a name: neighbouring ones share words, and a name of two words is found by either.
_DEPTH: Final = 30

Answer = TypeVar("Answer")
Kept = TypeVar("Kept", Findings, Answered)


@dataclass(frozen=True)
class OpenStores(Stores):
    """What is searched, the cache of its answers, and where the times of searches are noted."""

    cache: QueryCache | None = None
    measures: Measures | None = None

    def only(self, source_id: str) -> Self:
        """These stores, searched for one source alone."""
        return replace(self, scope=Scope(source_ids=frozenset({source_id})))


class Naming(Value):
    """A sentence that holds the name, and the source it stands in."""

    source_title: str
    citation: Citation


@dataclass(frozen=True)
class Known:
    """An entity and what it stands beside, heaviest first. ``sources`` are those that say so, by their ids.

    ``quotes`` name it: for an entity that stands beside nothing, they are all there is to show. ``stated`` has the
    seconds that sources state, by the sources' ids.
    """

    entity: Entity
    neighbours: tuple[Neighbour, ...]
    sources: Mapping[str, Source]
    quotes: tuple[Naming, ...] = ()
    stated: Mapping[str, frozenset[float]] = field(default_factory=dict)

    def is_estimated(self, where: Provenance) -> bool:
        """Whether the source does not state the second of this quote."""
        return where.start is not None and where.start not in self.stated.get(where.source_id, {where.start})


def search_memory(
    settings: Settings, namespace: str, question: str, limit: int, listener: Listener, *, filters: Filters | None = None
) -> Findings | None:
    """Moments for the question; None where nothing was read under this namespace. Blocks. Raises HomeUnusable."""
    from autointel.memory.search import search

    async def searched(passed: str, stores: OpenStores) -> Findings:
        findings = await search(passed, limit, stores, filters=filters)
        await note_times(settings, stores, findings.seconds)
        return findings

    async def found(passed: str, stores: OpenStores) -> Findings:
        parts = (passed, limit, (filters or Filters()).model_dump_json(), date.today())  # noqa: DTZ011  the user's day
        return await reused(
            settings,
            stores,
            kind=RETRIEVAL,
            parts=parts,
            value=Findings,
            work=lambda: searched(passed, stores),
            name="search",
        )

    return with_stores(settings, namespace, listener, question, found)


def know(settings: Settings, namespace: str, name: str, limit: int, listener: Listener) -> list[Known] | None:
    """Entities of that name, each with up to ``limit`` neighbours or else some quotes; None where nothing was read.

    A name that no source says any more is left out.

    Blocks. A server that does not answer is replaced by the catalogue, and the listener hears so. Raises HomeUnusable,
    and UsageError where the privacy gate blocks the name.
    """
    name = screened(settings, name)

    async def look(sources: Mapping[str, Source]) -> list[Known]:
        async with _existing_graph(settings, namespace, listener) as graph:
            if graph is None:
                return []
            entities = await graph.find(name, limit)
            return [Known(entity, tuple(await graph.neighbours(entity.id, limit)), sources) for entity in entities]

    with existing_catalogue(settings, namespace) as catalogue:
        sources = {source.id: source for source in catalogue.passages.sources()} if catalogue else {}
        if catalogue is None or not sources:
            return None
        try:
            is_behind = _is_behind(settings, catalogue)
            found = _in_catalogue(catalogue, name, limit, sources) if is_behind else anyio.run(look, sources)
        except (StoreUnavailable, HomeUnusable) as error:
            listener.waiting(" ".join(filter(None, [error.message, "This is what the catalogue holds.", error.hint])))
            found = _in_catalogue(catalogue, name, limit, sources)
        quoted = [_with_quotes(known, catalogue) for known in found]
        # A name of a replaced version of its source stays in the graph until something is forgotten.
        bare = [known.entity.name for known in quoted if not known.neighbours and not known.quotes]
        unsaid = set(bare) - (catalogue.passages.saying(bare, not_sources=()) if bare else set())
        return [known for known in quoted if known.entity.name not in unsaid]


@asynccontextmanager
async def _existing_graph(settings: Settings, namespace: str, listener: Listener) -> AsyncIterator[CypherGraph | None]:
    """The graph, closed afterwards; None where its file is not there, since opening it would make it."""
    home = Home(settings.home)
    if not settings.neo4j.uri and not any(home.graph.glob(f"{namespace}.*")):
        yield None
        return
    graph = graph_of(settings, home, namespace, listener)
    try:
        yield graph
    finally:
        await graph.close()


def _is_behind(settings: Settings, catalogue: Catalogue) -> bool:
    """Whether the graph is not what the catalogue holds.

    Other machines write that, and what they relate is not in this home's graph; a run that replaced a source did not
    come to its end; or the graph's file was lost.
    """
    from autointel.pipeline.store import STALE_RELATIONS

    file = Home(settings.home).graph / f"{catalogue.namespace}.lbug"
    if not settings.neo4j.uri and (settings.catalogue.url is not None or not file.exists() or not file.stat().st_size):
        return True
    return bool(catalogue.outbox.waiting(STALE_RELATIONS, catalogue.namespace))


def _in_catalogue(catalogue: Catalogue, name: str, limit: int, sources: Mapping[str, Source]) -> list[Known]:
    graph = CatalogueGraph(catalogue)
    return [Known(entity, tuple(graph.neighbours(entity.id, limit)), sources) for entity in graph.find(name, limit)]


def near_names(settings: Settings, namespace: str, name: str, listener: Listener) -> list[str]:
    """Up to 3 names of entities that are spelt like ``name``, the nearest first; none while the graph is down."""
    from difflib import SequenceMatcher

    from autointel.adapters.graph.cypher import folded

    typed = folded(screened(settings, name))
    pairs = dict.fromkeys(typed[at : at + 2] for at in range(len(typed) - 1))

    async def sharing_two_letters() -> list[Entity]:
        async with _existing_graph(settings, namespace, listener) as graph:
            if graph is None:
                return []
            return [entity for pair in list(pairs)[:_PAIRS] for entity in await graph.find(pair, _COMPARED)]

    try:
        with existing_catalogue(settings, namespace) as catalogue:
            kept = CatalogueGraph(catalogue) if catalogue and _is_behind(settings, catalogue) else None
        if kept:
            entities = [entity for pair in list(pairs)[:_PAIRS] for entity in kept.find(pair, _COMPARED)]
        else:
            entities = anyio.run(sharing_two_letters)
    except (StoreUnavailable, HomeUnusable):
        return []
    alike = {
        entity.name: max(
            SequenceMatcher(None, typed, part).ratio() for part in (folded(entity.name), *folded(entity.name).split())
        )
        for entity in entities
    }
    return sorted(
        (each for each in alike if alike[each] > _ALIKE and typed not in folded(each)), key=lambda each: -alike[each]
    )[:_NEAR]


def _with_quotes(known: Known, catalogue: Catalogue) -> Known:
    if known.neighbours:
        said = [statement for neighbour in known.neighbours for statement in neighbour.provenance]
        ids = {where.source_id for each in said for where in (each, *each.contradicted_by)} & known.sources.keys()
        return replace(known, stated={source_id: catalogue.passages.stated_starts(source_id) for source_id in ids})
    return replace(known, quotes=naming(catalogue, known.entity.name, _QUOTES))


def with_stores(
    settings: Settings,
    namespace: str,
    listener: Listener,
    question: str,
    work: Callable[[str, OpenStores], Awaitable[Answer]],
) -> Answer | None:
    """``work`` with the question as the privacy gate lets it pass; None where nothing was read. Blocks."""

    async def look() -> Answer | None:
        # The gate reads the question while the stores are opened.
        passing = asyncio.create_task(asyncio.to_thread(screened, settings, question))
        async with opened_stores(settings, namespace, listener) as stores:
            passed = await passing
            return None if stores is None else await work(passed, stores)

    return anyio.run(look)


def named_source(sources: Sequence[Source], name: str) -> Source:
    """The source of this id, title or address, or the only one that has ``name`` in one of them. Raises UsageError."""
    from autointel.app.library import only_source, sources_called  # here, since a search needs no saved briefing

    source = only_source(sources_called(sources, name), name)
    if source is None:
        from autointel.app.misspelt import did_you_mean, known_as

        meant = did_you_mean(name, known_as(sources))
        raise UsageError(f"No source in memory is called {name!r}.", f"{meant}Give a part of its title or address.")
    return source


async def reused(
    settings: Settings,
    stores: OpenStores,
    *,
    kind: str,
    parts: tuple[object, ...],
    value: type[Kept],
    work: Callable[[], Awaitable[Kept]],
    name: str | None = None,
) -> Kept:
    """What was answered before, while nothing was written since, or else ``work``'s answer, which is saved.

    Under ``name`` the whole time is noted for ``autointel perf``.
    """
    began = time.perf_counter()
    place = await place_in_cache(settings, stores, kind, parts, value)
    answer = place.saved
    if answer is None:
        answer = await work()
        await save(settings, stores, place, answer)
    if name is not None:
        await note_times(settings, stores, {name: time.perf_counter() - began}, cached=place.saved is not None)
    return answer


@dataclass(frozen=True)
class PlaceInCache(Generic[Kept]):
    """What was answered before, if anything; ``key`` is where an answer is saved, None where none may be."""

    kind: str
    key: str | None = None
    saved: Kept | None = None


async def place_in_cache(
    settings: Settings, stores: OpenStores, kind: str, parts: tuple[object, ...], value: type[Kept]
) -> PlaceInCache[Kept]:
    """The answer to ``parts``, while nothing was written since. Changes nothing but the count of hits and misses."""
    cache = stores.cache
    if cache is None or not settings.cache.enabled or stores.memory is None:
        return PlaceInCache(kind)
    # Vectors are written after the words they belong to, elsewhere: their number is part of the key.
    try:
        vectors = await stores.memory.count()
    except AutointelError:
        return PlaceInCache(kind)
    scope = sorted(stores.scope.source_ids or ())
    key = await asyncio.to_thread(cache.key, kind, vectors, *parts, *scope)
    saved = await asyncio.to_thread(cache.get, kind, key)
    with suppress(ValueError):  # written by another version
        if saved is not None:
            return PlaceInCache(kind, key, value.model_validate_json(saved))
    return PlaceInCache(kind, key)


async def save(settings: Settings, stores: OpenStores, place: PlaceInCache[Kept], answer: Kept) -> None:
    """An answer with a warning is not saved: the store or model that was down may be back."""
    if place.key is not None and stores.cache is not None and not answer.warnings:
        seconds = settings.cache.retrieval_seconds if place.kind == RETRIEVAL else settings.cache.answer_seconds
        await asyncio.to_thread(stores.cache.put, place.kind, place.key, answer.model_dump_json(), seconds)


async def note_times(
    settings: Settings, stores: OpenStores, seconds: Mapping[str, float], *, cached: bool = False
) -> None:
    """Save times of queries by name for ``autointel perf``. A home that cannot be written still answers."""
    from autointel.domain.performance import Measure

    measures = [Measure(kind="query", name=name, seconds=took, cached=cached) for name, took in seconds.items()]
    if stores.measures is not None:
        note = partial(stores.measures.note, measures, keep_days=settings.perf.keep_days, waits=False)
        with suppress(AutointelError):
            await asyncio.to_thread(note)


@asynccontextmanager
async def opened_stores(settings: Settings, namespace: str, listener: Listener) -> AsyncIterator[OpenStores | None]:
    """The stores of a namespace, closed afterwards; None where there is no catalogue. Raises HomeUnusable."""
    home = Home(settings.home)
    with existing_catalogue(settings, namespace) as catalogue:
        if catalogue is None or not catalogue.passages.count():
            yield None
            return
        embedder = embedder_of(settings)
        memory = memory_of(settings, home, namespace, embedder, listener)
        try:
            # A server would be asked for every sentence of what was found.
            from autointel.adapters.embedders import WordLlamaEmbedder

            near = embedder if isinstance(embedder, WordLlamaEmbedder) else WordLlamaEmbedder()
            if near is embedder and settings.catalogue.url is not None and not settings.qdrant.url:
                from autointel.app.maintenance import catch_up

                await catch_up(memory, catalogue, home, listener)
            yield OpenStores(
                catalogue.passages,
                catalogue.words,
                memory,
                near,
                remembered=catalogue.remembered,
                cache=catalogue.query_cache,
                measures=catalogue.measures,
            )
        finally:
            await memory.close()


def naming(catalogue: Catalogue, name: str, limit: int) -> tuple[Naming, ...]:
    """Up to ``limit`` sentences with exactly this name, the passages that speak of it most first. Blocks.

    Raises HomeUnusable.
    """
    found: dict[tuple[str, Citation], Naming] = {}
    for source_id, naming_it in _named(catalogue, name):
        # Passages overlap: the same sentence stands in two.
        found.setdefault((source_id, naming_it.citation), naming_it)
        if len(found) == limit:
            break
    return tuple(found.values())


def _named(catalogue: Catalogue, name: str) -> Iterator[tuple[str, Naming]]:
    spaced = r"\s+".join(map(re.escape, name.split()))
    whole = re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE)
    hits = catalogue.passages.keyword(name, _DEPTH, around=0.0)
    words = catalogue.words.within([hit.passage for hit in hits])
    for hit in hits:
        script = Script.over(words.get(hit.passage.id, ()), hit.source_url)
        for start, end in sentences(script):
            if whole.search(script.text, start, end):
                yield hit.passage.source_id, Naming(source_title=hit.source_title, citation=script.cite(start, end))
