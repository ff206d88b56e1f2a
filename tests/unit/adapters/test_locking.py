from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from typing_extensions import override

from autointel.adapters.locking import StoreLock, turn_on_write_ahead_log
from autointel.errors import HomeUnusable

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "memory.lock"


async def test_it_is_held_by_one_at_a_time_and_who_waits_says_so(path: Path) -> None:
    said: list[str] = []
    first = StoreLock(path, "The memory")
    second = StoreLock(path, "The memory", waiting=said.append, silence=0.0)
    await first.acquire()
    # By way of a list: mypy would take the loop below for one that never ends.
    assert [first.wanted] == [False]

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(second.acquire)
        while not said:
            await anyio.lowlevel.checkpoint()
        assert first.wanted
        first.release()

    assert [lock.held for lock in (first, second)] == [False, True]
    assert said == ["The memory is in use by another autointel; waiting for it."]
    second.release()


async def test_nobody_is_told_to_wait_where_there_is_nothing_to_wait_for(path: Path) -> None:
    said: list[str] = []
    lock = StoreLock(path, "The memory", waiting=said.append)
    for _ in range(3):
        await lock.acquire()
        lock.release()
        lock.release()

    assert said == []
    assert not lock.held


async def test_patience_ends_with_a_sentence_and_a_hint(path: Path) -> None:
    first, second = StoreLock(path, "The graph"), StoreLock(path, "The graph", patience=0.05)
    await first.acquire()

    with pytest.raises(HomeUnusable, match="The graph is in use by another autointel") as raised:
        await second.acquire()

    assert "AUTOINTEL_HOME" in raised.value.hint
    assert not second.held
    assert not first.wanted
    first.release()


async def test_a_wait_that_is_cancelled_leaves_nothing_held(path: Path) -> None:
    first, second = StoreLock(path, "The memory"), StoreLock(path, "The memory")
    await first.acquire()

    with anyio.move_on_after(0.05):
        await second.acquire()

    assert not first.wanted
    first.release()
    await second.acquire()
    second.release()


async def test_who_waits_gets_it_before_who_comes_back(path: Path) -> None:
    order: list[str] = []
    busy, patient = StoreLock(path, "The memory"), StoreLock(path, "The memory")

    async def wait() -> None:
        await patient.acquire()
        order.append("patient")
        patient.release()

    await busy.acquire()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        while not busy.wanted:
            await anyio.lowlevel.checkpoint()
        busy.release()
        await busy.acquire()
        order.append("busy")
        busy.release()

    assert order == ["patient", "busy"]


async def test_a_process_that_is_killed_lets_go(path: Path) -> None:
    program = """
import anyio, sys
from pathlib import Path
from autointel.adapters.locking import StoreLock
lock = StoreLock(Path(sys.argv[1]), "The memory")
anyio.run(lock.acquire)
print("held", flush=True)
sys.stdin.read()
"""
    async with await anyio.open_process([sys.executable, "-c", program, str(path)]) as other:
        assert other.stdout is not None
        assert await other.stdout.receive() == b"held\n"
        lock = StoreLock(path, "The memory", patience=0.05)
        with pytest.raises(HomeUnusable):
            await lock.acquire()

        other.kill()
        await other.wait()

        await lock.acquire()
        lock.release()


async def test_a_folder_that_cannot_hold_a_lock_is_a_sentence_and_never_wanted_by_error(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("in the way")
    lock = StoreLock(tmp_path / "locks" / "memory.lock", "The memory")

    with pytest.raises(HomeUnusable, match="file where a folder should be"):
        await lock.acquire()
    assert lock.wanted
    lock.release()


@pytest.fixture
def folder_in_the_way(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


async def test_a_lock_file_that_cannot_be_opened_is_a_sentence(folder_in_the_way: Path) -> None:
    path = folder_in_the_way

    with pytest.raises(HomeUnusable, match="cannot be locked") as raised:
        await StoreLock(path, "The memory").acquire()

    assert str(path.parent) in raised.value.hint


async def test_a_home_that_was_emptied_meanwhile_gets_its_locks_again(path: Path) -> None:
    lock = StoreLock(path, "The memory")
    await lock.acquire()
    lock.release()
    shutil.rmtree(path.parent)

    await lock.acquire()

    assert lock.held
    lock.release()


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Reads a new file without a log."""
    with closing(sqlite3.connect(tmp_path / "new.sqlite3", isolation_level=None)) as made:
        made.execute("CREATE TABLE facts (name TEXT)")
        made.execute("BEGIN")
        made.execute("SELECT * FROM facts").fetchall()
        yield made


def test_a_write_ahead_log_waits_for_whoever_reads_the_new_file(reader: sqlite3.Connection, tmp_path: Path) -> None:
    class Refused(sqlite3.Connection):
        @override
        def execute(self, *statement: Any) -> sqlite3.Cursor:
            try:
                return super().execute(*statement)
            except sqlite3.OperationalError:
                reader.execute("COMMIT")
                raise

    with closing(sqlite3.connect(tmp_path / "new.sqlite3", factory=Refused, timeout=0)) as writer:
        turn_on_write_ahead_log(writer, patience=30)

        assert writer.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
    assert not reader.in_transaction


@pytest.mark.usefixtures("reader")
def test_a_write_ahead_log_is_given_up_after_a_while(tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "new.sqlite3", timeout=0)) as writer,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        turn_on_write_ahead_log(writer, patience=0)
