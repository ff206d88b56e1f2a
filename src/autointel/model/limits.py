"""What a run may ask of its model: how much money and time it may spend, and how many calls at once."""

from __future__ import annotations

import asyncio
import re
import time
import tomllib
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio
from pydantic import ConfigDict, Field

from autointel.domain.run import StepName, Usage
from autointel.domain.value import Value
from autointel.errors import BudgetSpent
from autointel.model.endpoint import Endpoint
from autointel.ports import CallPlaces

if TYPE_CHECKING:
    from autointel.model.chat import Chat

# "gpt-4o-mini-2024-07-18" costs what "gpt-4o-mini" does.
_DATED: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_MILLION: Final = 1_000_000
# What a reply is taken to cost before the first one has come; later, as much as the longest so far.
_FIRST_REPLY_TOKENS: Final = 1_000
_WINDOW: Final = 60.0  # seconds of a limit by the minute
# A call is slow that takes so many times as long as the fastest, and at least so many seconds longer.
_SLOW_TIMES: Final = 5
_SLOW_SECONDS: Final = 5.0
# A server nearby loads its model at the first question, and works through a long prompt before its first word.
_COLD: Final = 10  # times as long as between two words, before its first one ever
_AS_BEFORE: Final = 4  # times as long as its slowest first word so far
# Without a stream, a reply is silent until it is whole.
_WHOLE: Final = 4


class Limits(Value):
    """What a run may ask in all. ``max_attempts`` counts every request made for one question, failed ones too."""

    max_concurrent_calls: int = Field(default=8, ge=1)
    requests_per_minute: int | None = Field(default=None, ge=1)
    max_attempts: int = Field(default=4, ge=1)
    max_usd: float | None = Field(default=None, gt=0)
    max_seconds: float | None = Field(default=None, gt=0)
    """Counted from the making of the client."""


@dataclass(frozen=True)
class Clock:
    """The clock, in seconds: ``now`` is monotonic, ``today`` counts from 1970. Tests give one that never waits."""

    now: Callable[[], float] = time.monotonic
    today: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep


class Price(Value):
    """US dollars for a million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """US dollars for one call."""
        return (prompt_tokens * self.input + completion_tokens * self.output) / _MILLION


class Prices(Value):
    """A price list: whose (``host``, or anybody's where that is None), and when it was looked up."""

    as_of: date
    models: Mapping[str, Price]
    host: str | None = None

    def of(self, model: str, base_url: str | None = None) -> Price | None:
        """The price of a model at an address, or None where it is unknown. No address means OpenAI's own."""
        at = urlsplit(base_url).hostname if base_url else self.host
        if self.host is not None and at != self.host:
            return None
        return self.models.get(model) or self.models.get(_DATED.sub("", model))


@cache
def openai_prices() -> Prices:
    """The packaged list of OpenAI's own prices."""
    text = files("autointel.model").joinpath("prices.toml").read_text(encoding="utf-8")
    return Prices.model_validate(tomllib.loads(text) | {"host": "api.openai.com"})


class StepUsage(Value):
    """Calls, tokens and dollars of one step.

    ``calls`` are requests made, retries among them; ``cached`` are replies that took none. ``queue_seconds`` were spent
    waiting for a place, a limit or a retry, summed over calls side by side. ``usd`` is None where a price is unknown.
    ``estimated`` marks tokens that a server did not report; ``dropped_items`` were left out of replies that held them
    in a form that could not be read.
    """

    calls: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0
    queue_seconds: float = Field(default=0.0, ge=0)
    estimated: bool = False
    dropped_items: int = 0


class Account(StepUsage):
    """One step's running totals."""

    model_config = ConfigDict(frozen=False)

    def pay(self, prompt_tokens: int, completion_tokens: int, price: Price | None, *, estimated: bool) -> None:
        """Book one reply."""
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        self.estimated = self.estimated or estimated
        # Once something of unknown price is in it, the sum is unknown.
        known = self.usd is not None and price is not None
        self.usd = (self.usd or 0.0) + price.of(prompt_tokens, completion_tokens) if known and price else None

    def so_far(self) -> StepUsage:
        """The totals as a value."""
        return StepUsage(**self.model_dump())


class Accounts:
    """All steps' accounts, and the budget over them."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._began = clock.now()
        self._reserved = 0.0
        self._spent = 0.0
        self._longest_reply = _FIRST_REPLY_TOKENS
        self.steps: dict[StepName, Account] = defaultdict(Account)

    @property
    def usage(self) -> Usage:
        """Calls, tokens and dollars of the whole run."""
        total = Usage()
        for account in list(self.steps.values()):
            total += Usage(
                model_calls=account.calls,
                cached_calls=account.cached,
                prompt_tokens=account.prompt_tokens,
                completion_tokens=account.completion_tokens,
                usd=account.usd,
            )
        return total

    def seconds_left(self) -> float:
        """Seconds until ``max_seconds``; infinite without a limit."""
        if self._limits.max_seconds is None:
            return float("inf")
        return self._began + self._limits.max_seconds - self._clock.now()

    def check_time(self, wanted: float = 0.0) -> None:
        """Raises BudgetSpent where ``wanted`` more seconds would end after the limit."""
        if self.seconds_left() <= wanted:
            raise BudgetSpent(
                f"The {self._limits.max_seconds:g} seconds allowed for this run are used up.",
                "Raise --max-seconds, or resume the run.",
            )

    @contextmanager
    def reserved(self, prompt_tokens: int, price: Price | None, model: str) -> Iterator[None]:
        """Set aside what a call may cost while it is under way, so that calls side by side can't overdraw together.

        Raises BudgetSpent, before anything is sent, where it might not be covered.
        """
        limit = self._limits.max_usd
        if limit is None:
            yield
            return
        if price is None:
            raise BudgetSpent(
                f"The price of {model} is unknown, so a limit in dollars cannot be kept.",
                "Leave --max-usd out, or set --max-seconds.",
            )
        cost = price.of(prompt_tokens, self._longest_reply)
        if self._spent + self._reserved + cost > limit:
            raise BudgetSpent(
                f"The next call could exceed the ${limit:g} allowed for this run; ${self._spent:.4f} are spent.",
                "Raise --max-usd, or resume the run.",
            )
        self._reserved += cost
        try:
            yield
        finally:
            self._reserved -= cost

    def pay(self, step: StepName, tokens: tuple[int, int], price: Price | None, *, estimated: bool) -> None:
        """Book a reply's (prompt, completion) tokens."""
        self.steps[step].pay(*tokens, price, estimated=estimated)
        self._spent += price.of(*tokens) if price else 0.0
        self._longest_reply = max(self._longest_reply, tokens[1])


class RateLimiter:
    """Limits calls under way and calls a minute. ``places`` are shared with other runs."""

    def __init__(self, limits: Limits, clock: Clock, places: CallPlaces | None = None) -> None:
        self._clock = clock
        self._places = places
        self._most = limits.max_concurrent_calls
        self._width = float(self._most)
        self._under_way = 0
        self._waiting: deque[anyio.Event] = deque()
        self._per_minute = limits.requests_per_minute
        self._passed: deque[float] = deque()
        self._closed_until = float("-inf")
        self._narrowed = float("-inf")
        self._fastest = float("inf")

    @property
    def width(self) -> int:
        """How many calls may be under way now."""
        return max(1, int(self._width))

    def limit_to(self, slots: int) -> None:
        """Let no more calls through than the server has slots: they would only wait within their time limits."""
        self._most = max(1, min(self._most, slots))
        self._width = min(self._width, self._most)

    async def close_for(self, seconds: float) -> None:
        """Let no call start for so long, here and in runs that share places: the server asked to wait."""
        self._closed_until = max(self._closed_until, self._clock.now() + seconds)
        if self._places:
            await self._places.close_for(seconds)

    def succeeded(self, began: float) -> None:
        """Widen a little after an answer to a call sent at ``began``; narrow where answers have become slow."""
        seconds = self._clock.now() - began
        self._fastest = min(self._fastest, seconds)
        if seconds > max(self._fastest * _SLOW_TIMES, self._fastest + _SLOW_SECONDS) and self._under_way > 1:
            self.strained(began)
            return
        self._width = min(self._most, self._width + 1 / self._width)
        self._let_in()

    def strained(self, began: float) -> None:
        """Halve the width after a limit or silence, once for all calls sent by then; ``began`` is when this one was."""
        if began < self._narrowed:
            return
        self._narrowed = self._clock.now()
        self._width = max(1.0, self._width / 2)

    @asynccontextmanager
    async def passage(self) -> AsyncIterator[float]:
        """A place for one call; yields the seconds waited for it."""
        arrived = self._clock.now()
        await self._take_place()
        try:
            while (wait := self._wait()) > 0:
                await self._clock.sleep(wait)
            async with self._places.place() if self._places else nullcontext():
                self._passed.append(self._clock.now())
                yield self._passed[-1] - arrived
        finally:
            self._under_way -= 1
            self._let_in()

    async def _take_place(self) -> None:
        if self._under_way < self.width and not self._waiting:
            self._under_way += 1
            return
        turn = anyio.Event()
        self._waiting.append(turn)
        try:
            await turn.wait()  # whoever calls it has counted the place already
        except BaseException:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif turn.is_set():
                self._under_way -= 1
                self._let_in()
            raise

    def _let_in(self) -> None:
        while self._waiting and self._under_way < self.width:
            self._under_way += 1
            self._waiting.popleft().set()

    def _wait(self) -> float:
        now = self._clock.now()
        wait = self._closed_until - now
        while self._passed and self._passed[0] <= now - _WINDOW:
            self._passed.popleft()
        if self._per_minute is not None and len(self._passed) >= self._per_minute:
            wait = max(wait, self._passed[-self._per_minute] + _WINDOW - now)
        return wait


class Patience:
    """How long a server may be silent, in seconds, by its replies so far."""

    def __init__(self, endpoint: Endpoint, chat: Chat) -> None:
        self._endpoint = endpoint
        self._chat = chat
        self._spent = False

    def seconds(self, *, streams: bool) -> tuple[float, float]:
        """Seconds of silence allowed before the first word, and between two."""
        between = self._endpoint.timeout
        first = between if streams else between * _WHOLE
        if self._is_cold:
            first = max(first, between * _COLD)
        elif self._endpoint.is_near and self._chat.slowest_start is not None:
            first = max(first, self._chat.slowest_start * _AS_BEFORE)
        return first, between

    @contextmanager
    def telling(self, tell: Callable[[str], None], model: str) -> Iterator[None]:
        """Tell the reader once that a server is slow to its first word."""
        if not self._is_cold:
            yield
            return
        host = self._endpoint.host
        loop = asyncio.get_running_loop()
        notice = loop.call_later(
            self._endpoint.timeout,
            lambda: tell(f"Waiting for {model} at {host}, which may be loading, or reading the prompt."),
        )
        try:
            yield
        except TimeoutError:
            self._spent = True
            raise
        finally:
            notice.cancel()

    @property
    def _is_cold(self) -> bool:
        return self._endpoint.is_near and self._chat.slowest_start is None and not self._spent
