"""A store that does not answer costs its step the outcome, never what it should have stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from tests.fakes.engine import FakeEngine, MeetingGraph, MeetingMemory, survey

from autointel.domain.knowledge import Entity, Relation
from autointel.domain.passage import Passage
from autointel.domain.report import Results
from autointel.errors import HomeUnusable, StoreUnavailable
from autointel.pipeline.read import Read
from autointel.pipeline.store import Relate, Remember, records_of
from autointel.pipeline.transcribe import Transcribe
from autointel.ports import Outbox, Remembered

pytestmark = pytest.mark.anyio
DOWN = StoreUnavailable("The server refused the connection.", "Is it running?")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class KeptOutbox(Outbox):
    kept: dict[str, dict[str, str]] = field(default_factory=dict)
    replaced: bool = False

    async def put(self, kind: str, payloads: Mapping[str, str]) -> None:
        self.kept.setdefault(kind, {}).update(payloads)

    async def waiting(self, kind: str) -> list[str]:
        return list(self.kept.get(kind, {}))

    async def strike(self, kind: str, ids: Collection[str]) -> None:
        for id_ in ids:
            self.kept.get(kind, {}).pop(id_, None)

    @asynccontextmanager
    async def storing(self, passages: Sequence[Passage]) -> AsyncIterator[bool]:
        del passages
        yield True

    async def disown(self, kind: str, passages: Sequence[Passage], ids: Collection[str]) -> bool:
        del passages
        if self.replaced:
            await self.put(kind, dict.fromkeys(ids, "{}"))
        return self.replaced


class FullOutbox(KeptOutbox):
    async def put(self, kind: str, payloads: Mapping[str, str]) -> None:
        del kind, payloads
        raise HomeUnusable("The disk is full.")


class ClosedMemory(MeetingMemory):
    """Answers what is missing, and then is gone."""

    async def remember(self, records: Sequence[Remembered]) -> None:
        del records
        raise DOWN


class EmptiedMemory(MeetingMemory):
    """Another run removes at once what is stored."""

    async def missing(self, ids: Sequence[str]) -> set[str]:
        return set(ids)


class EmptiedGraph(MeetingGraph):
    async def missing(self, ids: Sequence[str]) -> set[str]:
        return set(ids)


class ClosedGraph(MeetingGraph):
    async def missing(self, ids: Sequence[str]) -> set[str]:
        del ids
        raise DOWN


@pytest.fixture
async def found() -> Results:
    engine = FakeEngine()
    opening, read = Transcribe(engine.found), Read(engine, survey)
    first = opening.begin((await opening.find()).value)
    return read.put(first, (await read.run(first)).value)


async def test_a_memory_that_goes_down_leaves_every_record_in_the_outbox(found: Results) -> None:
    outbox = KeptOutbox()

    done = await Remember(ClosedMemory(FakeEngine()), "fake/1", outbox).run(found)

    kept = [Remembered.model_validate_json(payload) for payload in outbox.kept["memory"].values()]
    assert kept == records_of(found)
    assert done.value.passages == 1
    assert done.shortfall == "The server refused the connection; 3 records wait in the outbox"
    assert done.hint == "Is it running? Then autointel drain stores them."


async def test_a_graph_that_is_down_leaves_entities_and_relations_in_the_outbox(found: Results) -> None:
    outbox, graph = KeptOutbox(), MeetingGraph(FakeEngine())
    await Relate(graph, "default", "run-1").run(found)

    done = await Relate(ClosedGraph(FakeEngine()), "default", "run-1", outbox).run(found)

    entities = [Entity.model_validate_json(payload) for payload in outbox.kept["entities"].values()]
    relations = [Relation.model_validate_json(payload) for payload in outbox.kept["relations"].values()]
    assert {entity.id: entity for entity in entities} == graph.entities
    assert {relation.id: relation for relation in relations} == graph.relations
    assert done.shortfall.endswith("2 entities and 1 relations wait in the outbox")


async def test_what_another_run_removed_since_it_replaced_the_source_is_not_missed(found: Results) -> None:
    outbox = KeptOutbox(replaced=True)

    memory = await Remember(EmptiedMemory(FakeEngine()), "fake/1", outbox).run(found)
    graph = await Relate(EmptiedGraph(FakeEngine()), "default", "run-1", outbox).run(found)

    assert (memory.shortfall, graph.shortfall) == ("", "")
    assert not any(outbox.kept.get(kind) for kind in ("memory", "entities", "relations"))


async def test_without_an_outbox_or_room_in_it_the_step_fails(found: Results) -> None:
    with pytest.raises(StoreUnavailable):
        await Remember(ClosedMemory(FakeEngine()), "fake/1").run(found)
    with pytest.raises(StoreUnavailable):
        await Relate(ClosedGraph(FakeEngine()), "default", "run-1").run(found)
    with pytest.raises(HomeUnusable):
        await Remember(ClosedMemory(FakeEngine()), "fake/1", FullOutbox()).run(found)
