"""A model that answers from memory, for as long as one question takes. crewai has no part in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pydantic import SecretStr

from autointel.crew.answerer import ModelAnswerer
from autointel.crew.endpoint import Endpoint, Limits
from autointel.crew.model import ModelDoor
from autointel.recall.ask import Answerer, Drafted
from autointel.recall.search import Found
from autointel.settings import Settings


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
    model = settings.model
    endpoint = Endpoint(
        name=model.name,
        base_url=model.base_url,
        api_key=model.api_key or SecretStr("none"),
        timeout=model.timeout,
    )
    async with ModelDoor(endpoint, Limits(requests_per_minute=model.requests_per_minute)) as door:
        yield _Labelled(door)
