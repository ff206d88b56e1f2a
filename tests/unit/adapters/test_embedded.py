from __future__ import annotations

import threading
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from autointel.adapters.locking import Embedded, StoreLock
from autointel.errors import HomeUnusable

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Room:
    """A store that tells when it is opened and closed, and whether two were ever in it."""

    def __init__(self, folder: Path, *, linger: float = 60.0, patience: float = 5.0) -> None:
        self.file = folder / "store"
        self.told: list[str] = []
        self.closed = threading.Event()
        self.inside = 0
        self.most = 0
        self.lock = StoreLock(folder / "store.lock", "The store", patience=patience)
        self.embedded = Embedded(self.lock, self.file, self._open, self._close, linger=linger)

    def _open(self) -> Room:
        self.told.append("opened")
        self.closed.clear()
        self.file.touch()
        return self

    def _close(self, _: Room) -> None:
        self.told.append("closed")
        self.closed.set()

    def enter(self, _: Room) -> int:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.inside -= 1
        return threading.get_ident()


async def test_it_opens_when_it_is_needed_and_stays_open_for_the_next_batch(tmp_path: Path) -> None:
    room = Room(tmp_path)
    assert room.told == []

    await room.embedded.run(room.enter)
    await room.embedded.run(room.enter)

    assert room.told == ["opened"]
    await room.embedded.close()
    await room.embedded.close()
    assert room.told == ["opened", "closed"]
    assert not room.lock.held


async def test_work_runs_aside_and_one_at_a_time(tmp_path: Path) -> None:
    room = Room(tmp_path)
    threads: list[int] = []

    async def work() -> None:
        threads.append(await room.embedded.run(room.enter))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(work)

    assert threading.get_ident() not in threads
    assert room.most == 1
    await room.embedded.close()


async def test_nobody_using_it_it_closes_by_itself(tmp_path: Path) -> None:
    room = Room(tmp_path, linger=0.0)
    await room.embedded.run(room.enter)

    assert await anyio.to_thread.run_sync(room.closed.wait, 10)
    await room.embedded.run(room.enter)
    assert room.told[:3] == ["opened", "closed", "opened"]
    await room.embedded.close()


async def test_idle_and_wanted_elsewhere_it_closes_at_once(tmp_path: Path) -> None:
    first, second = Room(tmp_path), Room(tmp_path)
    await first.embedded.run(first.enter)

    await second.embedded.run(second.enter)

    assert first.told == ["opened", "closed"]
    await second.embedded.close()


async def test_between_two_batches_another_has_its_turn(tmp_path: Path) -> None:
    first, second = Room(tmp_path), Room(tmp_path)
    done = anyio.Event()

    async def many() -> None:
        while not done.is_set():
            await first.embedded.run(first.enter)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(many)
        while not first.told:
            await anyio.lowlevel.checkpoint()
        await second.embedded.run(second.enter)
        await second.embedded.close()
        done.set()

    assert first.told.count("opened") >= 1
    assert second.told == ["opened", "closed"]
    await first.embedded.close()


async def test_work_that_fails_closes_it_and_the_next_opens_it(tmp_path: Path) -> None:
    room = Room(tmp_path)

    def fail(_: Room) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await room.embedded.run(fail)

    assert room.told == ["opened", "closed"]
    assert not room.lock.held
    await room.embedded.run(room.enter)
    await room.embedded.close()


async def test_a_store_that_does_not_open_leaves_nothing_held(tmp_path: Path) -> None:
    lock = StoreLock(tmp_path / "store.lock", "The store")

    def refuse() -> Room:
        raise ZeroDivisionError

    embedded = Embedded(lock, tmp_path / "store", refuse, lambda _: None)
    with pytest.raises(ZeroDivisionError):
        await embedded.run(lambda _: None)

    assert not lock.held


async def test_one_that_is_held_elsewhere_is_a_sentence(tmp_path: Path) -> None:
    lock = StoreLock(tmp_path / "store.lock", "The store")
    await lock.acquire()
    room = Room(tmp_path, patience=0.05)

    with pytest.raises(HomeUnusable, match="The store is in use"):
        await room.embedded.run(room.enter)

    assert room.told == []
    lock.release()


async def test_cancelled_while_it_waits_it_holds_nothing(tmp_path: Path) -> None:
    lock = StoreLock(tmp_path / "store.lock", "The store")
    await lock.acquire()
    room = Room(tmp_path)

    with anyio.move_on_after(0.05):
        await room.embedded.run(room.enter)

    lock.release()
    await room.embedded.run(room.enter)
    assert room.told == ["opened"]
    await room.embedded.close()


async def test_deleted_between_two_batches_it_is_opened_anew(tmp_path: Path) -> None:
    room = Room(tmp_path)
    await room.embedded.run(room.enter)
    room.file.unlink()

    await room.embedded.run(room.enter)

    assert room.told == ["opened", "closed", "opened"]
    await room.embedded.close()


async def test_deleted_while_work_ran_the_work_is_done_again(tmp_path: Path) -> None:
    room = Room(tmp_path)
    runs: list[str] = []

    def work(_: Room) -> int:
        if not runs:
            room.file.unlink()
        runs.append("ran")
        return len(runs)

    assert await room.embedded.run(work) == 2
    assert room.told == ["opened", "closed", "opened"]
    await room.embedded.close()
