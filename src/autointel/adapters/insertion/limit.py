"""How many requests may be in flight to one store: a fixed number, or one that follows the store's answers.

A circuit breaker: a store that fails again and again is not asked for a while, and then by one request only.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import anyio

from autointel.domain.performance import InsertionMetrics
from autointel.errors import StoreUnavailable

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


_FAILURES: Final = 5
_COOLDOWN: Final = 5.0  # seconds


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


_log: Final = logging.getLogger(__name__)


class InsertionCounters:
    """Counts for one store; ``clock`` gives monotonic seconds. Warns once of each kind of failure."""

    def __init__(self, store: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._warned: set[str] = set()
        self.reset()

    def reset(self) -> None:
        """Begin counting again; batches in flight count from now on."""
        self._items = self._batches = self._retries = 0
        self._seconds = 0.0
        self._errors: Counter[str] = Counter()
        self._in_flight = getattr(self, "_in_flight", 0)
        self._since = self._clock()

    def begin(self) -> None:
        """A request goes out."""
        if self._in_flight == 0:
            self._since = self._clock()
        self._in_flight += 1

    def end(self) -> None:
        """A request came back, whatever its answer."""
        self._in_flight -= 1
        if self._in_flight == 0:
            self._seconds += self._clock() - self._since

    def stored(self, items: int) -> None:
        """A batch is durable."""
        self._items += items
        self._batches += 1

    def retried(self) -> None:
        """A batch goes out again."""
        self._retries += 1

    def failed(self, items: int, error: Exception) -> None:
        """These items are not stored, and nothing more will be tried."""
        kind = type(error.__cause__ or error).__name__
        self._errors[kind] += items
        if kind not in self._warned:
            self._warned.add(kind)
            _log.warning("%s: %d not stored (%s)", self._store, items, error)

    def metrics(self, most: int, now: int) -> InsertionMetrics:
        """As the counters stand."""
        seconds = self._seconds + (self._clock() - self._since if self._in_flight else 0.0)
        return InsertionMetrics(
            total_items_inserted=self._items,
            total_insertion_time_seconds=seconds,
            batches_processed=self._batches,
            errors=self._errors.total(),
            average_throughput_items_per_sec=self._items / seconds if seconds > 0 else 0.0,
            average_latency_seconds_per_item=seconds / self._items if self._items else 0.0,
            max_concurrent_insertions=most,
            concurrency=now,
            retries=self._retries,
            errors_by_kind=dict(sorted(self._errors.items())),
        )
