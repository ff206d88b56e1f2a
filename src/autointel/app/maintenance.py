"""Upkeep of the stores: the outbox brought to them, vectors and graph built anew, caches measured and emptied."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import anyio

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.connection import parsed
from autointel.adapters.catalogue.words import says
from autointel.adapters.home import Home
from autointel.adapters.storing_lock import side_by_side, storing
from autointel.app.stores import (
    embedder_of,
    existing_catalogue,
    graph_of,
    memory_of,
    opened_home,
    records_of,
    relations_of,
)
from autointel.domain.catalogue import ANSWER, RETRIEVAL, Undelivered
from autointel.domain.knowledge import Entity, Relation, contradictions
from autointel.domain.transcript import Source
from autointel.errors import AutointelError, HomeUnusable, NotAllStored, StoreUnavailable
from autointel.memory.differences import difference
from autointel.pipeline.store import ENTITIES, MEMORY, RELATIONS, STALE_RECORDS, STALE_RELATIONS, note_contradictions
from autointel.ports import KnowledgeGraph, Listener, Remembered, VectorMemory
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.graph.cypher import CypherGraph
    from autointel.adapters.vectors.records import EmbeddingMemory

_NAMING = 500
"""Passages in which an entity's sources are looked for."""
_BATCH: Final = 500  # records of the outbox read at once
Store: TypeAlias = Callable[[str, Sequence[Undelivered]], Awaitable[set[str]]]


@dataclass(frozen=True)
class Reindexed:
    """What memory holds now. ``made`` is how much of it had to be embedded; ``dropped`` are collections removed."""

    collection: str
    records: int
    made: int
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class RebuiltGraph:
    """What the graph holds now. Of ``nameless`` sources neither a name nor a relation is written down."""

    backend: str
    entities: int
    relations: int
    nameless: tuple[Source, ...]


@dataclass(frozen=True)
class Cached:
    """Things cached of one kind, and their bytes; how often one was there, was not, or left for want of room."""

    kind: str
    count: int
    size: int
    hits: int | None = None
    misses: int | None = None
    evictions: int | None = None


def reindex(settings: Settings, namespace: str, listener: Listener) -> Reindexed:
    """Embed what is not embedded yet, by the embedder in use, and remove what others made of it. Blocks.

    What is damaged of memory or of the index of words is made anew.
    Interrupted, it goes on where it stopped. Raises HomeUnusable, StoreUnavailable.
    """
    with opened_home(settings, namespace) as (home, catalogue), side_by_side(home.storing, listener.waiting):
        catalogue.mend_index()
        return anyio.run(_reindex, settings, home, catalogue, listener)


async def _reindex(settings: Settings, home: Home, catalogue: Catalogue, listener: Listener) -> Reindexed:
    memory = memory_of(settings, home, catalogue.namespace, embedder_of(settings), listener, rebuild=True)
    try:
        records, made = await embed_missing(memory, catalogue)
        # Not before all of it is there: until then the old vectors are all there is.
        return Reindexed(memory.collection, records, made, tuple(await memory.drop_others()))
    finally:
        await memory.close()


async def embed_missing(memory: EmbeddingMemory, catalogue: Catalogue) -> tuple[int, int]:
    """Embed what the catalogue keeps and memory lacks; how much the catalogue keeps, and how much was embedded."""
    records = made = 0
    # Batches are filled across sources: many short ones cost no more than a long one.
    async with memory.remembering() as stream:
        for source in await catalogue.in_thread(catalogue.passages.sources):
            kept = await catalogue.in_thread(records_of, catalogue, source.id)
            missing = await memory.missing([record.record_id for record in kept])
            for record in kept:
                if record.record_id in missing:
                    await stream.add(record)
            records, made = records + len(kept), made + len(missing)
    return records, made


async def catch_up(memory: EmbeddingMemory, catalogue: Catalogue, home: Home, listener: Listener) -> None:
    """Embed what other machines have read since: some 800 passages a second, once. A full disk stops no search."""
    kept = await catalogue.in_thread(catalogue.passages.count) + await catalogue.in_thread(catalogue.verdicts.count)
    with suppress(HomeUnusable):
        if await memory.count() < kept:
            async with storing(home.storing, listener.waiting):
                await embed_missing(memory, catalogue)


def reindex_graph(settings: Settings, namespace: str, listener: Listener) -> RebuiltGraph:
    """Build the graph anew from the catalogue, whatever state its file is in. Blocks.

    Interrupted, the same again finishes it. Raises HomeUnusable, StoreUnavailable.
    """
    with opened_home(settings, namespace) as (home, catalogue), side_by_side(home.storing, listener.waiting):
        return anyio.run(_reindex_graph, settings, home, catalogue, listener)


async def _reindex_graph(settings: Settings, home: Home, catalogue: Catalogue, listener: Listener) -> RebuiltGraph:
    graph = graph_of(settings, home, catalogue.namespace, listener)
    sources = await catalogue.in_thread(catalogue.passages.sources)
    known = await catalogue.in_thread(catalogue.knowledge.sources)
    strangers = [source.id for source in sources if source.id not in known]
    if strangers:
        await _adopt(catalogue, graph, strangers)
        known = await catalogue.in_thread(catalogue.knowledge.sources)
    entities: dict[str, Entity] = {}
    relations: list[Relation] = []
    try:
        # In the order of reading: an entity keeps the name that it was first met by.
        for source in reversed(sources):
            some, _ = await catalogue.in_thread(catalogue.knowledge.of_source, source.id)
            for entity in some:
                first = entities.setdefault(entity.id, entity)
                entities[entity.id] = first.model_copy(update={"mentions": max(first.mentions, entity.mentions)})
            relations += await catalogue.in_thread(relations_of, catalogue, source)
        marked = {each.id: each for each in (*relations, *contradictions(relations, difference))}
        relations = list(marked.values())
        await graph.rebuild(list(entities.values()), relations)
        await _forget_unsaid(catalogue, graph)
        await catalogue.in_thread(catalogue.outbox.strike, ENTITIES, catalogue.namespace, list(entities))
        await catalogue.in_thread(
            catalogue.outbox.strike, RELATIONS, catalogue.namespace, [each.id for each in relations]
        )
        nameless = tuple(source for source in sources if source.id not in known)
        return RebuiltGraph(graph.backend, *await graph.count(), nameless)
    finally:
        await graph.close()


async def _forget_unsaid(catalogue: Catalogue, graph: CypherGraph) -> None:
    """Remove entities that nothing is related to and that no source names; a graph on a server still has them."""
    loose = await graph.loose()
    # The catalogue second: a run writes a name there before it writes it to the graph.
    known = await catalogue.in_thread(catalogue.knowledge.ids, [entity.id for entity in loose])
    await graph.forget([entity.id for entity in loose if entity.id not in known])


async def _adopt(catalogue: Catalogue, graph: CypherGraph, strangers: Sequence[str]) -> None:
    """Write into the catalogue what only the graph knows of sources that an earlier version read.

    A graph that cannot be opened knows nothing. An entity without a relation belongs to the sources that name it.
    """
    try:
        entities, relations = await graph.everything()
    except HomeUnusable:
        return
    by_id = {entity.id: entity for entity in entities}
    loose = by_id.keys() - {id_ for each in relations for id_ in (each.subject_id, each.object_id)}

    def naming(entity: Entity) -> set[str]:
        hits = catalogue.passages.phrase(entity.name, _NAMING)
        return {hit.passage.source_id for hit in hits if says(hit.passage.text, entity.name)}

    def keep() -> None:
        named = {id_: naming(by_id[id_]) for id_ in sorted(loose)}
        for source_id in strangers:
            stated = [each for each in relations if each.provenance.source_id == source_id]
            ends = {id_ for each in stated for id_ in (each.subject_id, each.object_id)}
            ends |= {id_ for id_, sources in named.items() if source_id in sources}
            catalogue.knowledge.keep(source_id, [by_id[id_] for id_ in sorted(ends)], stated)

    await catalogue.in_thread(keep)


def cached(settings: Settings) -> list[Cached]:
    """Everything that is cached, by kind. Blocks. Raises HomeUnusable."""
    with opened_home(settings) as (_, catalogue):
        return _cached(catalogue)


def clear_cache(settings: Settings) -> list[Cached]:
    """Empty the caches, and give what they held: the next run of a source does everything anew. Blocks.

    Raises HomeUnusable.
    """
    with opened_home(settings) as (_, catalogue):
        were = _cached(catalogue)
        catalogue.step_cache.clear()
        catalogue.model_cache.clear()
        catalogue.query_cache.clear()
        catalogue.compact()
        return were


def _cached(catalogue: Catalogue) -> list[Cached]:
    queries = catalogue.query_cache
    return [
        Cached("steps", *catalogue.step_cache.size()),
        Cached("replies", *catalogue.model_cache.size()),
        *(Cached(kind, *queries.size(kind), *queries.counts(kind)) for kind in (RETRIEVAL, ANSWER)),
    ]


@dataclass(frozen=True)
class Drained:
    """What became of one kind of what waited. ``trouble`` is why some of it still waits."""

    kind: str
    delivered: int = 0
    waiting: int = 0
    trouble: AutointelError | None = None


def drain(settings: Settings, listener: Listener, *, kinds: Collection[str] | None = None) -> list[Drained]:
    """Bring what waits, of these kinds or of all, to its store; one result for each kind that waited. Blocks.

    Raises HomeUnusable.
    """
    with existing_catalogue(settings) as catalogue:
        if catalogue is None:
            return []
        home = Home(settings.home)
        home.prepare()
        return anyio.run(_drain_all, catalogue, _Stores(settings, home, listener), kinds)


async def _drain_all(catalogue: Catalogue, stores: _Stores, kinds: Collection[str] | None) -> list[Drained]:
    waiting = await catalogue.in_thread(catalogue.outbox.counts)
    ways: dict[str, Store] = {
        MEMORY: stores.remember,
        ENTITIES: stores.relate_entities,
        RELATIONS: stores.relate,
        STALE_RECORDS: stores.forget,
        STALE_RELATIONS: stores.forget_relations,
    }
    async with stores.closing:
        return [
            await _drain(catalogue, Drained(kind, waiting=waiting[kind]), way, stores)
            for kind, way in ways.items()
            if kind in waiting and (kinds is None or kind in kinds)
        ]


class _Stores:
    """Memories and graphs by namespace, each made once.

    Each way of storing returns the ids that did not arrive, and raises StoreUnavailable or HomeUnusable.
    """

    def __init__(self, settings: Settings, home: Home, listener: Listener) -> None:
        self._place = settings, home
        self.storing = partial(storing, home.storing, listener.waiting)
        self._listener = listener
        self._memories: dict[str, VectorMemory] = {}
        self._graphs: dict[str, KnowledgeGraph] = {}
        self.closing = AsyncExitStack()

    async def remember(self, namespace: str, waiting: Sequence[Undelivered]) -> set[str]:
        memory = self._memory(namespace)
        records = {each.record_id: each for each in (parsed(Remembered, each.payload) for each in waiting)}
        lacking = await memory.missing(list(records))
        await memory.remember([record for id_, record in records.items() if id_ in lacking])
        return await memory.missing(sorted(lacking))

    async def relate_entities(self, namespace: str, waiting: Sequence[Undelivered]) -> set[str]:
        return await self._relate(namespace, [parsed(Entity, each.payload) for each in waiting], [])

    async def relate(self, namespace: str, waiting: Sequence[Undelivered]) -> set[str]:
        return await self._relate(namespace, [], [parsed(Relation, each.payload) for each in waiting])

    async def forget(self, namespace: str, waiting: Sequence[Undelivered]) -> set[str]:
        await self._memory(namespace).forget([each.record_id for each in waiting])
        return set()

    async def forget_relations(self, namespace: str, waiting: Sequence[Undelivered]) -> set[str]:
        await self._graph(namespace).forget_relations([each.record_id for each in waiting])
        return set()

    async def _relate(self, namespace: str, entities: list[Entity], relations: list[Relation]) -> set[str]:
        graph = self._graph(namespace)
        lacking = await graph.missing([entity.id for entity in entities] + [each.id for each in relations])
        await graph.relate(
            [entity for entity in entities if entity.id in lacking],
            [relation for relation in relations if relation.id in lacking],
        )
        await note_contradictions(graph, relations, difference)
        return await graph.missing(sorted(lacking))

    def _memory(self, namespace: str) -> VectorMemory:
        if namespace not in self._memories:
            settings, home = self._place
            memory = memory_of(settings, home, namespace, embedder_of(settings), self._listener)
            self._memories[namespace] = memory
            self.closing.push_async_callback(memory.close)
        return self._memories[namespace]

    def _graph(self, namespace: str) -> KnowledgeGraph:
        if namespace not in self._graphs:
            graph = graph_of(*self._place, namespace, self._listener)
            self._graphs[namespace] = graph
            self.closing.push_async_callback(graph.close)
        return self._graphs[namespace]


async def _drain(catalogue: Catalogue, drained: Drained, store: Store, stores: _Stores) -> Drained:
    """Batch by batch, the oldest first, until all has arrived or the store does not answer."""
    after, goes_on = 0, True
    while goes_on:
        # Before the batch is read: what is forgotten later would be stored all the same.
        async with stores.storing():
            batch = await catalogue.in_thread(catalogue.outbox.pending, drained.kind, _BATCH, after=after)
            if not batch:
                break
            after = batch[-1].id
            drained, goes_on = await _deliver(catalogue, drained, batch, store)
    return drained


async def _deliver(
    catalogue: Catalogue, drained: Drained, batch: Sequence[Undelivered], store: Store
) -> tuple[Drained, bool]:
    """The second is False where the store does not answer."""
    outbox = catalogue.outbox
    for namespace in dict.fromkeys(each.namespace for each in batch):
        waiting = [each for each in batch if each.namespace == namespace]
        try:
            lost = await store(namespace, waiting)
        except NotAllStored as error:
            # What has arrived is struck out, the rest waits on.
            lost, trouble = set(error.lost), error
            await catalogue.in_thread(outbox.failed, [each.id for each in waiting if each.record_id in lost])
            drained = replace(drained, trouble=trouble)
        except AutointelError as error:
            await catalogue.in_thread(outbox.failed, [each.id for each in waiting])
            return replace(drained, trouble=error), False
        # Struck out once it is seen to be there, not once it was sent.
        arrived = [each.id for each in waiting if each.record_id not in lost]
        await catalogue.in_thread(outbox.delivered, arrived)
        drained = _counted(drained, len(arrived), [each for each in waiting if each.record_id in lost])
    return drained, True


def _counted(drained: Drained, arrived: int, lost: Sequence[Undelivered]) -> Drained:
    drained = replace(drained, delivered=drained.delivered + arrived, waiting=drained.waiting - arrived)
    if not lost or drained.trouble:
        return drained
    trouble = StoreUnavailable(
        f"{len(lost)} {drained.kind} were sent and did not arrive.",
        "See the store's log, or read their source again with `autointel run`.",
    )
    return replace(drained, trouble=trouble)
