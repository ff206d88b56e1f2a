"""A model that answers from memory, for as long as one question takes. crewai has no part in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from autointel.crew.answerer import ModelAnswerer
from autointel.crew.model import ModelDoor
from autointel.recall.ask import Answerer, Drafted
from autointel.recall.search import Found
from autointel.settings import Settings
from autointel.wiring.door import endpoint_of, limits_of


class _Labelled(Answerer):
    """Says of a simulated model's answer that it is one."""

    def __init__(self, door: ModelDoor) -> None:
        self._door = door
        self._answerer = ModelAnswerer(door)

    async def answer(self, question: str, found: Sequence[Found]) -> Drafted | None:
        """See Answerer."""
        drafted = await self._answerer.answer(question, found)
        return drafted and drafted.model_copy(update={"simulated": self._door.simulated})


@asynccontextmanager
async def answering(settings: Settings) -> AsyncIterator[Answerer]:
    """The model of the settings, by a door of its own, closed afterwards. Loads its client at the first question."""
    async with ModelDoor(endpoint_of(settings), limits_of(settings)) as door:
        yield _Labelled(door)
