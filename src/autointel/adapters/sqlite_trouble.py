"""What keeps SQLite from a file of the home, in plain words. SQLite's own say neither what happened nor what to do."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

ELSEWHERE: Final = "or set AUTOINTEL_HOME to another folder."
_LEAST_ROOM: Final = 1_000_000  # bytes; below it SQLite may call a full disk an I/O error: it cannot make its index
_LONGEST_PATH: Final = 500  # bytes; SQLite opens none of more than 512, and gives its log a longer name
_KNOWN: Final = {
    "SQLITE_FULL": ("cannot grow: the disk is full", f"Free some space, {ELSEWHERE}"),
    "SQLITE_READONLY": ("cannot be written", f"Make it and its folder writable, {ELSEWHERE}"),
    "SQLITE_CANTOPEN": ("cannot be opened", f"Make its folder writable, {ELSEWHERE}"),
    "SQLITE_PERM": ("may not be read", f"Make it readable, {ELSEWHERE}"),
    "SQLITE_IOERR": (
        "cannot be read or written",
        f"See that its disk is neither full nor failing, that ulimit -f allows larger files, {ELSEWHERE}",
    ),
}


def trouble(path: Path, error: sqlite3.Error) -> tuple[str, str] | None:
    """The end of a sentence that begins with the file, and what to do; None where the file itself is the trouble."""
    found = family(error)
    if found == "SQLITE_IOERR" and _is_full(path):
        found = "SQLITE_FULL"
    if found == "SQLITE_CANTOPEN" and len(os.fsencode(path)) > _LONGEST_PATH:
        return f"has a path of {len(os.fsencode(path))} bytes", "Set AUTOINTEL_HOME to a folder with a shorter path."
    return _KNOWN.get(found)


def family(error: sqlite3.Error) -> str:
    """The kind of error, without what SQLite adds: ``SQLITE_IOERR_WRITE`` is of ``SQLITE_IOERR``."""
    return "_".join((getattr(error, "sqlite_errorname", "") or "").split("_")[:2])


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _LEAST_ROOM
    except OSError:
        return False
