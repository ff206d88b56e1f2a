"""The counters behind a writer's metrics."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Final

from autointel.domain.performance import InsertionMetrics

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
