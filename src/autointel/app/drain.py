"""What waits in the outbox, brought to its store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import anyio

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import Home
from autointel.app.stores import embedder_of, existing_catalogue, graph_of, memory_of
from autointel.domain.catalogue import Undelivered
from autointel.domain.knowledge import Entity, Relation
from autointel.errors import AutointelError, NotAllStored, StoreUnavailable
from autointel.memory.differences import difference
from autointel.pipeline.store import ENTITIES, MEMORY, RELATIONS, STALE_RECORDS, STALE_RELATIONS, note_contradictions
from autointel.ports import KnowledgeGraph, Listener, Remembered, VectorMemory
from autointel.settings import Settings

_BATCH: Final = 500
Store: TypeAlias = Callable[[str, Sequence[Undelivered]], Awaitable[set[str]]]


@dataclass(frozen=True)
class Drained:
    """What became of one kind of what waited. ``trouble`` is why some of it still waits."""

    kind: str
    delivered: int = 0
    waiting: int = 0
    trouble: AutointelError | None = None


def drain(settings: Settings, listener: Listener) -> list[Drained]:
    """Bring all that waits to its store; one result for each kind that waited. Blocks. Raises HomeUnusable."""
    with existing_catalogue(settings) as catalogue:
        if catalogue is None:
            return []
        home = Home(settings.home)
        home.prepare()
        return anyio.run(_drain_all, catalogue, _Stores(settings, home, listener))


async def _drain_all(catalogue: Catalogue, stores: _Stores) -> list[Drained]:
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
            await _drain(catalogue, Drained(kind, waiting=waiting[kind]), way)
            for kind, way in ways.items()
            if kind in waiting
        ]


class _Stores:
    """Memories and graphs by namespace, each made once.

    Each way of storing returns the ids that did not arrive, and raises StoreUnavailable or HomeUnusable.
    """

    def __init__(self, settings: Settings, home: Home, listener: Listener) -> None:
        self._place = settings, home
        self._listener = listener
        self._memories: dict[str, VectorMemory] = {}
        self._graphs: dict[str, KnowledgeGraph] = {}
        self.closing = AsyncExitStack()

    async def remember(self, namespace: str, waiting: Sequence[Undelivered]) -> set[str]:
        memory = self._memory(namespace)
        records = {each.record_id: each for each in (Remembered.model_validate_json(each.payload) for each in waiting)}
        lacking = await memory.missing(list(records))
        await memory.remember([record for id_, record in records.items() if id_ in lacking])
        return await memory.missing(sorted(lacking))

    async def relate_entities(self, namespace: str, waiting: Sequence[Undelivered]) -> set[str]:
        return await self._relate(namespace, [Entity.model_validate_json(each.payload) for each in waiting], [])

    async def relate(self, namespace: str, waiting: Sequence[Undelivered]) -> set[str]:
        return await self._relate(namespace, [], [Relation.model_validate_json(each.payload) for each in waiting])

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


async def _drain(catalogue: Catalogue, drained: Drained, store: Store) -> Drained:
    """Batch by batch, the oldest first, until all has arrived or the store does not answer."""
    outbox, after = catalogue.outbox, 0
    while batch := await catalogue.in_thread(outbox.pending, drained.kind, _BATCH, after=after):
        after = batch[-1].id
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
                return replace(drained, trouble=error)
            # Struck out once it is seen to be there, not once it was sent.
            arrived = [each.id for each in waiting if each.record_id not in lost]
            await catalogue.in_thread(outbox.delivered, arrived)
            drained = _counted(drained, len(arrived), [each for each in waiting if each.record_id in lost])
    return drained


def _counted(drained: Drained, arrived: int, lost: Sequence[Undelivered]) -> Drained:
    drained = replace(drained, delivered=drained.delivered + arrived, waiting=drained.waiting - arrived)
    if not lost or drained.trouble:
        return drained
    trouble = StoreUnavailable(
        f"{len(lost)} {drained.kind} were sent and did not arrive.",
        "See the store's log, or read their source again with `autointel run`.",
    )
    return replace(drained, trouble=trouble)
