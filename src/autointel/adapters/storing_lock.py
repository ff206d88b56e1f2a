"""The lock between those who store in memory or graph and who forgets, so that nothing forgotten is stored again.

The operating system holds it (``flock``), as in locking.py. Who waits holds the queue's place: nobody overtakes it.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Final

import anyio

from autointel.adapters.locking import Waiting

_POLL: Final = 0.02  # seconds between two tries
_SILENCE: Final = 0.5  # seconds of waiting that are not worth a line


@asynccontextmanager
async def storing(path: Path, waiting: Waiting) -> AsyncIterator[None]:
    """``side_by_side`` that blocks neither the loop nor a thread; a cancelled wait leaves nothing held."""
    with contextlib.ExitStack() as held:
        with contextlib.closing(_tries(path, held, waiting, alone=False)) as tries:
            for _ in tries:
                await anyio.sleep(_POLL)
        yield


@contextmanager
def side_by_side(path: Path, waiting: Waiting) -> Iterator[None]:
    """Hold the lock together with others that do, while nobody is ``alone``. Blocks.

    Who holds it must not ask for it again: somebody may wait to be alone.
    """
    with _held(path, waiting, alone=False):
        yield


@contextmanager
def alone(path: Path, waiting: Waiting) -> Iterator[None]:
    """Hold the lock while nobody else does; who comes later waits. Blocks."""
    with _held(path, waiting, alone=True):
        yield


@contextmanager
def _held(path: Path, waiting: Waiting, *, alone: bool) -> Iterator[None]:
    with contextlib.ExitStack() as held:
        with contextlib.closing(_tries(path, held, waiting, alone=alone)) as tries:
            for _ in tries:
                Event().wait(_POLL)  # a signal ends it
        yield


def _tries(path: Path, held: contextlib.ExitStack, waiting: Waiting, *, alone: bool) -> Generator[None, None, None]:
    """Put the lock into ``held``; yields each time that it cannot be had yet.

    Where there can be no lock (a full disk, one without locks), nothing is held.
    """
    if sys.platform == "win32":
        return
    import fcntl

    others, how = ("storing or forgetting a source", fcntl.LOCK_EX) if alone else ("forgetting a source", fcntl.LOCK_SH)
    silent_until = time.monotonic() + _SILENCE
    with suppress(OSError), contextlib.ExitStack() as turn:
        for file, way, until in ((path.with_suffix(".queue"), fcntl.LOCK_EX, turn), (path, how, held)):
            handle = _opened(file, until)
            while not _taken(handle, way):
                if time.monotonic() > silent_until:
                    waiting(f"Another autointel is {others}; waiting for it.")
                    silent_until = math.inf
                yield


def _taken(handle: int, way: int) -> bool:
    import fcntl

    try:
        fcntl.flock(handle, way | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(path: Path, until: contextlib.ExitStack) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until.callback(_let_go, handle)
    return handle


def _let_go(handle: int) -> None:
    if sys.platform != "win32":
        import fcntl

        # A child that was forked meanwhile has the handle too, and would hold the lock as long as it lives.
        fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)
