"""The catalogue in one SQLite file of a home."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from typing_extensions import override

from autointel.adapters.catalogue.catalogue import SqlCatalogue
from autointel.adapters.catalogue.sqlite.connection import SqliteConnection, migrate
from autointel.adapters.catalogue.sqlite.passages import SqlitePassages, SqliteSegments
from autointel.adapters.home import Home, told
from autointel.adapters.locking import alive, is_alive
from autointel.ports import Artifacts


class FolderArtifacts(Artifacts):
    """A folder for each run, in the home."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @override
    def write(self, run_id: str, name: str, content: bytes) -> None:
        self._home.write_artifact(run_id, name, content)

    @override
    def read(self, run_id: str, name: str) -> bytes | None:
        return self._home.read_artifact(run_id, name)

    @override
    def names(self, run_id: str) -> list[str]:
        return [path.name for path in self._home.artifacts(run_id)]

    @override
    def remove(self, run_id: str, name: str | None = None) -> None:
        if name is None:
            self._home.remove_run(run_id)
            return
        with told(self._home.folder):
            (self._home.run_folder(run_id) / name).unlink(missing_ok=True)


class SqliteCatalogue(SqlCatalogue):
    """One SQLite file in a home.

    Opening migrates an older file, after a backup. Raises HomeUnusable: unwritable, full, damaged, too new, busy.
    """

    connection: SqliteConnection

    def __init__(self, path: Path, namespace: str = "default") -> None:
        self._home = Home(path.parent)
        connection = SqliteConnection(path)
        try:
            migrate(connection, self._home.backups)
        except BaseException:
            connection.close()
            raise
        passages = SqlitePassages(connection, namespace)
        words, artifacts = SqliteSegments(connection, namespace), FolderArtifacts(self._home)
        super().__init__(connection, namespace, passages, words, artifacts)

    @override
    def alive(self, name: str) -> AbstractContextManager[None]:
        """Holds a lock on a file of the home."""
        return alive(self._home.alive(name))

    @override
    def is_alive(self, name: str) -> bool:
        """Whether a process on this machine holds that lock."""
        return is_alive(self._home.alive(name))

    @override
    def compact(self) -> None:
        """Give back the room of what was removed, and overwrite it: SQLite and its index only mark it as free."""
        self.connection.write("INSERT INTO passage_index (passage_index) VALUES ('optimize')")
        self.connection.write("VACUUM")
        self.connection.read("PRAGMA wal_checkpoint(TRUNCATE)")
