from __future__ import annotations

import os
import time
from pathlib import Path
from threading import Thread

import anyio
import pytest

from autointel.adapters.locking import say_nothing
from autointel.adapters.storing_lock import alone, side_by_side, storing

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "storing.lock"


def test_many_hold_a_lock_side_by_side_and_who_wants_it_alone_waits_for_all(path: Path) -> None:
    done: list[str] = []
    said: list[str] = []

    def forget() -> None:
        with alone(path, said.append):
            done.append("alone")

    with side_by_side(path, say_nothing):
        with side_by_side(path, say_nothing):
            thread = Thread(target=forget)
            thread.start()
            while not said:
                time.sleep(0.01)
        thread.join(0.1)
        assert done == []
    thread.join(60)

    assert done == ["alone"]


def test_who_comes_while_somebody_waits_to_be_alone_comes_later(path: Path) -> None:
    done: list[str] = []
    said: list[str] = []

    def forget() -> None:
        with alone(path, said.append):
            done.append("alone")

    def store() -> None:
        with side_by_side(path, say_nothing):
            done.append("side by side")

    with side_by_side(path, say_nothing):
        first = Thread(target=forget)
        first.start()
        while not said:
            time.sleep(0.01)
        second = Thread(target=store)
        second.start()
        second.join(0.1)
    first.join(60)
    second.join(60)

    assert done == ["alone", "side by side"]


def test_a_child_that_was_forked_meanwhile_holds_no_lock(path: Path) -> None:
    end, begin = os.pipe()
    with side_by_side(path, say_nothing):
        child = os.fork()
        if child == 0:
            os.read(end, 1)
            os._exit(0)
    said: list[str] = []
    try:
        with alone(path, said.append):
            assert said == []
    finally:
        os.write(begin, b".")
        os.waitpid(child, 0)
        os.close(end)
        os.close(begin)


async def test_a_wait_that_is_cancelled_ends_at_once_and_leaves_nothing_held(path: Path) -> None:
    with alone(path, say_nothing), anyio.move_on_after(0.05) as waited:
        async with storing(path, say_nothing):
            pytest.fail("nobody may store while something is forgotten")
    said: list[str] = []

    with alone(path, said.append):
        assert waited.cancelled_caught
    assert said == []


async def test_any_number_that_wait_in_one_process_leave_threads_for_the_one_they_wait_for(path: Path) -> None:
    entered: list[int] = []
    everybody = anyio.to_thread.current_default_thread_limiter().total_tokens

    async def store(number: int) -> None:
        async with storing(path, say_nothing):
            entered.append(number)

    async with anyio.create_task_group() as tasks:
        with alone(path, say_nothing):
            for number in range(int(everybody)):
                tasks.start_soon(store, number)
            await anyio.sleep(0.1)
            with anyio.fail_after(5):
                assert await anyio.to_thread.run_sync(len, entered) == 0

    assert len(entered) == everybody


async def test_who_stores_is_told_why_it_waits(path: Path) -> None:
    said: list[str] = []
    forgotten = anyio.Event()

    def tell(what: str) -> None:
        said.append(what)
        forgotten.set()

    async def store() -> None:
        async with storing(path, tell):
            pass

    async with anyio.create_task_group() as tasks:
        with alone(path, say_nothing):
            tasks.start_soon(store)
            with anyio.fail_after(60):
                await forgotten.wait()

    assert said == ["Another autointel is forgetting a source; waiting for it."]
