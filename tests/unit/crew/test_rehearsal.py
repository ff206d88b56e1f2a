"""Loading the client asks nobody, and not the model."""

from __future__ import annotations

import anyio
import pytest

from autointel.model.chat import Asked, Chat, Message
from autointel.model.endpoint import Endpoint
from autointel_bench.simulated import Profile, SimulatedModel

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_the_first_call_is_rehearsed_without_reaching_anybody() -> None:
    with SimulatedModel() as server:
        chat = Chat(Endpoint(name="simulated", base_url=server.base_url), 8)
        await chat.load()
        asked_by_loading = len(server.calls)
        said: list[Message] = [{"role": "user", "content": "Say something about the tram."}]
        reply = await chat.send(Asked("simulated", said, {}, (10, 10), 10_000))
        await chat.aclose()

    assert asked_by_loading == 0
    assert reply.text
    assert len(server.calls) == 1


async def test_a_reply_under_way_survives_the_loading_of_the_client() -> None:
    with SimulatedModel(Profile(latency=0.2)) as server:
        chat = Chat(Endpoint(name="simulated", base_url=server.base_url), 8)
        said: list[Message] = [{"role": "user", "content": "Say something about the tram."}]
        replies: list[str] = []

        async def ask() -> None:
            replies.append((await chat.send(Asked("simulated", said, {}, (10, 10), 10_000))).text)

        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            group.start_soon(chat.load)
        await ask()
        await chat.aclose()

    assert replies[0] == replies[1] != ""
