"""How many calls are under way, and how many a minute: one gate for the whole run."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import anyio

from autointel.model.endpoint import Clock, Limits

_WINDOW: Final = 60.0


class RateLimiter:
    """Lets calls through; who waits is told how long."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._clock = clock
        self._places = anyio.Semaphore(limits.max_concurrent_calls)
        self._per_minute = limits.requests_per_minute
        self._passed: deque[float] = deque()
        self._closed_until = float("-inf")

    def close_for(self, seconds: float) -> None:
        """A server that says "later" says it to all of us."""
        self._closed_until = max(self._closed_until, self._clock.now() + seconds)

    @asynccontextmanager
    async def passage(self) -> AsyncIterator[float]:
        """A place for one call; yields the seconds waited for it."""
        arrived = self._clock.now()
        async with self._places:
            while (wait := self._wait()) > 0:
                await self._clock.sleep(wait)
            self._passed.append(self._clock.now())
            yield self._passed[-1] - arrived

    def _wait(self) -> float:
        now = self._clock.now()
        wait = self._closed_until - now
        while self._passed and self._passed[0] <= now - _WINDOW:
            self._passed.popleft()
        if self._per_minute is not None and len(self._passed) >= self._per_minute:
            wait = max(wait, self._passed[-self._per_minute] + _WINDOW - now)
        return wait
