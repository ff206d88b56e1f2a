"""The passages a model reads: the best moment, and the stretch of talk around what the question asks for."""

from __future__ import annotations

import pytest
from tests.unit.memory.conftest import Fill

from autointel.memory.excerpts import reading
from autointel.memory.findings import Stores
from autointel.memory.search import search

pytestmark = pytest.mark.anyio
MEETING = [
    "Let us begin with the minutes of last week.",
    "The minutes are approved by everybody here.",
    "Now to the remote control and its buttons.",
    "Rubber feels good in the hand, says the survey.",
    "I would rather take the wooden one instead.",
    "Wood breaks when it falls on a stone floor.",
    "So the remote control gets rubber buttons then.",
    "The budget for travel comes last on our list.",
    "Nobody travels before the month of June.",
    "Thank you all for coming here today.",
]


async def order(question: str, stores: Stores) -> list[int]:
    found = (await search(question, 5, stores)).found
    return [hit.passage.index for hit in reading(question, found, stores)]


async def test_passages_between_two_that_fit_are_read_before_those_far_away(stores: Stores, keep: Fill) -> None:
    await keep(MEETING)

    read = await order("What did they decide on the buttons of the remote control?", stores)

    assert set(read[:5]) == {2, 3, 4, 5, 6}
    assert sorted(read) == list(range(10))


async def test_only_sources_of_the_best_moments_are_read(stores: Stores, keep: Fill) -> None:
    await keep(MEETING, "meeting")
    await keep(["Trees line the road to the harbour."], "road")

    found = (await search("buttons of the remote control", 5, stores)).found

    assert {hit.source_title for hit in reading("buttons of the remote control", found, stores)} == {"The meeting"}


async def test_without_a_moment_nothing_is_read(stores: Stores) -> None:
    assert reading("anything", (), stores) == []
