from __future__ import annotations

import anyio
import pytest

from autointel.model.client import SingleFlight

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_one_works_and_the_others_get_its_result() -> None:
    flights, go, worked, results = SingleFlight[str](), anyio.Event(), [0], list[tuple[str, bool]]()

    async def work() -> str:
        worked[0] += 1
        await go.wait()
        return "done"

    async def ask() -> None:
        results.append(await flights.share("key", work))

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        go.set()

    assert worked == [1]
    assert sorted(results) == [("done", False), ("done", True), ("done", True)]


async def test_if_the_worker_is_cancelled_another_takes_over() -> None:
    flights, results, began = SingleFlight[str](), list[tuple[str, bool]](), anyio.Event()

    async def never() -> str:
        began.set()
        await anyio.sleep_forever()
        raise AssertionError

    async def at_once() -> str:
        return "done"

    async with anyio.create_task_group() as group:
        first = anyio.CancelScope()

        async def doomed() -> None:
            with first:
                await flights.share("key", never)

        async def follower() -> None:
            results.append(await flights.share("key", at_once))

        group.start_soon(doomed)
        await began.wait()
        group.start_soon(follower)
        await anyio.wait_all_tasks_blocked()
        first.cancel()

    assert results == [("done", False)]


async def test_an_error_reaches_everyone_and_is_forgotten_then() -> None:
    flights, go = SingleFlight[str](), anyio.Event()

    async def fail() -> str:
        await go.wait()
        raise LookupError("gone")

    async def ask() -> None:
        with pytest.raises(LookupError):
            await flights.share("key", fail)

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        group.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        go.set()

    async def fine() -> str:
        return "fine"

    assert await flights.share("key", fine) == ("fine", False)
