"""Facts about the model's server: its context, slots and models, and which parts of a request it understands.

The server is asked before the first question, side by side, two seconds at most; what it does not know is left unknown.
Sources: llama.cpp's ``/props``, ``max_model_len`` or ``context_length`` in ``/v1/models`` (vLLM, OpenRouter), Ollama's
``/api/show`` and ``/api/ps``, LM Studio's ``/api/v0/models``.

A server that names a part of a request that it does not take (a 4xx) is believed for the rest of the run. Where a
failure only hints at it (a 500 in a schema's compiler, a reply that ignores the schema), the part is left out for this
question; for the run, once that has helped several questions in a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final

import anyio
import httpx

from autointel.model.chat import Message
from autointel.model.endpoint import Endpoint, client_to
from autointel.model.replies import Level
from autointel.model.uncompressed import PLAINLY, refuse_compressed

_PATIENCE: Final = 2.0  # seconds
_MOST_BYTES: Final = 8_000_000
# Ollama cuts a prompt at this many tokens where nobody has set another context; its model's own maximum says nothing.
_OLLAMA_CONTEXT: Final = 4_096
_SMALLEST: Final = 256  # tokens: a smaller number is no context
_LARGEST: Final = 1_000_000_000  # more is no count of tokens or slots
_LONGEST: Final = 300  # characters of a model's name
_LOADING: Final = 503  # the status of a server that is loading its model
# So many questions in a row that only the concession answered: the server does not heed the other form.
_STRIKES: Final = 2
# Shares of a prompt that count as the same, and lengths that count as different.
_SAME: Final = 0.05
_OTHER: Final = 0.3
_JSON_ONLY: Final = re.compile(r"json_object", re.IGNORECASE)
# A go-between that names no part: the form of the reply is what its providers lack most often.
_SOME_PART: Final = re.compile(r"(?:requested|these|some|unsupported) parameters", re.IGNORECASE)
# What a server answers with a 5xx may be its passing fault; these words are no accident.
_COMPILER: Final = re.compile(r"grammar|json.?schema|xgrammar|outlines|llguidance|guided.?decoding", re.IGNORECASE)
_TEMPLATE: Final = re.compile(
    r"roles must alternate|system (?:role|message|prompt)s?\b.{0,20}not support|not support.{0,10}system", re.IGNORECASE
)


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
    headers = {**PLAINLY, "authorization": f"Bearer {endpoint.api_key.get_secret_value()}"}

    async with client_to(endpoint, _PATIENCE) as client:

        async def look(name: str, method: str, url: str, body: Mapping[str, Any] | None = None) -> None:
            try:
                with anyio.move_on_after(_PATIENCE):
                    async with client.stream(method, url, json=body, headers=headers) as answer:
                        status = answer.status_code
                        answers[name] = json.loads(await _body(answer)) if status == httpx.codes.OK else status
            except (httpx.HTTPError, ValueError, RecursionError, OSError):
                return

        async with anyio.create_task_group() as group:
            group.start_soon(look, "models", "GET", f"{endpoint.address}/models")
            if endpoint.is_near:  # only a server of one's own is asked for its insides
                group.start_soon(look, "props", "GET", f"{root}/props")
                group.start_soon(look, "show", "POST", f"{root}/api/show", {"model": model})
                group.start_soon(look, "ps", "GET", f"{root}/api/ps")
                group.start_soon(look, "lmstudio", "GET", f"{root}/api/v0/models")
    return answers


async def _body(answer: httpx.Response) -> bytes:
    """The body; nothing of one that is longer than any list of models."""
    refuse_compressed(answer)
    read = bytearray()
    async for piece in answer.aiter_raw():
        read += piece
        if len(read) > _MOST_BYTES:
            return b""
    return bytes(read)


def facts_of(answers: Mapping[str, Any], model: str) -> ServerFacts:
    """Facts from the servers' answers by name; a number stands for an answer of that status."""
    listed = list(_entries(answers.get("models"), "data"))
    names = tuple(entry["id"] for entry in listed if _is_name(entry.get("id")))
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


def _is_name(value: Any) -> bool:
    """Names are shown on a terminal and saved: a line's end, a terminal's sequence or a book of letters is none."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()


def _number(value: Any, least: int = _SMALLEST) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= _LARGEST
    return value if fits else None


def _ollama_context(show: Mapping[str, Any], loaded: Mapping[str, Any] | None) -> int | None:
    """The context of Ollama: as loaded, as set for the model, else its default or less."""
    within = _number((loaded or {}).get("context_length"))
    chosen = re.search(r"num_ctx\s+(\d{1,9})\b", str(show.get("parameters") or ""))
    if within:
        return within
    if chosen:
        return int(chosen[1])
    info = show.get("model_info")
    most = [n for key, value in (info or {}).items() if key.endswith(".context_length") and (n := _number(value))]
    return min([_OLLAMA_CONTEXT, *most])


class Part(Enum):
    """A part of a request that a server may not take."""

    SYSTEM = "a system message"
    SCHEMA = "a JSON schema"
    JSON = "JSON mode"
    TEMPERATURE = "temperature"
    STREAM = "streaming"
    MAX_TOKENS = "max_tokens"
    LENGTHS = "lengths in a schema"


_SIGNS: Final = (
    (
        Part.MAX_TOKENS,
        re.compile(r"max_tokens|max_completion_tokens|max_new_tokens|in the completion", re.IGNORECASE),
    ),
    (
        Part.SYSTEM,
        re.compile(
            r"(?:system|developer).{0,40}(?:role|message|prompt|instruction)|role.{0,30}\bsystem\b"
            r"|roles must alternate|only.{0,20}user.{0,20}assistant.{0,20}roles",
            re.IGNORECASE,
        ),
    ),
    (Part.LENGTHS, re.compile(r"maxLength|minLength", re.IGNORECASE)),
    (Part.TEMPERATURE, re.compile(r"temperature", re.IGNORECASE)),
    (
        Part.SCHEMA,
        re.compile(
            r"json.?schema|grammar|xgrammar|outlines|llguidance|guided|structured.?output|minItems|maxItems"
            r"|\$ref|\$defs|additionalProperties|anyOf|schema.{0,60}(?:support|compil|invalid|complex|convert)",
            re.IGNORECASE,
        ),
    ),
    (Part.JSON, re.compile(r"response_?format|json mode|json_object", re.IGNORECASE)),
    (Part.STREAM, re.compile(r"stream", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Form:
    """The form of a request: every part of it that a server may not take."""

    temperature: float | None = None
    system: bool = True
    streams: bool = True
    max_tokens: str | None = "max_tokens"
    lengths: bool = True
    refused: frozenset[Level] = frozenset()
    in_words: bool = False

    @property
    def level(self) -> Level:
        """The best form of reply that is not refused."""
        return next(level for level in Level if level not in self.refused)

    @property
    def shows_schema(self) -> bool:
        """Whether the prompt has to hold the schema."""
        return self.in_words or self.level is not Level.SCHEMA

    def without(self, part: Part, words: str = "") -> Form | None:
        """The form without ``part``; None where it was not in it. ``words`` may name what to say instead."""
        other = self.max_tokens == "max_tokens" and "max_completion_tokens" in words
        less = {
            Part.TEMPERATURE: replace(self, temperature=None),
            Part.STREAM: replace(self, streams=False),
            Part.SYSTEM: replace(self, system=False),
            Part.LENGTHS: replace(self, lengths=False),
            Part.MAX_TOKENS: replace(self, max_tokens="max_completion_tokens" if other else None),
            Part.SCHEMA: replace(self, refused=self.refused | {Level.SCHEMA}),
            Part.JSON: replace(self, refused=self.refused | {Level.JSON}),
        }[part]
        if less == self:
            return self.without(Part.SCHEMA) if part is Part.LENGTHS else None
        return less

    def worded(self) -> Form:
        """With the schema in the prompt, in JSON mode where that is taken: the server may not heed a schema."""
        refused = self.refused if Level.JSON in self.refused else self.refused | {Level.SCHEMA}
        return replace(self, refused=refused, in_words=True)


@dataclass
class Dialect:
    """One model's form of request for the run, and how often another form was needed."""

    form: Form
    room: int = 1
    """How many times the usual length a reply may have: more for a model that reasons first."""
    strikes: int = 0
    _low: list[tuple[int, int]] = field(default_factory=list)

    def counts_plausibly(self, sent: int, read: int) -> bool:
        """Whether a count of tokens that is far too low means a cut prompt.

        A server that counts in other units is off by the same share each time; a cut prompt is as long as the context.
        """
        share = read / sent
        odd = any(
            abs(share - before / other) < _SAME and abs(sent - other) > _OTHER * sent for other, before in self._low
        )
        self._low.append((sent, read))
        return not odd

    def settle(self, used: Form) -> None:
        """A question was answered in the form ``used``, which is not the run's own: perhaps it should be."""
        if used == self.form:
            self.strikes = 0
            return
        self.strikes += 1
        if self.strikes >= _STRIKES:
            self.form = replace(used, in_words=used.in_words or self.form.in_words)
            self.strikes = 0


def part_refused(words: str, form: Form) -> Part | None:
    """Which part of a request, put in ``form``, an error speaks of."""
    level = form.level
    if _JSON_ONLY.search(words) and level is Level.JSON:
        return Part.JSON
    by_level = {Level.SCHEMA: Part.SCHEMA, Level.JSON: Part.JSON, Level.TEXT: None}[level]
    for part, sign in _SIGNS:
        if sign.search(words):
            return by_level if part in {Part.SCHEMA, Part.JSON} else part
    return by_level if _SOME_PART.search(words) else None


def part_that_failed(words: str, form: Form) -> Part | None:
    """Which part a server's own error comes from: the schema it compiles, or the template it puts messages into."""
    if form.level is Level.SCHEMA and _COMPILER.search(words):
        return Part.SCHEMA
    return Part.SYSTEM if form.system and _TEMPLATE.search(words) else None


def without_system(messages: list[Message]) -> list[Message]:
    """The messages with the system's text at the start of the user's first one."""
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [message for message in messages if message["role"] != "system"]
    if not system:
        return rest
    first = rest[0] if rest else {"role": "user", "content": ""}
    return [{**first, "role": "user", "content": f"{system}\n\n{first['content']}".strip()}, *rest[1:]]
