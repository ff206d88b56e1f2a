"""How many calls are under way and how many start a minute; how long a server that loads or hangs is waited for.

Identical questions asked at the same time share one call.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Final, Generic, TypeVar

import anyio

from autointel.model.chat import Chat
from autointel.model.endpoint import Clock, Endpoint, Limits
from autointel.ports import CallPlaces

_WINDOW: Final = 60.0
# A call is slow that takes so many times as long as the fastest, and at least so many seconds longer.
_SLOW_TIMES: Final = 5
_SLOW_SECONDS: Final = 5.0
# A server nearby loads its model at the first question, and works through a long prompt before its first word.
_COLD: Final = 10
_AS_BEFORE: Final = 4
# Without a stream, a reply is silent until it is whole.
_WHOLE: Final = 4
Result = TypeVar("Result")


class RateLimiter:
    """Lets calls through; who waits learns how long. ``places`` are those that other runs share."""

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
        """The server works on so many calls at a time; more would only wait inside their time limits."""
        self._most = max(1, min(self._most, slots))
        self._width = min(self._width, self._most)

    async def close_for(self, seconds: float) -> None:
        """A server that says "later" says it to all of us."""
        self._closed_until = max(self._closed_until, self._clock.now() + seconds)
        if self._places:
            await self._places.close_for(seconds)

    def succeeded(self, began: float) -> None:
        """A call sent at ``began`` was answered: room for a little more, unless answers have become slow."""
        seconds = self._clock.now() - began
        self._fastest = min(self._fastest, seconds)
        if seconds > max(self._fastest * _SLOW_TIMES, self._fastest + _SLOW_SECONDS) and self._under_way > 1:
            self.strained(began)
            return
        self._width = min(self._most, self._width + 1 / self._width)
        self._let_in()

    def strained(self, began: float) -> None:
        """A call sent at ``began`` met a limit or silence: half as many, once for all calls that were sent by then."""
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
    """Silence allowed, in seconds, by what the server has shown so far."""

    def __init__(self, endpoint: Endpoint, chat: Chat) -> None:
        self._endpoint = endpoint
        self._chat = chat
        self._spent = False

    def seconds(self, *, streams: bool) -> tuple[float, float]:
        """Until the first word, and between two."""
        between = self._endpoint.timeout
        first = between if streams else between * _WHOLE
        if self._is_cold:
            first = max(first, between * _COLD)
        elif self._endpoint.is_near and self._chat.slowest_start is not None:
            first = max(first, self._chat.slowest_start * _AS_BEFORE)
        return first, between

    @contextmanager
    def telling(self, tell: Callable[[str], None], model: str) -> Iterator[None]:
        """Say once that a server takes its time with its first word; after it was waited for once, no more."""
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


class _Flight(Generic[Result]):
    def __init__(self) -> None:
        self.landed = anyio.Event()
        self.result: Result | None = None
        self.error: Exception | None = None


class SingleFlight(Generic[Result]):
    """What is under way, by key."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Flight[Result]] = {}

    async def share(self, key: str, work: Callable[[], Awaitable[Result]]) -> tuple[Result, bool]:
        """The result, and whether it was somebody else's. An error is shared too: asking again would repeat it.

        If the one who does the work is cancelled, one of those who wait takes it over.
        """
        while (flight := self._under_way.get(key)) is not None:
            await flight.landed.wait()
            if flight.error is not None:
                raise flight.error
            if flight.result is not None:
                return flight.result, True
        return await self._fly(key, work), False

    async def _fly(self, key: str, work: Callable[[], Awaitable[Result]]) -> Result:
        flight = self._under_way[key] = _Flight[Result]()
        try:
            flight.result = await work()
        except Exception as error:
            flight.error = error
            raise
        finally:
            del self._under_way[key]
            flight.landed.set()
        return flight.result
