"""Requests to a store: repeated where the reason for their failure passes, logged where slow, limited in number.

The limit is a fixed number, or one that follows the store's answers. A circuit breaker: a store that fails again and
again is not asked for a while, and then by one request only.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from time import perf_counter
from typing import Final, TypeAlias, TypeVar
from urllib.parse import urlsplit

import anyio

from autointel.errors import StoreUnavailable

Answer = TypeVar("Answer")
Item = TypeVar("Item")
Sleep: TypeAlias = Callable[[float], Awaitable[None]]
TRIES: Final = 3
_LOOK_UP: Final = 1000  # ids or rows in one request
PAUSE: Final = 0.25  # seconds before the second try, doubled for each further one
PATIENCE: Final = 60.0
"""Seconds for which a server that asks for fewer requests is asked again."""
SLOW: Final = 0.1
"""Seconds."""
_log: Final = logging.getLogger(__name__)
_FIRST: Final = 4
"""An adaptive limit starts here: low enough for a small server, and three answers away from ten."""
_CUT: Final = 0.8
"""Of the limit is left after a refusal. A half, as in TCP, leaves half of the store idle for many requests."""
_BACK: Final = 1.0
"""Seconds from a cut back to the level just below the limit that was refused."""
_LEVEL: Final = 8.0
"""Seconds on that level before more is tried; a store that refuses one request may refuse all for a second."""
_CURVE: Final = 0.25
"""Requests in flight by the square of the seconds after that: one more after two seconds, 25 more after ten."""
_RISING: Final = 3.0
"""Times the fastest answer for as many items: from here on more requests only wait in the store's queue."""
_AGEING: Final = 1.01
"""The fastest answer counts for less with every answer after it, so that a store that became slower is not punished."""
_FAILURES: Final = 5  # in a row open the circuit
_COOLDOWN: Final = 5.0  # seconds


class Backoff:
    """Decides after each failure of one request how long to wait for the next try."""

    def __init__(self) -> None:
        self._failures = 0
        self._waited = 0.0

    def after(self, error: StoreUnavailable) -> float:
        """Seconds to wait. Raises ``error`` where another try has no point."""
        if error.wait is None:
            self._failures += 1
            wait, hopeless = PAUSE * 2.0 ** (self._failures - 1), self._failures >= TRIES
        else:
            wait = error.wait
            hopeless = self._waited + wait > PATIENCE
        if hopeless or not error.passing:
            raise error
        self._waited += wait
        return wait


async def retried(ask: Callable[[], Awaitable[Answer]], sleep: Sleep = anyio.sleep) -> Answer:
    """The answer of ``ask``, which may be repeated. Raises the last StoreUnavailable."""
    backoff = Backoff()
    while True:
        try:
            return await ask()
        except StoreUnavailable as error:
            wait = backoff.after(error)
        await sleep(wait)


def batches(items: list[Item]) -> Iterator[list[Item]]:
    """The items of a look-up in their order, as many as one request takes."""
    return (items[first : first + _LOOK_UP] for first in range(0, len(items), _LOOK_UP))


def public_address(url: str) -> str:
    """The address of a store without name, password and query, for messages."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


@contextmanager
def timed(store: str, query: str, *, slow: float = SLOW) -> Iterator[None]:
    """Log ``query`` at level INFO, which ``--debug`` shows, if what is done here takes longer than ``slow`` seconds."""
    began = perf_counter()
    try:
        yield
    finally:
        seconds = perf_counter() - began
        if seconds > slow:
            _log.info("slow query: %s: %s took %.0f ms", store, query, seconds * 1000)


class ConcurrencyLimit:
    """At most ``most`` requests in flight. Belongs to one event loop.

    An adaptive limit grows by one for each answer until the store first refuses or slows down (slow start). A refusal
    or a time-out cuts it to 80%, once for all requests that were under way. It returns to one below what was refused,
    stays there for a while, and then tries more, faster and faster, as CUBIC does (RFC 9438): a store's room changes.
    """

    def __init__(self, most: int, *, adaptive: bool = True) -> None:
        self._most = most
        self._adaptive = adaptive
        self._limit = float(min(most, _FIRST) if adaptive else most)
        self._starting = True
        self._in_flight = 0
        self._waiting: deque[anyio.Event] = deque()
        self._last_cut = float("-inf")
        self._level = 0.0
        self._fastest: dict[int, float] = {}

    @property
    def now(self) -> int:
        """Requests that may be in flight at this moment."""
        return max(1, int(self._limit))

    @property
    def most(self) -> int:
        """The upper limit."""
        return self._most

    async def acquire(self) -> None:
        """Wait for a free place."""
        while self._in_flight >= self.now:
            free = anyio.Event()
            self._waiting.append(free)
            try:
                await free.wait()
            finally:
                if free in self._waiting:
                    self._waiting.remove(free)
        self._in_flight += 1

    def release(self) -> None:
        """Give a place back."""
        self._in_flight -= 1
        self._wake()

    def answered(self, items: int, seconds: float, began: float) -> None:
        """A request with ``items`` was answered after ``seconds``; ``began`` by the caller's clock."""
        if not self._adaptive:
            return
        fastest = min(seconds, self._fastest.get(items, seconds) * _AGEING)
        self._fastest[items] = fastest
        if seconds > _RISING * fastest:
            self._cut(began, began + seconds)
            return
        grown = self._limit + 1.0 if self._starting else self._after(began + seconds - self._last_cut)
        self._limit = min(self._most, max(self._limit, grown))
        self._wake()

    def refused(self, began: float, now: float) -> None:
        """The store asked for fewer requests, or did not answer in time."""
        if self._adaptive:
            self._cut(began, now)

    def _after(self, seconds: float) -> float:
        """The limit so many seconds after a cut."""
        if seconds < _BACK:
            return 0.0
        return float(self._level + _CURVE * max(0.0, seconds - _LEVEL) ** 2)

    def _cut(self, began: float, now: float) -> None:
        self._starting = False
        # Requests that were under way at the last cut say nothing about the limit since.
        if began >= self._last_cut:
            self._level = max(1.0, self._limit - 1)
            self._limit = max(1.0, self._limit * _CUT)
            self._last_cut = now

    def _wake(self) -> None:
        for _ in range(self.now - self._in_flight):
            if self._waiting:
                self._waiting.popleft().set()


class Circuit(StrEnum):
    """Closed: requests pass. Open: none does. Half-open: a single one passes, and decides."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Opens after five failures in a row; 5 s later one probe may pass (Nygard, "Release It!")."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._in_a_row = 0
        self._opened_at = 0.0
        self._error: StoreUnavailable | None = None
        self.state = Circuit.CLOSED

    def admit(self) -> None:
        """Let a request pass, or raise the StoreUnavailable that opened the circuit."""
        if self.state is Circuit.OPEN and self._clock() - self._opened_at >= _COOLDOWN:
            self.state = Circuit.HALF_OPEN
        elif self.state is not Circuit.CLOSED and self._error is not None:
            raise StoreUnavailable(self._error.message, self._error.hint, down=True)

    def succeeded(self) -> None:
        """A request that passed was answered."""
        self._in_a_row = 0
        self.state = Circuit.CLOSED

    def failed(self, error: StoreUnavailable) -> None:
        """A request that passed was not answered, or the store is out of order."""
        self._in_a_row += 1
        if self.state is Circuit.HALF_OPEN or self._in_a_row >= _FAILURES:
            self.state = Circuit.OPEN
            self._opened_at = self._clock()
            self._error = error

    def undecided(self) -> None:
        """A request that passed said nothing about the store: a probe of this kind leaves the circuit open."""
        if self.state is Circuit.HALF_OPEN:
            self.state = Circuit.OPEN
