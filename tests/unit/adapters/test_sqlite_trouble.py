from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from autointel.adapters.sqlite_trouble import trouble

_NO_ROOM = Path("/proc/self/memory.sqlite3")  # this file system has no room at all


def error(name: str) -> sqlite3.Error:
    made = sqlite3.OperationalError("SQLite's own words")
    made.sqlite_errorname = name
    return made


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("SQLITE_FULL", "cannot grow: the disk is full"),
        ("SQLITE_IOERR_SHMSIZE", "cannot be read or written"),
        ("SQLITE_CANTOPEN_ISDIR", "cannot be opened"),
        ("SQLITE_READONLY", "cannot be written"),
    ],
)
def test_what_keeps_sqlite_from_a_file_is_told_in_plain_words(tmp_path: Path, name: str, what: str) -> None:
    told = trouble(tmp_path / "memory.sqlite3", error(name))

    assert told is not None
    assert told[0] == what
    assert "AUTOINTEL_HOME" in told[1]


def test_a_path_that_is_too_long_for_sqlite_is_told_by_its_length(tmp_path: Path) -> None:
    told = trouble(tmp_path / ("long/" * 100) / "memory.sqlite3", error("SQLITE_CANTOPEN"))

    assert told is not None
    assert "bytes" in told[0]
    assert "shorter" in told[1]


def test_an_io_error_on_a_full_disk_is_a_full_disk() -> None:
    assert trouble(_NO_ROOM, error("SQLITE_IOERR_WRITE")) == trouble(_NO_ROOM, error("SQLITE_FULL"))


@pytest.mark.parametrize("name", ["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", ""])
def test_what_speaks_of_the_file_itself_is_told_by_who_knows_it(tmp_path: Path, name: str) -> None:
    assert trouble(tmp_path / "memory.sqlite3", error(name)) is None
