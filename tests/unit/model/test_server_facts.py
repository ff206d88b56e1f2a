"""What servers say of themselves, as each of them says it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from autointel.model.endpoint import Endpoint
from autointel.model.server_facts import ServerFacts, facts_of, learn
from autointel_bench.simulated import SimulatedModel

LISTED = {"data": [{"id": "m", "max_model_len": 8192, "owned_by": "vllm"}, {"id": "n"}]}


@pytest.mark.parametrize(
    ("answers", "facts"),
    [
        ({}, ServerFacts()),
        ({"models": 404, "props": 404, "show": 404}, ServerFacts()),
        ({"models": LISTED}, ServerFacts("vllm", 8192, None, ("m", "n"))),
        ({"models": {"data": [{"id": "m", "context_length": 32768}]}}, ServerFacts("", 32768, None, ("m",))),
        (
            {"props": {"total_slots": 2, "default_generation_settings": {"n_ctx": 4096}}, "models": {"data": None}},
            ServerFacts("llama.cpp", 4096, 2),
        ),
        ({"props": 503, "models": 503}, ServerFacts(loading=True)),
        (
            {"show": {"model_info": {"llama.context_length": 131072}}, "ps": {"models": []}},
            ServerFacts("ollama", 4096, loading=True),
        ),
        (
            {"show": {"model_info": {}, "parameters": "stop x\nnum_ctx    16384"}, "ps": {"models": [{"name": "m"}]}},
            ServerFacts("ollama", 16384),
        ),
        (
            {"show": {"modelfile": ""}, "ps": {"models": [{"model": "m", "context_length": 8192}]}},
            ServerFacts("ollama", 8192),
        ),
        (
            {"lmstudio": {"data": [{"id": "m", "state": "loaded", "max_context_length": 8192}]}},
            ServerFacts("lmstudio", 8192),
        ),
        ({"models": ["odd"], "props": {"total_slots": "two"}, "lmstudio": {"data": [3]}}, ServerFacts("llama.cpp")),
    ],
)
def test_context_slots_and_models_are_read_as_each_server_writes_them(answers: Any, facts: ServerFacts) -> None:
    assert facts_of(answers, "m") == facts


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("llama3.1", "llama3.1:8b"), ("LLAMA3.1:8B", "llama3.1:8b"), ("qwen2.5", None), ("gpt-9", None)],
)
def test_a_name_that_is_not_there_has_a_nearest_one(name: str, nearest: str | None) -> None:
    assert ServerFacts(models=("llama3.1:8b", "qwen2.5:latest")).nearest(name) == nearest


@pytest.mark.anyio
async def test_a_server_that_knows_none_of_the_questions_answers_with_its_models() -> None:
    with SimulatedModel() as server:
        facts = await learn(Endpoint(name="simulated", base_url=server.base_url), "simulated")

    assert "simulated" in facts.models
    assert facts.context is None


@pytest.mark.anyio
async def test_a_server_that_is_not_there_says_nothing() -> None:
    assert await learn(Endpoint(name="m", base_url="http://127.0.0.1:9/v1"), "m") == ServerFacts()


@pytest.mark.anyio
async def test_the_five_questions_are_asked_side_by_side() -> None:
    """The server answers none before it has heard all: asked one after the other, none would ever be answered."""
    asked, all_there = list[bytes](), anyio.Event()

    async def answer(stream: SocketStream) -> None:
        async with stream:
            asked.append((await stream.receive()).split(b" ")[1])
            if len(asked) == _QUESTIONS:
                all_there.set()
            await all_there.wait()
            await stream.send(b'HTTP/1.0 200 OK\r\ncontent-length: 21\r\n\r\n{"data":[{"id":"m"}]}')

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, answer)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610  anyio's, no database
        facts = await learn(Endpoint(name="m", base_url=f"http://127.0.0.1:{port}/v1"), "m")
        group.cancel_scope.cancel()

    assert len(asked) == _QUESTIONS
    assert facts.models == ("m",)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"data":[{"id":"m"}]}' + b" " * 9_000_000, b"\xff", b"null"],
    ids=["nested without end", "longer than any list of models", "no text", "nothing"],
)
async def test_a_server_that_talks_nonsense_of_itself_says_nothing(body: bytes) -> None:
    async def answer(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            with suppress(anyio.BrokenResourceError):  # nobody reads to the end
                await stream.send(b"HTTP/1.0 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, answer)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610  anyio's, no database
        facts = await learn(Endpoint(name="m", base_url=f"http://127.0.0.1:{port}/v1"), "m")
        group.cancel_scope.cancel()

    assert facts == ServerFacts()


_QUESTIONS: Final = 5


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(
    "answers",
    [
        {"props": {"total_slots": 10**400, "default_generation_settings": {"n_ctx": 10**400}}},
        {"show": {"modelfile": "", "parameters": f"num_ctx {'9' * 5_000}"}},
        {"show": {"modelfile": ""}, "ps": {"models": [{"name": "m", "context_length": 10**400}]}},
    ],
)
def test_a_number_beyond_all_is_none(answers: Any) -> None:
    facts = facts_of(answers, "m")

    assert (facts.context or 0) <= 4096
    assert facts.slots is None


@pytest.mark.parametrize("name", ["\x1b]0;title\x07m", "m\n[model]", "m\u202e", "m\ud800", "m" * 301, "", 7, ["m"]])
def test_what_cannot_be_shown_on_a_line_is_no_name_of_a_model(name: object) -> None:
    assert facts_of({"models": {"data": [{"id": name}, {"id": "llama 3:8b/ü"}]}}, "any").models == ("llama 3:8b/ü",)
