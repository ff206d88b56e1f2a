"""The benchmark's stores are what they are stated to be, and its verdict follows from its figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import anyio
import pytest

from autointel.errors import StoreUnavailable
from autointel_bench.insertion import (
    CrowdedStore,
    Insertion,
    Insertions,
    Pushback,
    in_simulated_time,
    insertions_markdown,
    measure_insertions,
)
from autointel_bench.machine import machine
from autointel_bench.simulated.profile import StoreLatency


def insertions(*, one_by_one: float = 10.0, batched: float = 60.0, adaptive: int = 110) -> Insertions:
    def into(batch: int, concurrency: int, gain: float) -> Insertion:
        return Insertion(
            store="simulated",
            batch=batch,
            concurrency=concurrency,
            items=100,
            seconds=5 / gain,
            seconds_to_read_back=0.05,
        )

    concurrencies = (1, 5, 10, 20, 50)
    return Insertions(
        command="autointel bench insert",
        made="now",
        machine=machine(),
        simulated=(
            *(into(1, each, one_by_one if each == 10 else 1.0) for each in concurrencies),
            *(into(batch, each, batched) for batch in (10, 20, 50, 100) for each in concurrencies),
        ),
        real=(Insertion(store="SQLite", batch=50, concurrency=1, items=1000, seconds=0.5),),
        pushback=(
            Pushback(limit="fixed, 10", items=100, refused=7),
            Pushback(limit="adaptive, up to 50", items=adaptive, refused=3),
        ),
    )


def test_all_targets_together_decide() -> None:
    assert insertions().within_targets
    assert not insertions(one_by_one=8.9).within_targets
    assert not insertions(batched=49).within_targets
    assert not insertions(adaptive=100).within_targets


def test_the_page_says_what_is_simulated() -> None:
    page = insertions_markdown(insertions())

    assert "**10.0×**" in page
    assert "**60×**" in page
    assert "**1.10×**" in page
    assert page.count("*simulated*") >= 3


def test_waiting_takes_no_time_in_simulated_time() -> None:
    async def wait() -> float:
        await anyio.sleep(3600)
        return asyncio.get_running_loop().time()

    assert in_simulated_time(wait) == pytest.approx(3600)


def test_a_crowded_store_refuses_everything_for_a_while_after_one_too_many() -> None:
    latency = StoreLatency(request_seconds=0.2, item_seconds=0)
    outcomes: list[str] = []

    async def ask(store: CrowdedStore) -> None:
        try:
            await store.store([1])
        except StoreUnavailable as error:
            outcomes.append(f"wait {error.wait:g}")
        else:
            outcomes.append("stored")

    async def crowd() -> None:
        clock: Callable[[], float] = asyncio.get_running_loop().time
        store = CrowdedStore(((60.0, 2),), 1.0, latency, clock)
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(ask, store)
        await ask(store)
        await anyio.sleep(1)
        await ask(store)

    in_simulated_time(crowd)

    assert outcomes == ["wait 1", "stored", "stored", "wait 1", "stored"]


def test_the_whole_benchmark_inserts_everything_everywhere() -> None:
    told: list[str] = []

    found = measure_insertions(neo4j=None, command="autointel bench insert", on_progress=told.append, items=100)

    assert {each.store for each in found.simulated} == {"simulated"}
    assert {each.store for each in found.real} == {"SQLite, with embedding", "ladybug"}
    assert all(each.items > 0 and each.seconds > 0 for each in (*found.simulated, *found.real))
    # In simulated time, so the same on every machine: adapting beats the best fixed limit.
    *fixed, adaptive = found.pushback
    assert adaptive.items > max(each.items for each in fixed)
    assert len(told) > len(found.simulated)
