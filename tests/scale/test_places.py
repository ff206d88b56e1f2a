"""Places for calls to one model server, shared through a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from scripts.server_process import Server
from scripts.services_debian import redis

from autointel.adapters.broker import RedisPlaces, RedisTurns

pytestmark = [pytest.mark.timeout(120), pytest.mark.xdist_group("scale"), pytest.mark.anyio]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = redis()
    yield server
    server.stop()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def places(server: Server, name: str, said: list[str], *, at_once: int = 2, a_minute: int | None = None) -> RedisPlaces:
    return RedisPlaces(server.address, name, at_once=at_once, a_minute=a_minute, tell=said.append)


async def test_three_runs_together_have_no_more_calls_under_way_than_one_may(server: Server) -> None:
    runs, under_way, most = [places(server, "one", []) for _ in range(3)], 0, 0

    async def call(run: RedisPlaces) -> None:
        nonlocal under_way, most
        async with run.place():
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.02)
            under_way -= 1

    await asyncio.gather(*(call(run) for run in runs for _ in range(5)))
    for run in runs:
        await run.aclose()

    assert most == 2


async def test_calls_of_all_runs_together_start_no_oftener_than_a_minute_allows(server: Server) -> None:
    runs = [places(server, "minute", [], at_once=9, a_minute=3) for _ in range(2)]

    async def call(run: RedisPlaces) -> None:
        async with run.place():
            pass

    calls = [asyncio.create_task(call(run)) for run in runs for _ in range(2)]
    done, waiting = await asyncio.wait(calls, timeout=2)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for run in runs:
        await run.aclose()

    assert len(done) == 3


async def test_a_server_that_says_later_says_it_to_every_run(server: Server) -> None:
    told, other = places(server, "later", []), places(server, "later", [])
    await told.close_for(60)

    entered = asyncio.create_task(_enter(other))
    done, _ = await asyncio.wait([entered], timeout=1)
    entered.cancel()
    await asyncio.gather(entered, return_exceptions=True)
    await told.aclose()
    await other.aclose()

    assert not done


async def test_servers_by_other_names_do_not_wait_for_each_other(server: Server) -> None:
    one, other = places(server, "a", [], at_once=1), places(server, "b", [], at_once=1)

    async with one.place(), other.place():
        pass

    await one.aclose()
    await other.aclose()


async def test_without_redis_a_run_says_so_once_and_keeps_to_its_own_limits() -> None:
    said: list[str] = []
    alone = RedisPlaces("redis://127.0.0.1:1/0", "gone", at_once=1, a_minute=None, tell=said.append)

    async with alone.place():
        pass
    async with alone.place():
        pass
    await alone.aclose()

    assert said == ["Redis at 127.0.0.1:1 does not answer: this run keeps to its own limits."]


async def test_requests_of_all_runs_to_one_host_come_no_oftener_than_a_minute_allows(server: Server) -> None:
    runs = [RedisTurns(server.address, 3, lambda _: None) for _ in range(2)]

    turns = [asyncio.create_task(run.turn("talks.example")) for run in runs for _ in range(2)]
    done, waiting = await asyncio.wait(turns, timeout=2)
    await runs[0].turn("other.example")  # has a minute of its own
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for run in runs:
        await run.aclose()

    assert len(done) == 3


async def test_without_redis_requests_go_ahead_and_that_is_said_once() -> None:
    said: list[str] = []
    alone = RedisTurns("redis://127.0.0.1:1/0", 1, said.append)

    await alone.turn("talks.example")
    await alone.turn("talks.example")
    await alone.aclose()

    assert len(said) == 1


async def _enter(run: RedisPlaces) -> None:
    async with run.place():
        pass
