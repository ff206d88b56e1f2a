"""Finding a model to configure, trying one question on it, and writing it to the user's config.toml.

Servers on this machine are asked which models they have, and whether one answers. The file may hold keys, so only the
user can read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

import anyio
from pydantic import BaseModel, Field, SecretStr

from autointel.adapters.home import replace_file
from autointel.app.model_settings import client_of
from autointel.domain.run import StepName
from autointel.errors import SettingsError
from autointel.model.client import ModelClient
from autointel.model.endpoint import Endpoint
from autointel.model.limits import Limits
from autointel.model.prompts import untrusted
from autointel.model.replies import Level
from autointel.model.server_facts import learn
from autointel.settings import Settings
from autointel.settings.loading import user_config

# The ports that these servers listen at unless told otherwise.
_PORTS: Final = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080, "vLLM": 8000}
# A form of reply that the server refuses is one.
_ATTEMPTS: Final = 3
_PRIVATE: Final = 0o700  # others on a shared machine must not read keys
# What names a model: set as a whole, so that no key is left for another server.
_MODEL: Final = ("file", "base_url", "api_key", "name", "read_name")
_SENTENCE: Final = "Buses in Tallinn have been free for residents since 2013."


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


def save_model(values: Mapping[str, str]) -> Path:
    """Replace what config.toml says of the model; everything else in it stays, comments included.

    The file is replaced at once, and only its owner may read the new one. Gives its path. Raises SettingsError for a
    file that is not valid TOML, or cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import ParseError

    path = user_config()
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig") if path.exists() else "")
    except (OSError, ParseError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.", "Fix the file, or move it away.") from error
    table = document.setdefault("model", tomlkit.table())
    if not hasattr(table, "pop"):
        raise SettingsError(f"model in {path} is not a table.", "Write its settings under [model].")
    for name in _MODEL:
        table.pop(name, None)
    table.update(values)
    file = path.resolve()  # a link to a file of dotfiles stays one
    try:
        file.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        replace_file(file, document.as_string().encode())
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.", "Make its folder writable.") from error
    return path


class _Fact(BaseModel):
    place: str = Field(min_length=1, max_length=60)
    year: int


class _Facts(BaseModel):
    facts: list[_Fact] = Field(max_length=2)


async def trial(client: ModelClient) -> str:
    """How the model did, in a few words: what was understood, in which form, how fast; and the server's limits.

    Raises ModelRefused, ModelUnavailable, and SettingsError for a model file that cannot be served.
    """
    await client.open()
    began = perf_counter()
    reply = await client.ask(
        "Reader",
        "You are a Reader. You note places and years.",
        f"Note each place with its year.\n{untrusted('passage', _SENTENCE)}",
        _Facts,
        step=StepName.READ,
    )
    seconds = perf_counter() - began
    facts, form = client.facts, client.form
    understood = any("tallinn" in fact.place.casefold() and fact.year == 2013 for fact in reply.facts)  # noqa: PLR2004
    parts = [
        "understands a schema" if understood else "fills a schema, with the wrong words",
        {Level.SCHEMA: "", Level.JSON: "shown in JSON mode", Level.TEXT: "shown in the prompt"}[form.level],
        f"{seconds:.1f} s",
        f"context {facts.context:,}" if facts.context else "",
        f"{facts.slots} slots" if facts.slots else "",
        "simulated" if client.simulated else "",
    ]
    return ", ".join(part for part in parts if part)
