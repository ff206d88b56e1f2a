"""The model client with a real llama.cpp: schema, streaming, cancelling, loading, limits, and how the server ends."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import httpx
import pytest
from pydantic import BaseModel, Field, SecretStr

from autointel.adapters.llama_cpp.gguf import Serving, read_gguf
from autointel.adapters.llama_cpp.process import LlamaProcess
from autointel.app.model_settings import client_of
from autointel.domain.run import StepName
from autointel.errors import ModelUnavailable, PromptTooLong, SettingsError
from autointel.model.client import ModelClient
from autointel.model.endpoint import Endpoint
from autointel.settings import Settings

FIT = Serving(threads=2, slots=1, context=2048)
ASKED = "Name the capital of France."


class Capital(BaseModel):
    capital: str = Field(max_length=30)


class Animal(BaseModel):
    name: str = Field(max_length=30)


class Animals(BaseModel):
    animals: list[Animal] = Field(min_length=3, max_length=6)


def served(file: Path, use: Callable[[ModelClient, LlamaProcess], Awaitable[None]], fit: Serving = FIT) -> None:
    async def run() -> None:
        async with serving(file, fit) as (client, process):
            await use(client, process)

    anyio.run(run)


@asynccontextmanager
async def serving(file: Path, fit: Serving = FIT) -> AsyncIterator[tuple[ModelClient, LlamaProcess]]:
    process = LlamaProcess(read_gguf(file), fit)
    endpoint = Endpoint(name=file.stem, base_url=process.address, api_key=SecretStr(process.key))
    async with ModelClient(endpoint, host=process) as client:
        yield client, process


async def ask(client: ModelClient, question: str = ASKED) -> Capital:
    return await client.ask("Reader", "You answer briefly.", question, Capital, step=StepName.READ)


def test_a_reply_fits_its_schema_and_its_tokens_are_counted(smollm: Path) -> None:
    async def use(client: ModelClient, _: LlamaProcess) -> None:
        assert len((await ask(client)).capital) <= 30
        spent = client.spent(StepName.READ)
        assert spent.calls == 1
        assert spent.prompt_tokens > 20
        assert 3 < spent.completion_tokens < 100

    served(smollm, use)


def test_items_are_shown_while_the_reply_is_still_coming(smollm: Path) -> None:
    async def use(client: ModelClient, _: LlamaProcess) -> None:
        shown: list[str] = []
        messages = [{"role": "user", "content": "Name five animals."}]
        answer = await client.answer_shown(
            messages, Animals, role="Reader", step=StepName.READ, field="animals", show=shown.append
        )
        assert answer.completion_tokens > 0
        assert len(shown) >= 3
        assert json.loads(shown[0]) == json.loads(answer.text)["animals"][0]

    served(smollm, use)


def test_a_call_that_is_cancelled_frees_its_slot(smollm: Path) -> None:
    """With one slot, the second question is answered only if the first one's connection was closed."""

    async def use(client: ModelClient, _: LlamaProcess) -> None:
        await client.open()
        long = [{"role": "user", "content": "Write a very long story about a bus, without an end."}]
        with anyio.move_on_after(3):
            await client.answer(long, None, role="Reader", step=StepName.READ)
        with anyio.fail_after(60):
            await ask(client)

    served(smollm, use)


def test_the_server_says_its_context_and_slots(smollm: Path) -> None:
    async def use(client: ModelClient, _: LlamaProcess) -> None:
        assert await client.room() == 1024
        assert client.facts.slots == 2

    served(smollm, use, Serving(threads=2, slots=2, context=1024))


def test_a_prompt_longer_than_the_context_is_too_long(smollm: Path) -> None:
    async def use(client: ModelClient, _: LlamaProcess) -> None:
        with pytest.raises(PromptTooLong):
            await ask(client, "The bus is late again. " * 1000)

    served(smollm, use)


def test_a_client_that_comes_while_the_model_is_loading_waits_for_it(smollm: Path) -> None:
    """As a server of the user's own: this client does not know that there is a process to wait for."""

    async def run() -> None:
        process = LlamaProcess(read_gguf(smollm), FIT)
        statuses: set[int] = set()
        try:
            async with anyio.create_task_group() as group, httpx.AsyncClient(trust_env=False) as http:
                group.start_soon(process.ready)
                root = process.address.removesuffix("/v1")
                while 200 not in statuses:
                    try:
                        statuses.add((await http.get(f"{root}/health")).status_code)
                    except httpx.TransportError:
                        await anyio.sleep(0.01)
                    if statuses == {503}:
                        endpoint = Endpoint(name=smollm.stem, base_url=process.address, api_key=SecretStr(process.key))
                        async with ModelClient(endpoint) as client:
                            assert (await ask(client)).capital
        finally:
            await process.aclose()
        assert statuses <= {503, 200}

    anyio.run(run)


def test_nobody_without_the_key_is_answered(smollm: Path) -> None:
    async def use(client: ModelClient, process: LlamaProcess) -> None:
        await client.open()
        async with httpx.AsyncClient(trust_env=False) as http:
            body = {"messages": [{"role": "user", "content": ASKED}], "max_tokens": 1}
            assert (await http.post(f"{process.address}/chat/completions", json=body)).status_code == 401

    served(smollm, use)


def test_a_server_that_is_killed_is_named_and_the_client_gives_up(smollm: Path) -> None:
    async def use(client: ModelClient, process: LlamaProcess) -> None:
        await ask(client)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(ModelUnavailable, match=r"has ended \(SIGKILL\)"):
            await ask(client, "Name the capital of Spain.")

    served(smollm, use)


def test_the_server_ends_with_its_client(smollm: Path) -> None:
    pids: list[int] = []

    async def use(client: ModelClient, process: LlamaProcess) -> None:
        await client.open()
        assert process.pid is not None
        pids.append(process.pid)

    served(smollm, use)

    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_file_that_is_cut_short_is_a_wrong_setting_with_llama_cpp_s_reason(smollm: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    with smollm.open("rb") as whole:
        cut.write_bytes(whole.read(20_000_000))

    async def use(client: ModelClient, _: LlamaProcess) -> None:
        with pytest.raises(SettingsError, match="corrupted or incomplete"):
            await client.open()

    served(cut, use)


def test_a_template_without_a_system_role_is_no_obstacle(smollm: Path, tmp_path: Path) -> None:
    """As Gemma's: the template raises an error for a system message."""
    whole = smollm.read_bytes()
    start = whole.index(b"{% for message in messages %}{% if loop.first")
    end = whole.index(b"{% endif %}", whole.index(b"add_generation_prompt", start)) + len(b"{% endif %}")
    other = (
        b"{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
        b"{% endif %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
    )
    assert len(other) <= end - start
    file = tmp_path / "no-system.gguf"
    file.write_bytes(whole[:start] + other.ljust(end - start, b" ") + whole[end:])

    async def use(client: ModelClient, _: LlamaProcess) -> None:
        assert (await ask(client)).capital

    served(file, use)


def test_settings_that_name_a_file_serve_it(smollm: Path) -> None:
    async def run() -> None:
        async with client_of(Settings.model_validate({"model": {"file": smollm}})) as client:
            assert (await ask(client)).capital
            assert client.endpoint.identity == f"gguf {read_gguf(smollm).digest}"

    anyio.run(run)
