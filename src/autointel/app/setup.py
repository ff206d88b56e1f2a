"""Finding a model to configure: servers on this machine, what they have, and whether one answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import anyio
from pydantic import SecretStr

from autointel.app.model_settings import client_of
from autointel.model.endpoint import Endpoint, Limits
from autointel.model.server_facts import learn
from autointel.model.trial import trial
from autointel.settings import Settings

# The ports that these servers listen at unless told otherwise.
_PORTS: Final = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080, "vLLM": 8000}
# A form of reply that the server refuses is one.
_ATTEMPTS: Final = 3


@dataclass(frozen=True)
class Server:
    """An OpenAI-compatible server on this machine, and the models that it has."""

    called: str
    base_url: str
    models: tuple[str, ...]


def servers_here(ports: Mapping[str, int] = _PORTS) -> list[Server]:
    """The servers that answer with a list of models. Asked side by side, for 2 s at most; raises nothing."""

    async def look() -> list[Server]:
        found: dict[str, Server] = {}

        async def ask(called: str, url: str) -> None:
            models = await _models(url, None)
            if models:
                found[called] = Server(called, url, models)

        async with anyio.create_task_group() as group:
            for called, port in ports.items():
                group.start_soon(ask, called, f"http://127.0.0.1:{port}/v1")
        return [found[called] for called in ports if called in found]

    return anyio.run(look)


def models_at(base_url: str | None, key: str | None) -> tuple[str, ...]:
    """The models of a server, None being OpenAI's; nothing where it does not say. Raises nothing."""
    return anyio.run(_models, base_url, key)


def tried(settings: Settings, tell: Callable[[str], None]) -> str:
    """How the settings' model did with one small question, in a few words. Raises SettingsError, ModelUnavailable,
    ModelRefused.
    """

    async def ask() -> str:
        async with client_of(settings, Limits(max_attempts=_ATTEMPTS), tell=tell) as client:
            return await trial(client)

    return anyio.run(ask)


async def _models(base_url: str | None, key: str | None) -> tuple[str, ...]:
    facts = await learn(Endpoint(name="any", base_url=base_url, api_key=SecretStr(key or "none")), "any")
    return facts.models
