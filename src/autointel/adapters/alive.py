"""Whether the process that does a run still lives: a file that it holds a lock on.

The operating system lets go of the lock when the process ends, however it ends; a number of a process would be given
to another one some day.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


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
