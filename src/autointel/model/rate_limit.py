"""How many calls are under way, and how many a minute: one gate for the whole run.

The calls in flight adapt to the server: fewer after a 429, a silence or a rise in latency, more again as calls succeed
(additive increase, multiplicative decrease, as TCP does it). A server that says how many slots it has is given no more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import anyio

from autointel.model.endpoint import Clock, Limits

_WINDOW: Final = 60.0
# A call is slow that takes so many times as long as the fastest, and at least so many seconds longer.
_SLOW_TIMES: Final = 5
_SLOW_SECONDS: Final = 5.0


class RateLimiter:
    """Lets calls through; who waits learns how long."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._clock = clock
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

    def close_for(self, seconds: float) -> None:
        """A server that says "later" says it to all of us."""
        self._closed_until = max(self._closed_until, self._clock.now() + seconds)

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
