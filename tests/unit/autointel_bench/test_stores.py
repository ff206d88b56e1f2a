"""Simulated stores keep their ports' promises, take the time stated for them, and write every request down."""

from __future__ import annotations

import pytest

from autointel.domain.knowledge import Entity, Provenance, Relation
from autointel.domain.notes import EntityKind
from autointel.domain.value import Confidence
from autointel.ports import Remembered
from autointel_bench.simulated.profile import StoreLatency
from autointel_bench.stores import Link, SimulatedGraph, SimulatedMemory

pytestmark = pytest.mark.anyio
LATENCY = StoreLatency(request_seconds=0.05, item_seconds=0.001, batch=10)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Slept:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def record(number: int) -> Remembered:
    return Remembered(record_id=f"r{number}", kind="passage", source_id="s", passage_id="p", text="Words.")


async def test_what_was_remembered_is_no_longer_missing() -> None:
    memory = SimulatedMemory(Link("memory", LATENCY, Slept()))

    await memory.remember([record(1)])

    assert await memory.missing(["r1", "r2"]) == {"r2"}
    assert await memory.count() == 1
    assert await memory.nearest("words", 5) == []
    assert memory.collection == "simulated"
    await memory.close()


async def test_writing_takes_a_request_for_each_batch_and_time_for_each_item() -> None:
    slept = Slept()
    link = Link("memory", LATENCY, slept)

    await SimulatedMemory(link).remember([record(number) for number in range(25)])

    assert slept.seconds == pytest.approx([0.06, 0.06, 0.055])
    assert [(each.verb, each.items) for each in link.log] == [("remember", 10), ("remember", 10), ("remember", 5)]
    assert [each.stated_seconds for each in link.log] == slept.seconds
    assert all(each.started <= each.ended for each in link.log)


async def test_writing_nothing_asks_nothing() -> None:
    link = Link("memory", LATENCY, Slept())

    await SimulatedMemory(link).remember([])

    assert link.log == []


async def test_entities_and_relations_are_kept_by_id() -> None:
    link = Link("graph", LATENCY, Slept())
    graph = SimulatedGraph(link)
    city = Entity(id="e1", name="Tallinn", kind=EntityKind.PLACE, mentions=2, confidence=Confidence.LOW)
    other = city.model_copy(update={"id": "e2", "name": "Estonia"})
    where = Provenance(run_id="run", source_id="s", passage_id="p", quote="Tallinn", start=1.0, paragraph=None)
    lies_in = Relation(
        id="r1",
        subject_id="e1",
        predicate="lies in",
        object_id="e2",
        weight=1,
        confidence=Confidence.LOW,
        provenance=where,
    )

    await graph.relate([city, other], [lies_in])

    assert await graph.missing(["e1", "r1", "r2"]) == {"r2"}
    assert await graph.count() == (2, 1)
    assert (await graph.find("Tallinn", 3), await graph.neighbours("e1", 3)) == ([], [])
    assert graph.backend == "simulated"
    assert link.log[0].items == 3
    await graph.close()
