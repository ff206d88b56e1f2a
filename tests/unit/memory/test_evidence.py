"""What was read before may be evidence; the source itself, its copies and what came later may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from tests.fakes.material import talk
from tests.unit.memory.conftest import Fill

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.errors import EvidenceUnavailable
from autointel.memory.findings import Stores
from autointel.memory.related import Memory, MemoryEvidence, Own

pytestmark = pytest.mark.anyio

CLAIM = "Ridership in Tallinn doubled within a year after fares were dropped in 2013."
OTHER = "Ridership in Tallinn grew by 14 percent in the year after fares were dropped."


def own(said_on: date | None = None) -> Own:
    source, transcript, _ = talk([CLAIM], "mine")
    return Own.of(source.model_copy(update={"published_at": said_on}), transcript)


@pytest.fixture
def evidence(stores: Stores) -> Callable[..., MemoryEvidence]:
    def as_it_stands(said_on: date | None = None) -> MemoryEvidence:
        known = frozenset(source.id for source in stores.index.sources())
        return MemoryEvidence(Memory(stores, known), lambda: own(said_on))

    return as_it_stands


async def test_another_source_is_quoted_with_its_title_and_its_second(
    keep: Fill, evidence: Callable[..., MemoryEvidence]
) -> None:
    await keep([OTHER], "statistics", url="https://youtube.com/watch?v=x")

    (found,) = await evidence().search("Tallinn ridership after fares were dropped", 4)

    assert (found.title, found.quote) == ("The statistics", OTHER)
    assert found.url == "https://youtube.com/watch?v=x&t=0"
    assert found.newer_than_claim is None


async def test_what_was_read_from_a_file_is_named_by_its_passage(
    keep: Fill, evidence: Callable[..., MemoryEvidence]
) -> None:
    (passage,) = await keep([OTHER], "statistics")

    (found,) = await evidence().search("Tallinn ridership", 4)

    assert found.url == f"autointel:passage/{passage}"


@pytest.mark.parametrize(("written", "newer"), [(date(2020, 1, 1), False), (date(2026, 1, 1), True), (None, None)])
async def test_evidence_newer_than_the_claim_is_marked(
    keep: Fill,
    evidence: Callable[..., MemoryEvidence],
    written: date | None,
    newer: bool | None,  # noqa: FBT001
) -> None:
    await keep([OTHER], "statistics", said_on=written)

    (found,) = await evidence(date(2025, 1, 1)).search("Tallinn ridership", 4)

    assert (found.published_at, found.newer_than_claim) == (written, newer)


async def test_neither_the_source_nor_its_copy_is_its_own_witness(
    keep: Fill, evidence: Callable[..., MemoryEvidence]
) -> None:
    await keep([CLAIM], "mine")
    await keep([CLAIM.upper()], "reupload")

    assert await evidence().search("Tallinn ridership", 4) == []


async def test_what_came_into_memory_since_is_no_evidence(keep: Fill, evidence: Callable[..., MemoryEvidence]) -> None:
    await keep(["Trees line the road."], "before")
    memory = evidence()
    await keep([OTHER], "after")

    assert await memory.search("Tallinn ridership", 4) == []


async def test_one_word_in_common_is_not_enough_where_the_query_has_more(
    keep: Fill, evidence: Callable[..., MemoryEvidence]
) -> None:
    await keep(["Tallinn lies by the sea."], "geography")

    assert await evidence().search("Tallinn ridership", 4) == []


async def test_no_more_is_given_than_was_asked_for_and_each_sentence_once(
    keep: Fill, evidence: Callable[..., MemoryEvidence]
) -> None:
    for number in range(4):
        await keep([f"Ridership in Tallinn rose in quarter {number}."], f"report {number}")
    await keep(["Ridership in Tallinn rose in quarter 1."], "reprint")

    found = await evidence().search("Tallinn ridership", 3)
    every = await evidence().search("Tallinn ridership", 10)

    assert (len(found), len(every)) == (3, 4)


async def test_a_catalogue_that_cannot_be_read_is_a_source_that_is_silent(
    keep: Fill, evidence: Callable[..., MemoryEvidence], catalogue: SqliteCatalogue
) -> None:
    await keep([OTHER], "statistics")
    memory = evidence()
    await memory.prepare()
    catalogue.close()

    with pytest.raises(EvidenceUnavailable):
        await memory.search("Tallinn ridership", 4)
