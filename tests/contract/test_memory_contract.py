"""What every vector memory promises: the fake that other tests lean on, SQLite in a folder, and Qdrant by URL.

The server is a stand-in on loopback: a real one cannot be had from the package registries.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.fakes.memory import BagOfWords, FakeMemory
from tests.fakes.qdrant_server import QdrantStandIn

from autointel.adapters.vectors.qdrant_server import QdrantServerMemory
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.domain.value import content_id
from autointel.ports import Remembered, VectorMemory

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["fake", "sqlite", "qdrant server"])
async def memory(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[VectorMemory]:
    with QdrantStandIn().running() as url:
        making: dict[str, Callable[[], VectorMemory]] = {
            "fake": FakeMemory,
            "sqlite": lambda: SqliteMemory(tmp_path / "memory", "default", BagOfWords()),
            "qdrant server": lambda: QdrantServerMemory(url, "default", BagOfWords()),
        }
        made = making[request.param]()
        yield made
        await made.close()


def passage(text: str, *, source: str = "talk", kind: str = "passage") -> Remembered:
    record_id = content_id(kind, source, text)
    return Remembered(record_id=record_id, kind=kind, source_id=source, passage_id=record_id, text=text)


FARES, TREES, TAXES = passage("fares fund the buses"), passage("trees line the street"), passage("taxes fund schools")


async def test_an_empty_memory_misses_everything_and_finds_nothing(memory: VectorMemory) -> None:
    assert await memory.missing([FARES.record_id]) == {FARES.record_id}
    assert await memory.missing([]) == set()
    assert await memory.nearest("fares", 5) == []
    assert await memory.count() == 0


async def test_what_is_remembered_is_no_longer_missing(memory: VectorMemory) -> None:
    await memory.remember([FARES, TREES])

    assert await memory.missing([FARES.record_id, TAXES.record_id, FARES.record_id]) == {TAXES.record_id}
    assert await memory.count() == 2


async def test_remembering_nothing_is_fine(memory: VectorMemory) -> None:
    await memory.remember([])

    assert await memory.count() == 0


async def test_remembering_twice_changes_nothing(memory: VectorMemory) -> None:
    await memory.remember([FARES, TREES, FARES])
    before = await memory.nearest("fares fund the buses", 5)
    await memory.remember([TREES, FARES])

    assert await memory.count() == 2
    assert await memory.nearest("fares fund the buses", 5) == before


async def test_the_nearest_come_best_first_with_their_cosine(memory: VectorMemory) -> None:
    await memory.remember([TREES, TAXES, FARES])

    found = await memory.nearest("fares fund the buses", 2)

    assert [record.record_id for record, _ in found] == [FARES.record_id, TAXES.record_id]
    assert found[0][1] == pytest.approx(1.0, abs=1e-5)
    assert found[0][1] > found[1][1] > 0


async def test_words_are_not_kept_in_memory_but_all_that_leads_to_them(memory: VectorMemory) -> None:
    await memory.remember([FARES])

    [(record, _)] = await memory.nearest("fares", 1)

    assert record == FARES.model_copy(update={"text": ""})


async def test_a_question_without_words_is_near_to_nothing(memory: VectorMemory) -> None:
    await memory.remember([FARES])

    assert await memory.nearest("   ", 5) == []


async def test_only_the_kind_that_was_asked_for_is_found(memory: VectorMemory) -> None:
    claim = passage("fares fund the buses", kind="claim")
    await memory.remember([FARES, claim])

    assert [record.kind for record, _ in await memory.nearest("fares", 5)] == ["passage"]
    assert [record.record_id for record, _ in await memory.nearest("fares", 5, kind="claim")] == [claim.record_id]


async def test_a_source_can_be_kept_out_even_where_it_holds_all_that_is_near(memory: VectorMemory) -> None:
    own = [passage(f"fares fund the buses {number}") for number in range(200)]
    other = passage("nothing but trees and fares", source="other")
    await memory.remember([*own, other])

    found = await memory.nearest("fares fund the buses", 3, not_source="talk")

    assert [record.record_id for record, _ in found] == [other.record_id]


async def test_it_can_be_used_again_after_it_was_closed(memory: VectorMemory) -> None:
    await memory.remember([FARES])
    await memory.close()
    await memory.close()

    assert await memory.count() == 1
