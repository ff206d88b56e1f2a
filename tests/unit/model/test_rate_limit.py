from __future__ import annotations

import anyio
import pytest
from tests.fakes.clock import FakeClock

from autointel.model.limits import Limits, RateLimiter

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_an_open_gate_costs_no_wait() -> None:
    time = FakeClock()
    async with RateLimiter(Limits(), time.clock).passage() as waited:
        assert waited == 0

    assert time.waits == []


async def test_a_minutes_calls_may_go_at_once_and_the_next_waits_for_the_minute() -> None:
    time = FakeClock()
    gate = RateLimiter(Limits(requests_per_minute=3), time.clock)
    waits = []

    for _ in range(4):
        async with gate.passage() as waited:
            waits.append(waited)

    assert waits == [0, 0, 0, 60]


async def test_a_gate_closed_by_one_is_closed_for_all() -> None:
    time = FakeClock()
    gate = RateLimiter(Limits(), time.clock)
    await gate.close_for(5)
    await gate.close_for(2)

    async with gate.passage() as waited:
        assert waited == 5


async def test_strain_halves_the_calls_in_flight_once_and_success_widens_them_again() -> None:
    time = FakeClock()
    gate = RateLimiter(Limits(max_concurrent_calls=8), time.clock)
    time.time = 1
    gate.strained(began=0)
    gate.strained(began=0)  # sent before the first was met: the same congestion

    assert gate.width == 4

    for _ in range(40):
        gate.succeeded(began=time.time)

    assert gate.width == 8


async def test_a_server_is_given_no_more_calls_than_it_has_slots() -> None:
    gate = RateLimiter(Limits(max_concurrent_calls=8), FakeClock().clock)
    gate.limit_to(2)
    entered: list[int] = []
    release = anyio.Event()

    async def call(number: int) -> None:
        async with gate.passage():
            entered.append(number)
            await release.wait()

    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(call, number)
        await anyio.wait_all_tasks_blocked()

        assert entered == [0, 1]
        release.set()

    assert entered == [0, 1, 2, 3, 4]


async def test_answers_that_become_slow_narrow_the_gate() -> None:
    time = FakeClock()
    gate = RateLimiter(Limits(max_concurrent_calls=8), time.clock)
    gate.succeeded(began=0)
    async with gate.passage(), gate.passage():
        time.time = 60
        gate.succeeded(began=1)

    assert gate.width == 4
