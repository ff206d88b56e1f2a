"""The writer stores what can be stored, counts the rest, and waits for nobody who hangs."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest
from anyio.lowlevel import checkpoint
from tests.fakes.clock import FakeClock

from autointel.adapters.insertion import InsertionLimits, InsertionWriter
from autointel.adapters.store_requests import Circuit
from autointel.errors import HomeUnusable, StoreUnavailable

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Store:
    """Keeps numbers. ``faults`` are raised by the first requests, one each; ``bad`` numbers are refused, always."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.sizes: list[int] = []
        self.in_flight = 0
        self.most = 0
        self.faults: list[Exception] = []
        self.bad: set[int] = set()
        self.hangs: set[int] = set()

    async def store(self, batch: Sequence[int]) -> None:
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        self.sizes.append(len(batch))
        try:
            for _ in range(3):
                await checkpoint()
            if self.hangs.intersection(batch):
                await anyio.sleep_forever()
            if self.faults:
                raise self.faults.pop(0)
            if self.bad.intersection(batch):
                raise StoreUnavailable("That is no number.")
            self.kept += batch
        finally:
            self.in_flight -= 1


def writer(store: Store, *, time: FakeClock | None = None, **limits: float | bool) -> InsertionWriter[int]:
    fixed = InsertionLimits(**({"adaptive": False} | limits))  # type: ignore[arg-type]
    if time is None:
        return InsertionWriter("The store", store.store, fixed)
    clock = time.clock
    return InsertionWriter("The store", store.store, fixed, clock=clock.now, sleep=clock.sleep)


async def test_items_go_in_batches_and_no_more_of_them_than_allowed_are_in_flight() -> None:
    store = Store()

    inserted = await writer(store, batch_size=10, max_concurrent=3).insert(range(95))

    assert sorted(store.kept) == list(range(95))
    assert (inserted.stored, inserted.failures) == (95, [])
    assert (store.sizes.count(10), store.sizes.count(5), store.most) == (9, 1, 3)


@pytest.mark.parametrize(("batch_size", "max_concurrent"), [(0, 1), (1, 0), (1, 51), (1001, 1)])
async def test_limits_that_no_setting_allows_are_refused(batch_size: int, max_concurrent: int) -> None:
    with pytest.raises(ValueError, match="in flight"):
        InsertionLimits(batch_size=batch_size, max_concurrent=max_concurrent)


async def test_one_item_that_the_store_refuses_loses_no_other() -> None:
    store = Store()
    store.bad = {17}

    inserted = await writer(store, batch_size=10).insert(range(50))

    assert sorted(store.kept) == [number for number in range(50) if number != 17]
    assert [list(items) for items, _ in inserted.failures] == [[17]]


async def test_one_item_that_hangs_stops_no_other() -> None:
    store = Store()
    store.hangs = {3}
    stores = writer(store, batch_size=5, max_concurrent=2, item_timeout=0.05)

    inserted = await stores.insert(range(20))

    assert sorted(store.kept) == [number for number in range(20) if number != 3]
    assert "in 0.05 s" in str(inserted.failures[0][1])
    assert stores.get_insertion_metrics().errors_by_kind == {"TimeoutError": 1}


async def test_what_passes_is_tried_again() -> None:
    store, time = Store(), FakeClock()
    store.faults = [StoreUnavailable("The connection broke.", passing=True)]
    stores = writer(store, time=time)

    assert (await stores.insert([1, 2])).stored == 2
    assert time.waits == [0.25]
    assert stores.get_insertion_metrics().retries == 1


async def test_a_server_that_asks_to_wait_is_given_the_time_it_asks_for() -> None:
    store, time = Store(), FakeClock()
    store.faults = [StoreUnavailable("Too many requests.", passing=True, wait=7.0) for _ in range(5)]

    assert (await writer(store, time=time).insert([1])).stored == 1
    assert time.waits == [7.0] * 5


async def test_a_server_that_asks_to_wait_for_ever_is_given_a_minute() -> None:
    store, time = Store(), FakeClock()
    store.faults = [StoreUnavailable("Too many requests.", passing=True, wait=25.0) for _ in range(50)]

    inserted = await writer(store, time=time).insert([1])

    assert (inserted.stored, len(inserted.failures)) == (0, 1)
    assert time.waits == [25.0, 25.0]


async def test_a_store_that_is_down_is_soon_no_longer_asked() -> None:
    store, time = Store(), FakeClock()
    store.faults = [StoreUnavailable("Nobody is there.", down=True) for _ in range(100)]
    stores = writer(store, time=time, batch_size=1, max_concurrent=1)

    inserted = await stores.insert(range(100))

    assert len(store.sizes) == 5
    assert sum(len(items) for items, _ in inserted.failures) == 100
    assert stores.circuit is Circuit.OPEN


async def test_after_a_while_a_single_request_finds_out_whether_the_store_is_back() -> None:
    store, time = Store(), FakeClock()
    store.faults = [StoreUnavailable("Nobody is there.", down=True) for _ in range(6)]
    stores = writer(store, time=time, batch_size=1, max_concurrent=10)
    await stores.insert(range(5))

    time.time += 6
    refused = await stores.insert(range(5, 8))
    asked = len(store.sizes)
    time.time += 6
    found = await stores.insert([8])

    assert (asked, refused.stored, found.stored) == (6, 0, 1)
    assert stores.circuit is Circuit.CLOSED


async def test_health_is_asked_once_in_a_hundred_batches() -> None:
    store, asked = Store(), []

    async def health() -> None:
        asked.append(len(store.sizes))

    stores = InsertionWriter("The store", store.store, InsertionLimits(batch_size=1, max_concurrent=1), health=health)
    await stores.insert(range(250))

    assert asked == [100, 200]


async def test_metrics_have_the_names_that_are_promised_and_can_be_reset() -> None:
    store, time = Store(), FakeClock()
    store.bad = {1}
    store.faults = [StoreUnavailable("Later.", passing=True, wait=2.0)]
    stores = writer(store, time=time, batch_size=1, max_concurrent=7)
    await stores.insert(range(5))

    metrics = stores.get_insertion_metrics()
    assert (metrics.total_items_inserted, metrics.batches_processed, metrics.errors) == (4, 4, 1)
    assert metrics.max_concurrent_insertions == 7
    assert set(metrics.model_dump()) >= {
        "total_items_inserted",
        "total_insertion_time_seconds",
        "batches_processed",
        "errors",
        "average_throughput_items_per_sec",
        "average_latency_seconds_per_item",
        "max_concurrent_insertions",
    }

    stores.reset_metrics()
    assert stores.get_insertion_metrics().model_dump(exclude={"max_concurrent_insertions", "concurrency"}) == {
        "total_items_inserted": 0,
        "total_insertion_time_seconds": 0.0,
        "batches_processed": 0,
        "errors": 0,
        "average_throughput_items_per_sec": 0.0,
        "average_latency_seconds_per_item": 0.0,
        "retries": 0,
        "errors_by_kind": {},
    }


async def test_a_kind_of_failure_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    store = Store()
    store.bad = set(range(10))

    await writer(store, batch_size=1).insert(range(10))

    assert len(caplog.records) == 1


async def test_an_error_that_is_no_stores_is_counted_and_told() -> None:
    store = Store()
    store.faults = [HomeUnusable("The disk is full.")]

    inserted = await writer(store, batch_size=5, max_concurrent=1).insert(range(10))

    assert (inserted.stored, [str(error) for _, error in inserted.failures]) == (5, ["The disk is full."])


async def test_an_error_of_the_caller_passes_as_it_is_and_loses_nothing_that_was_added() -> None:
    store = Store()

    async def add_and_stumble() -> None:
        async with writer(store).stream() as stream:
            await stream.add(1)
            raise LookupError

    with pytest.raises(LookupError):
        await add_and_stumble()

    assert store.kept == [1]


async def test_a_batch_that_is_not_full_goes_after_a_while() -> None:
    store = Store()
    stores = writer(store, batch_size=10, flush_seconds=0.001)

    async with stores.stream() as stream:
        await stream.add(1)
        with anyio.fail_after(5):
            while not store.kept:
                await checkpoint()
        await stream.add(2)

    assert store.sizes == [1, 1]


async def test_batches_become_smaller_after_a_time_out_and_grow_back() -> None:
    store = Store()
    store.hangs = {0}
    stores = writer(store, batch_size=16, max_concurrent=1, item_timeout=0.02)

    await stores.insert(range(16))
    small = stores.batch_size
    await stores.insert(range(100, 300))

    assert small < 16
    assert stores.batch_size == 16
