"""A model that answers from memory, for as long as one question takes. crewai has no part in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from autointel.app.model_settings import client_of
from autointel.memory.answerer import ModelAnswerer
from autointel.memory.ask import Answerer, Drafted
from autointel.memory.findings import Found
from autointel.model.client import ModelClient
from autointel.settings import Settings


class _Labelled(Answerer):
    """Says of a simulated model's answer that it is one."""

    def __init__(self, client: ModelClient) -> None:
        self._client = client
        self._answerer = ModelAnswerer(client)

    async def answer(self, question: str, found: Sequence[Found]) -> Drafted | None:
        """See Answerer."""
        drafted = await self._answerer.answer(question, found)
        return drafted and drafted.model_copy(update={"simulated": self._client.simulated})


@asynccontextmanager
async def answering(settings: Settings) -> AsyncIterator[Answerer]:
    """The model of the settings, by a client of its own, closed afterwards. Loads its client at the first question."""
    async with client_of(settings) as client:
        yield _Labelled(client)
