"""The writer in front of a store: collects items into batches and keeps several of them in flight."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

import anyio
from anyio.abc import TaskGroup

from autointel.adapters.store_requests import Backoff, Circuit, CircuitBreaker, ConcurrencyLimit
from autointel.domain.performance import InsertionMetrics
from autointel.errors import AutointelError, NotAllStored, StoreUnavailable

Item = TypeVar("Item")
_log: Final = logging.getLogger(__name__)
_HEALTH_EVERY: Final = 100  # batches
_LARGEST_BATCH: Final = 1000  # records
_MOST_IN_FLIGHT: Final = 50  # batches


@dataclass(frozen=True)
class InsertionLimits:
    """Limits of one writer. ``item_timeout`` is seconds for one request, ``flush_seconds`` how long a batch may fill.

    Raises ValueError for limits outside of those that the settings allow.
    """

    batch_size: int = 50
    flush_seconds: float = 5.0
    max_concurrent: int = 10
    item_timeout: float = 30.0
    adaptive: bool = True

    def __post_init__(self) -> None:
        """Refuse what no setting allows."""
        if not (1 <= self.batch_size <= _LARGEST_BATCH and 1 <= self.max_concurrent <= _MOST_IN_FLIGHT):
            raise ValueError(f"batches of {self.batch_size}, {self.max_concurrent} in flight")
        if self.flush_seconds <= 0 or self.item_timeout <= 0:
            raise ValueError("times are positive")


@dataclass
class Inserted(Generic[Item]):
    """What became of the items. ``failures`` pairs items with the error that kept them from being stored."""

    stored: int = 0
    failures: list[tuple[Sequence[Item], Exception]] = field(default_factory=list)


class InsertionWriter(Generic[Item]):
    """Stores items by ``store``, which takes a batch, returns when the batch is durable, and raises AutointelError.

    A failure stays with its items: a batch that the store refuses or does not take in time is sent again item by item.
    ``health`` is asked once in a hundred batches; it raises StoreUnavailable. ``clock`` gives
    monotonic seconds. A writer belongs to one event loop.
    """

    def __init__(
        self,
        name: str,
        store: Callable[[Sequence[Item]], Awaitable[None]],
        limits: InsertionLimits,
        *,
        health: Callable[[], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._name = name
        self._store = store
        self._limits = limits
        self._health = health
        self._clock = clock
        self._sleep = sleep
        self._limit = ConcurrencyLimit(limits.max_concurrent, adaptive=limits.adaptive)
        self._size = limits.batch_size
        self._breaker = CircuitBreaker(clock)
        self._counters = InsertionCounters(name, clock)
        self._until_check = _HEALTH_EVERY

    def get_insertion_metrics(self) -> InsertionMetrics:
        """The counters since the writer was made, or since the last reset."""
        return self._counters.metrics(self._limit.most, self._limit.now)

    def reset_metrics(self) -> None:
        """Set all counters to zero."""
        self._counters.reset()

    @property
    def batch_size(self) -> int:
        """Items in the next batch: smaller after a time-out, and growing back to the limit."""
        return self._size

    @property
    def circuit(self) -> Circuit:
        """Whether the store is being asked."""
        return self._breaker.state

    async def insert(self, items: Iterable[Item]) -> Inserted[Item]:
        """Store all of these. Raises nothing that the store raises: failures are in the result."""
        async with self.stream() as stream:
            for item in items:
                await stream.add(item)
        return stream.inserted

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[InsertionStream[Item]]:
        """A stream to which items are added as they come; at its end everything has been tried.

        An error of the caller's own passes as it is, once what was added before it has been tried.
        """
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            stream = InsertionStream(self, tasks, self._limits.flush_seconds)
            try:
                yield stream
            except Exception as error:  # noqa: BLE001  the task group would wrap it
                failure = error
            await stream.flush()
        if failure is not None:
            raise failure

    async def send(self, batch: Sequence[Item], inserted: Inserted[Item], tasks: TaskGroup) -> None:
        """Start a batch once there is room for another in flight."""
        await self._limit.acquire()
        tasks.start_soon(self._deliver, batch, inserted)

    async def _deliver(self, batch: Sequence[Item], inserted: Inserted[Item]) -> None:
        """Owns one place in flight, and gives it back."""
        try:
            await self._with_retries(batch)
        except Exception as error:  # noqa: BLE001  a batch that cannot be stored must not end the others
            failure: Exception | None = error
        else:
            failure = None
        finally:
            self._limit.release()
        if failure is None:
            inserted.stored += len(batch)
            self._counters.stored(len(batch))
        elif len(batch) > 1 and _one_item_may_be_at_fault(failure) and self.circuit is Circuit.CLOSED:
            async with anyio.create_task_group() as tasks:
                for item in batch:
                    await self.send([item], inserted, tasks)
        else:
            inserted.failures.append((batch, failure))
            self._counters.failed(len(batch), failure)

    async def _with_retries(self, batch: Sequence[Item]) -> None:
        backoff = Backoff()
        while True:
            try:
                return await self._once(batch)
            except StoreUnavailable as error:
                wait = backoff.after(error)
            self._counters.retried()
            # The place stays taken: whoever has been asked to wait sends nothing else meanwhile.
            await self._sleep(wait)

    async def _once(self, batch: Sequence[Item]) -> None:
        self._breaker.admit()
        began = self._clock()
        self._counters.begin()
        try:
            with anyio.fail_after(self._limits.item_timeout):
                await self._check_health()
                await self._store(batch)
        except TimeoutError as error:
            self._limit.refused(began, self._clock())
            self._size = max(1, self._size // 2)
            late = TimedOut(
                f"{self._name} did not store {len(batch)} records in {self._limits.item_timeout:g} s.",
                "See whether the store is overloaded, or lower AUTOINTEL_MEMORY__BATCH_SIZE.",
            )
            self._breaker.failed(late)
            raise late from error
        except StoreUnavailable as error:
            if error.wait is not None:
                self._limit.refused(began, self._clock())
            if error.wait is None and (error.down or error.passing):
                self._breaker.failed(error)
            else:
                self._breaker.succeeded()
            raise
        except BaseException:
            self._breaker.undecided()
            raise
        finally:
            self._counters.end()
        self._limit.answered(len(batch), self._clock() - began, began)
        self._breaker.succeeded()
        if len(batch) >= self._size:
            self._size = min(self._limits.batch_size, self._size + max(1, self._size // 4))

    async def _check_health(self) -> None:
        if self._health is None:
            return
        self._until_check -= 1
        if self._until_check < 0:
            self._until_check = _HEALTH_EVERY - 1
            try:
                await self._health()
            except BaseException:
                self._until_check = 0
                raise


class InsertionStream(Generic[Item]):
    """Items on their way to a writer. A batch goes when it is full, or ``flush_seconds`` after its first item."""

    def __init__(self, writer: InsertionWriter[Item], tasks: TaskGroup, flush_seconds: float) -> None:
        self._writer = writer
        self._tasks = tasks
        self._flush_seconds = flush_seconds
        self._batch: list[Item] = []
        self._timer: anyio.CancelScope | None = None
        self.inserted: Inserted[Item] = Inserted()

    async def add(self, item: Item) -> None:
        """Add an item; waits while the store is behind."""
        self._batch.append(item)
        if len(self._batch) >= self._writer.batch_size:
            await self.flush()
        elif self._timer is None:
            self._timer = anyio.CancelScope()
            self._tasks.start_soon(self._flush_later, self._timer)

    async def flush(self) -> None:
        """Send what has been added so far."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._batch = self._batch, []
        if batch:
            await self._writer.send(batch, self.inserted, self._tasks)

    async def _flush_later(self, timer: anyio.CancelScope) -> None:
        with timer:
            await anyio.sleep(self._flush_seconds)
            self._timer = None
        if not timer.cancelled_caught:
            await self.flush()


class TimedOut(StoreUnavailable):
    """A store that did not answer in time."""


def _one_item_may_be_at_fault(error: Exception) -> bool:
    """A store that is down refuses every item; one that refuses a batch may take the rest of it."""
    if isinstance(error, StoreUnavailable):
        return isinstance(error, TimedOut) or not (error.down or error.passing)
    return not isinstance(error, AutointelError)


def raise_failures(inserted: Inserted[Item], id_of: Callable[[Item], str]) -> None:
    """Raise NotAllStored with the ids of all items that are not stored; any error that is no store's as it is."""
    if not inserted.failures:
        return
    for _, error in inserted.failures:
        if not isinstance(error, StoreUnavailable):
            raise error
    lost = frozenset(id_of(item) for items, _ in inserted.failures for item in items)
    first = inserted.failures[0][1]
    hint = first.hint if isinstance(first, StoreUnavailable) else ""
    raise NotAllStored(str(first), hint, lost=lost) from first


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
        """The metrics as the counters stand."""
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
