"""Simulated memory and graph: real ports, stated latencies, only ids kept. They measure the pipeline, not a store.

Every request is written down with the time it was stated to take and the time it took, so that a report can tell what
could not have been faster from what could.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field

import anyio
from typing_extensions import override

from autointel.domain.knowledge import Entity, Neighbour, Relation
from autointel.domain.value import Value
from autointel.ports import KnowledgeGraph, Remembered, VectorMemory
from autointel_bench.simulated.profile import StoreLatency


class Request(Value):
    """One request to something simulated; times by the monotonic clock, in seconds."""

    to: str
    verb: str
    items: int = 1
    stated_seconds: float
    started: float
    ended: float


@dataclass
class Link:
    """The way to a simulated store: each request takes the time stated for it. Sleeps, and leaves the loop free."""

    name: str
    latency: StoreLatency
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    log: list[Request] = field(default_factory=list)

    async def ask(self, verb: str) -> None:
        """A request that reads."""
        await self._take(verb, 1, self.latency.reading())

    async def write(self, verb: str, items: int) -> None:
        """Requests that write, one for each batch, one after the other."""
        for first in range(0, items, self.latency.batch):
            size = min(self.latency.batch, items - first)
            await self._take(verb, size, self.latency.writing(size))

    async def _take(self, verb: str, items: int, seconds: float) -> None:
        started = time.monotonic()
        await self.sleep(seconds)
        request = Request(
            to=self.name, verb=verb, items=items, stated_seconds=seconds, started=started, ended=time.monotonic()
        )
        self.log.append(request)


class SimulatedMemory(VectorMemory):
    """Keeps ids; finds nothing near."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._ids: set[str] = set()

    @property
    @override
    def collection(self) -> str:
        return "simulated"

    @override
    async def missing(self, ids: Sequence[str]) -> set[str]:
        await self._link.ask("missing")
        return set(ids) - self._ids

    @override
    async def remember(self, records: Sequence[Remembered]) -> None:
        await self._link.write("remember", len(records))
        self._ids.update(record.record_id for record in records)

    @override
    async def forget(self, ids: Sequence[str]) -> None:
        await self._link.ask("forget")
        self._ids.difference_update(ids)

    @override
    async def nearest(
        self, text: str, limit: int, *, kind: str = "passage", not_source: str | None = None
    ) -> list[tuple[Remembered, float]]:
        del text, limit, kind, not_source
        await self._link.ask("nearest")
        return []

    @override
    async def count(self) -> int:
        await self._link.ask("count")
        return len(self._ids)

    @override
    async def close(self) -> None:
        """There is nothing to release."""


class SimulatedGraph(KnowledgeGraph):
    """Keeps ids; knows no neighbours."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._entities: set[str] = set()
        self._relations: set[str] = set()

    @property
    @override
    def backend(self) -> str:
        return "simulated"

    @override
    async def missing(self, ids: Sequence[str]) -> set[str]:
        await self._link.ask("missing")
        return set(ids) - self._entities - self._relations

    @override
    async def relate(self, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        await self._link.write("relate", len(entities) + len(relations))
        self._entities.update(entity.id for entity in entities)
        self._relations.update(relation.id for relation in relations)

    @override
    async def forget_relations(self, ids: Sequence[str]) -> None:
        await self._link.ask("forget_relations")
        self._relations.difference_update(ids)

    @override
    async def between(self, pairs: Collection[tuple[str, str]]) -> list[Relation]:
        del pairs
        await self._link.ask("between")
        return []

    @override
    async def find(self, name: str, limit: int) -> list[Entity]:
        del name, limit
        await self._link.ask("find")
        return []

    @override
    async def neighbours(self, entity_id: str, limit: int) -> list[Neighbour]:
        del entity_id, limit
        await self._link.ask("neighbours")
        return []

    @override
    async def count(self) -> tuple[int, int]:
        await self._link.ask("count")
        return len(self._entities), len(self._relations)

    @override
    async def close(self) -> None:
        """There is nothing to release."""
