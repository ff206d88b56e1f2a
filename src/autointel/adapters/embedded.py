"""An embedded store, open only while it is used, so that several autointels can share one home.

Opening costs up to a second at 20,000 records, so batches that follow one another find it open. It is closed at once
when another process waits for it, and soon after nobody uses it; never is it kept over a model call.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Generic, TypeVar

import anyio
from anyio import to_thread

from autointel.adapters.locking import StoreLock

Opened = TypeVar("Opened")
Answer = TypeVar("Answer")

_LINGER: Final = 0.5
"""Seconds that an idle store stays open for the next batch, if nobody else wants it."""
_LOOK: Final = 0.05


class Embedded(Generic[Opened]):
    """One store behind one lock and one worker: ladybug may not be used by two threads at once.

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
