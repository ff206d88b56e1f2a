from __future__ import annotations

import pytest
from tests.fakes.clock import FakeClock

from autointel.model.endpoint import Limits
from autointel.model.rate_limit import RateLimiter

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
    gate.close_for(5)
    gate.close_for(2)

    async with gate.passage() as waited:
        assert waited == 5
