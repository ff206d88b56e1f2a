"""What can be learned of a model's server before the first question: its context, its slots, its models, its state.

Asked side by side, two seconds at most; whatever a server does not know is left unknown. Sources: llama.cpp's
``/props``, ``max_model_len`` or ``context_length`` in ``/v1/models`` (vLLM, OpenRouter), Ollama's ``/api/show`` and
``/api/ps``, LM Studio's ``/api/v0/models``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import anyio
import httpx

from autointel.model import connection
from autointel.model.endpoint import Endpoint

_PATIENCE: Final = 2.0
# Ollama cuts a prompt at this many tokens where nobody has set another context; its model's own maximum says nothing.
_OLLAMA_CONTEXT: Final = 4_096
_SMALLEST: Final = 256
_LOADING: Final = 503


@dataclass(frozen=True)
class ServerFacts:
    """``context`` and ``slots`` are None where the server does not say; ``models`` is empty then."""

    kind: str = ""
    context: int | None = None
    slots: int | None = None
    models: tuple[str, ...] = ()
    loading: bool = False

    def nearest(self, name: str) -> str | None:
        """The model of the server's whose name is most like ``name``; None where it has ``name`` itself, or none."""
        if not self.models or name in self.models or f"{name}:latest" in self.models:
            return None
        folded = {model.casefold(): model for model in self.models}
        inside = [model for key, model in folded.items() if name.casefold() in key]
        near = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
        return inside[0] if inside else folded[near[0]] if near else None


async def learn(endpoint: Endpoint, model: str) -> ServerFacts:
    """What the server says of itself and of ``model``; nothing where it cannot be reached. Never raises."""
    return facts_of(await _answers(endpoint, model), model)


async def _answers(endpoint: Endpoint, model: str) -> dict[str, Any]:
    """Each address's JSON by name, or its status where that is not 200."""
    root = endpoint.address.removesuffix("/v1")
    answers: dict[str, Any] = {}
    key = endpoint.api_key.get_secret_value()

    async with connection.client(endpoint, _PATIENCE) as client:

        async def look(name: str, method: str, url: str, body: Mapping[str, Any] | None = None) -> None:
            try:
                with anyio.move_on_after(_PATIENCE):
                    answer = await client.request(method, url, json=body, headers={"authorization": f"Bearer {key}"})
                    answers[name] = answer.json() if answer.status_code == httpx.codes.OK else answer.status_code
            except (httpx.HTTPError, ValueError, OSError):
                return

        async with anyio.create_task_group() as group:
            group.start_soon(look, "models", "GET", f"{endpoint.address}/models")
            if endpoint.is_near:  # only a server of one's own is asked for its insides
                group.start_soon(look, "props", "GET", f"{root}/props")
                group.start_soon(look, "show", "POST", f"{root}/api/show", {"model": model})
                group.start_soon(look, "ps", "GET", f"{root}/api/ps")
                group.start_soon(look, "lmstudio", "GET", f"{root}/api/v0/models")
    return answers


def facts_of(answers: Mapping[str, Any], model: str) -> ServerFacts:
    """Facts from the servers' answers by name; a number stands for an answer of that status."""
    listed = list(_entries(answers.get("models"), "data"))
    names = tuple(str(entry["id"]) for entry in listed if entry.get("id"))
    own: Mapping[str, Any] = next((entry for entry in listed if entry.get("id") == model), {})
    context = _number(own.get("max_model_len")) or _number(own.get("context_length"))
    props, show = answers.get("props"), answers.get("show")
    if isinstance(props, dict) and ("total_slots" in props or "default_generation_settings" in props):
        settings = props.get("default_generation_settings")
        settings = settings if isinstance(settings, dict) else {}
        within = _number(settings.get("n_ctx")) or _number(props.get("n_ctx"))
        return ServerFacts("llama.cpp", within or context, _number(props.get("total_slots"), least=1), names)
    if isinstance(show, dict) and ("model_info" in show or "modelfile" in show):
        running = [
            each for each in _entries(answers.get("ps"), "models") if model in {each.get("name"), each.get("model")}
        ]
        loaded = next(iter(running), None)
        return ServerFacts("ollama", _ollama_context(show, loaded), None, names, loading=loaded is None)
    states = [each for each in _entries(answers.get("lmstudio"), "data") if each.get("id") == model]
    if states:
        within = _number(states[0].get("loaded_context_length")) or _number(states[0].get("max_context_length"))
        return ServerFacts("lmstudio", within, None, names, loading=states[0].get("state") not in {"loaded", None})
    loading = _LOADING in (answers.get("models"), props)
    kind = "vllm" if own.get("owned_by") == "vllm" else ""
    return ServerFacts(kind, context, None, names, loading=loading)


def _entries(answer: Any, name: str) -> Iterator[Mapping[str, Any]]:
    listed = answer.get(name) if isinstance(answer, dict) else None
    yield from (each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()


def _number(value: Any, least: int = _SMALLEST) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= least else None


def _ollama_context(show: Mapping[str, Any], loaded: Mapping[str, Any] | None) -> int | None:
    """What Ollama will read of a prompt: as loaded, as set for the model, else its default or less."""
    within = _number((loaded or {}).get("context_length"))
    chosen = re.search(r"num_ctx\s+(\d+)", str(show.get("parameters") or ""))
    if within:
        return within
    if chosen:
        return int(chosen[1])
    info = show.get("model_info")
    most = [n for key, value in (info or {}).items() if key.endswith(".context_length") and (n := _number(value))]
    return min([_OLLAMA_CONTEXT, *most])
