"""A client to a simulated model, and something to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, SecretStr
from tests.fakes.clock import FakeClock

from autointel.domain.run import StepName
from autointel.model.client import ModelClient
from autointel.model.endpoint import Endpoint
from autointel.model.limits import Limits, Prices
from autointel.model.prompts import untrusted
from autointel.ports import ModelCache
from autointel_bench.simulated import Profile, SimulatedModel

TALK = """\
[0:01] Anna Lee: The buses of the city have been free since 2013. Ridership rose by 14 percent in a year.
[0:09] Bob Tamm: I doubt that very much. Fares covered a fifth of the cost before.
[0:14] and the suburbs still pay for every single ride they take"""


class Point(BaseModel):
    text: str
    quote: str


class Points(BaseModel):
    points: list[Point]


class DictCache:
    """A model cache that lasts as long as it does."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.ttl: float | None = None

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def put(self, key: str, value: str, ttl: float) -> None:
        self.kept[key] = value
        self.ttl = ttl


@dataclass
class Asking:
    """A client, the server behind it, and the clock it waits by."""

    client: ModelClient
    server: SimulatedModel
    time: FakeClock = field(default_factory=FakeClock)
    told: list[str] = field(default_factory=list)

    async def ask(self, about: str = TALK, **kwargs: Any) -> Points:
        """Points about a text."""
        step = kwargs.pop("step", StepName.READ)
        return await self.client.ask("Reader", "Take notes.", untrusted("passage", about), Points, step=step, **kwargs)

    async def stream(self, about: str = TALK, show: Callable[[Point], None] = lambda _: None) -> list[Point]:
        """The same, one by one."""
        shown: list[Point] = []

        def take(raw: str) -> None:
            shown.append(Point.model_validate_json(raw))
            show(shown[-1])

        await self.client.answer_shown(
            [{"role": "system", "content": "Take notes."}, {"role": "user", "content": untrusted("passage", about)}],
            Points,
            role="Writer",
            step=StepName.BRIEF,
            field="points",
            show=take,
        )
        return shown


@asynccontextmanager
async def asking(
    profile: Profile | None = None,
    *,
    timeout: float = 10,  # noqa: ASYNC109 - the setting of that name
    cache: ModelCache | None = None,
    prices: Prices | None = None,
    base_url: str | None = None,
    read_name: str | None = None,
    time: FakeClock | None = None,
    direct: bool = False,
    **limits: Any,
) -> AsyncIterator[Asking]:
    """Ask a simulated model with such a profile, through a client with such limits; ``direct``: without LangChain."""
    time = time or FakeClock()
    with SimulatedModel(profile) as server:
        endpoint = Endpoint(
            name="simulated",
            base_url=base_url or server.base_url,
            api_key=SecretStr("no secret"),
            timeout=timeout,
            read_name=read_name,
        )
        told: list[str] = []
        async with ModelClient(
            endpoint, Limits(**limits), cache=cache, prices=prices, clock=time.clock, tell=told.append
        ) as client:
            if not direct:
                await client.load()
            yield Asking(client, server, time, told)
