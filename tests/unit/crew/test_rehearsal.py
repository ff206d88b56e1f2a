"""Opening the client asks nobody, and not the model."""

from __future__ import annotations

import pytest

from autointel.model.chat import Asked, Chat, Message
from autointel.model.endpoint import Endpoint, Limits
from autointel_bench.simulated import SimulatedModel

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_the_first_call_is_rehearsed_without_reaching_anybody() -> None:
    with SimulatedModel() as server:
        chat = Chat(Endpoint(name="simulated", base_url=server.base_url), Limits())
        await chat.open()
        asked_by_opening = len(server.calls)
        said: list[Message] = [{"role": "user", "content": "Say something about the tram."}]
        reply = await chat.send(Asked("simulated", said, {}, (10, 10), 10_000))
        await chat.aclose()

    assert asked_by_opening == 0
    assert reply.text
    assert len(server.calls) == 1
