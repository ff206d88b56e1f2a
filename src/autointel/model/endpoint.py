"""Where the model is, and what a run may ask of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import anyio
from pydantic import Field, SecretStr

from autointel.domain.value import Value


class Endpoint(Value):
    """An OpenAI-compatible server and the models there. ``read_name`` is a smaller one, where there is one.

    Without ``base_url`` it is OpenAI's own. Local servers want no key; their clients want some text in its place.
    """

    name: str = Field(min_length=1)
    base_url: str | None = None
    api_key: SecretStr = SecretStr("none")
    read_name: str | None = None
    timeout: float = Field(default=30.0, gt=0)
    """Seconds for one try: for the whole reply, or between two pieces of a streamed one."""
    temperature: float | None = 0.0
    """None where the model takes none. One that answers 400 to it is asked without from then on."""

    @property
    def host(self) -> str:
        """For people: where prompts go."""
        return urlsplit(self.base_url or "https://api.openai.com").netloc

    def model(self, *, smaller: bool) -> str:
        """The model's name at its server."""
        return self.read_name if smaller and self.read_name else self.name


class Limits(Value):
    """What a run may ask in all. ``max_attempts`` counts every request made for one question, whatever became of it."""

    max_concurrent_calls: int = Field(default=8, ge=1)
    requests_per_minute: int | None = Field(default=None, ge=1)
    max_attempts: int = Field(default=4, ge=1)
    max_usd: float | None = Field(default=None, gt=0)
    max_seconds: float | None = Field(default=None, gt=0)
    """Counted from the making of the client."""


@dataclass(frozen=True)
class Clock:
    """Time, in seconds: ``now`` is monotonic, ``today`` counts from 1970. A test gives one where waiting costs none."""

    now: Callable[[], float] = time.monotonic
    today: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
