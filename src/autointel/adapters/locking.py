"""Locks between processes: on stores that only one may have open, and as the sign that a run still lives.

The operating system holds them (``flock``), so a process that is killed releases them; a stale lock file means nothing.
Two files make a store's lock fair: who waits holds the queue's place, so the holder sees between two batches that it
should let go. An embedded store is open only while it is used, so that several autointels can share one home.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import anyio
from anyio import to_thread

from autointel.adapters.home import translate_errors
from autointel.errors import HomeUnusable

if TYPE_CHECKING:
    import sqlite3

    from filelock import BaseFileLock

PATIENCE: Final = 30.0
"""Seconds that a process waits for another before it gives up."""
_POLL: Final = 0.02  # seconds between two tries
# Between two batches of another process it takes a tenth of a second; that is not worth a line each time.
_SILENCE: Final = 0.5
Waiting = Callable[[str], None]
"""Gets one sentence: the work waits for another process."""
Opened = TypeVar("Opened")
Answer = TypeVar("Answer")
_LINGER: Final = 0.5
"""Seconds that an idle store stays open for the next batch, if nobody else wants it."""
_LOOK: Final = 0.05  # seconds between two looks at an idle store


def say_nothing(_sentence: str) -> None:
    """A ``Waiting`` for those who have nobody to tell."""


class StoreLock:
    """Held by one process at a time. ``what`` is how the store is called in sentences ("The memory").

    ``waiting`` is called once, after ``silence`` seconds of waiting.
    """

    def __init__(
        self,
        path: Path,
        what: str,
        *,
        patience: float = PATIENCE,
        waiting: Waiting = say_nothing,
        silence: float = _SILENCE,
    ) -> None:
        self._path = path
        self._what = what
        self._patience = patience
        self._waiting = waiting
        self._silence = silence
        self._files: tuple[BaseFileLock, BaseFileLock] | None = None

    async def acquire(self) -> None:
        """Wait for it, without blocking the loop. Raises HomeUnusable after ``patience`` seconds.

        A cancelled wait leaves nothing held.
        """
        with translate_errors(self._path.parent):
            # Each time: somebody may have emptied the home since.
            self._path.parent.mkdir(parents=True, exist_ok=True)
        store, queue = self._open()
        began = time.monotonic()
        said = False
        try:
            # First in the queue, then in the store.
            while not (self._take(queue) and self._take(store)):
                waited = time.monotonic() - began
                if waited >= self._patience:
                    raise self._still_in_use()
                if waited >= self._silence and not said:
                    self._waiting(f"{self._what} is in use by another autointel; waiting for it.")
                    said = True
                await anyio.sleep(_POLL)
        finally:
            queue.release()

    def release(self) -> None:
        """Let go; releasing what is not held does nothing."""
        if self._files is not None:
            self._files[0].release()

    @property
    def held(self) -> bool:
        """Whether this object holds it."""
        return self._files is not None and self._files[0].is_locked

    @property
    def wanted(self) -> bool:
        """Whether another process stands in the queue, so that the holder should let go between two batches.

        Never raises: a lock that cannot be asked about is one to let go of.
        """
        try:
            _, queue = self._open()
            if not self._take(queue):
                return True
        except HomeUnusable:
            return True
        queue.release()
        return False

    def _open(self) -> tuple[BaseFileLock, BaseFileLock]:
        if self._files is None:
            # 40 ms of import, paid by those who open a store.
            from filelock import FileLock

            def lock(path: Path) -> BaseFileLock:
                # Acquired on the loop's thread and released on a worker's. A "soft" lock would outlive a kill.
                return FileLock(path, thread_local=False, fallback_to_soft=False)

            self._files = lock(self._path), lock(self._path.with_suffix(".queue"))
        return self._files

    def _take(self, lock: BaseFileLock) -> bool:
        if lock.is_locked:
            return True
        from filelock import Timeout

        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            raise HomeUnusable(
                f"{self._what} cannot be locked: {error}.",
                hint=f"Make {self._path.parent} writable, on a disk that supports file locks, or set AUTOINTEL_HOME.",
            ) from error
        return True

    def _still_in_use(self) -> HomeUnusable:
        return HomeUnusable(
            f"{self._what} is in use by another autointel, and was not released in {self._patience:g} s.",
            hint="Try again when the other one has ended, or give this one its own AUTOINTEL_HOME.",
        )


@contextmanager
def alive(path: Path) -> Iterator[None]:
    """Hold the mark while the work is done. Where there can be none (a full disk, one without locks), go on without."""
    handle = None
    with suppress(OSError):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        _lock(handle)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        if handle is not None:
            os.close(handle)


def is_alive(path: Path) -> bool:
    """Whether a process holds the mark."""
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        _lock(handle)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _lock(handle: int) -> None:
    """Raises BlockingIOError where another holds it."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def turn_on_write_ahead_log(connection: sqlite3.Connection, patience: float) -> None:
    """Wait up to ``patience`` seconds for others that open the file: SQLite's own patience leaves this statement out.

    Where many processes open a new file at once, one may meet the log while another takes it away: that shows as an
    I/O error (seen once in 60 openings by 20 at a time), which is given a second. Raises sqlite3.OperationalError.
    """
    import sqlite3

    began = time.monotonic()
    patient = {sqlite3.SQLITE_BUSY: patience, sqlite3.SQLITE_IOERR: min(patience, 1.0)}
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            # The low byte is the kind of error; what is above it says more than is needed here.
            if time.monotonic() > began + patient.get(error.sqlite_errorcode & 0xFF, -1.0):
                raise
        else:
            return
        threading.Event().wait(_POLL)


class Embedded(Generic[Opened]):
    """One store behind one lock and one worker: ladybug may not be used by two threads at once.

    Opening costs up to a second at 20,000 records, so batches that follow one another find it open. It is closed at
    once when another process waits for it, and soon after nobody uses it; never is it kept over a model call.

    ``file`` is looked at before and after each piece of work: a store whose folder was deleted is opened anew, because
    SQLite and ladybug would go on writing into files that no longer have a name.
    """

    def __init__(
        self,
        lock: StoreLock,
        file: Path,
        open_store: Callable[[], Opened],
        close_store: Callable[[Opened], None],
        *,
        linger: float = _LINGER,
    ) -> None:
        self._lock = lock
        self._file = file
        self._open_store = open_store
        self._close_store = close_store
        self._linger = linger
        self._turn = anyio.Lock()
        # Guards what follows against the thread that closes an idle store.
        self._state = threading.Condition()
        self._store: Opened | None = None
        self._identity: tuple[int, int] | None = None
        self._busy = False
        self._idle_since = 0.0

    async def run(self, work: Callable[[Opened], Answer]) -> Answer:
        """``work``'s answer, in its turn; it runs in a worker thread and may run twice if the store's file vanishes.

        Raises what ``work`` and the opening raise, and HomeUnusable if another process does not let go.
        """
        async with self._turn:
            if not await to_thread.run_sync(self._claim):
                await self._lock.acquire()
            try:
                return await to_thread.run_sync(self._work, work)
            except BaseException:
                # What a store is worth after an error nobody knows; and a lock without work is held for nothing.
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(self._close)
                raise

    async def close(self) -> None:
        """Close now. It opens again when it is needed."""
        async with self._turn:
            await to_thread.run_sync(self._close)

    def _claim(self) -> bool:
        """Whether it is open; if so it stays open until the work is done."""
        with self._state:
            self._busy = self._store is not None
            return self._busy

    def _work(self, work: Callable[[Opened], Answer]) -> Answer:
        answer = work(self._ready())
        if self._identity != self._look():
            answer = work(self._ready())
        if self._lock.wanted:
            self._close()
        with self._state:
            self._busy = False
            self._idle_since = time.monotonic()
        return answer

    def _ready(self) -> Opened:
        if self._store is not None and self._identity != self._look():
            store, self._store = self._store, None
            # Its files are gone; whether it closes well matters to nobody.
            with contextlib.suppress(Exception):
                self._close_store(store)
        if self._store is None:
            store = self._open_store()
            with self._state:
                self._store, self._busy = store, True
                self._identity = self._look()
            threading.Thread(target=partial(self._watch, store), name="autointel-store", daemon=True).start()
        return self._store

    def _look(self) -> tuple[int, int] | None:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _watch(self, store: Opened) -> None:
        """Close the store when it is idle and wanted elsewhere, or idle for long."""
        with self._state:
            while self._store is store:
                self._state.wait(_LOOK)
                if self._store is store and not self._busy and self._is_over():
                    self._close()

    def _is_over(self) -> bool:
        return time.monotonic() - self._idle_since > self._linger or self._lock.wanted

    def _close(self) -> None:
        with self._state:
            try:
                if self._store is not None:
                    self._close_store(self._store)
            finally:
                self._store = None
                self._busy = False
                self._lock.release()
                self._state.notify_all()
