from __future__ import annotations

import os
from pathlib import Path
from threading import Event, Thread

import anyio
import pytest

from autointel.adapters.locking import say_nothing
from autointel.adapters.storing_lock import alone, side_by_side, storing

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "storing.lock"


class Forgetting:
    """Who wants the lock alone, on a thread of its own; ``done`` is what was done by whom, in order."""

    def __init__(self, path: Path) -> None:
        self.done: list[str] = []
        self._path = path
        self._waits = Event()
        self._thread = Thread(target=self._forget)

    def begin(self) -> None:
        """Returns when it has said that it waits."""
        self._thread.start()
        assert self._waits.wait(60)

    def end(self) -> None:
        self._thread.join(60)

    def _forget(self) -> None:
        with alone(self._path, lambda _: self._waits.set()):
            self.done.append("alone")


def test_many_hold_a_lock_side_by_side_and_who_wants_it_alone_waits_for_all(path: Path) -> None:
    forgetting = Forgetting(path)

    with side_by_side(path, say_nothing):
        with side_by_side(path, say_nothing):
            forgetting.begin()
        forgetting.done.append("the last of two")
    forgetting.end()

    assert forgetting.done == ["the last of two", "alone"]


def test_who_comes_while_somebody_waits_to_be_alone_comes_later(path: Path) -> None:
    forgetting = Forgetting(path)
    waits = Event()

    def store() -> None:
        with side_by_side(path, lambda _: waits.set()):
            forgetting.done.append("side by side")

    with side_by_side(path, say_nothing):
        forgetting.begin()
        late = Thread(target=store)
        late.start()
        assert waits.wait(60)
    forgetting.end()
    late.join(60)

    assert forgetting.done == ["alone", "side by side"]


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
