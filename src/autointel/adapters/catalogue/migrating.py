"""Brings a catalogue to the version of this program, one step at a time, after a copy has been made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autointel.adapters.catalogue.connection import Connection
from autointel.adapters.catalogue.schema import MIGRATIONS
from autointel.adapters.home import told
from autointel.errors import HomeUnusable


def migrate(connection: Connection, backups: Path, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Apply what is missing. Two processes may try at once: one does it, the other finds it done.

    Raises HomeUnusable for a catalogue that a newer version has written.
    """
    newest = len(migrations)
    found = _version(connection)
    if found > newest:
        raise HomeUnusable(
            f"The catalogue {connection.path} was written by a newer autointel (version {found}; known: {newest}).",
            hint="Upgrade autointel, or set AUTOINTEL_HOME to another folder.",
        )
    if 0 < found < newest:
        _back_up(connection, backups, found)
    for version in range(found, newest):
        _step(connection, version, migrations[version])


def _step(connection: Connection, version: int, script: str) -> None:
    with connection.transaction():
        # Another process may have done it while this one waited for the lock.
        if _version(connection) == version:
            connection.script(script)
            connection.write(f"PRAGMA user_version = {version + 1}")


def _version(connection: Connection) -> int:
    return int(connection.read("PRAGMA user_version")[0][0])


def _back_up(connection: Connection, backups: Path, version: int) -> None:
    with told(backups):
        backups.mkdir(parents=True, exist_ok=True)
        copy = backups / f"catalogue-{version}.sqlite3"
        unfinished = copy.with_suffix(".part")
        unfinished.unlink(missing_ok=True)
    connection.copy_to(unfinished)
    with told(backups):
        unfinished.replace(copy)
