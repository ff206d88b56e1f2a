"""The catalogue in one SQLite file of a home, whose schema is brought up to date when the file is opened."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.connection import SLOW, Answer, Connection, Parameters, migrations, timed
from autointel.adapters.catalogue.passages import Segments
from autointel.adapters.catalogue.sqlite.passages import SEGMENTS, SqlitePassages
from autointel.adapters.catalogue.words import as_indexed
from autointel.adapters.home import Home, translate_errors
from autointel.adapters.locking import alive, is_alive, turn_on_write_ahead_log
from autointel.adapters.sqlite_trouble import ELSEWHERE, family, trouble
from autointel.errors import HomeUnusable
from autointel.ports import Artifacts

MIGRATIONS: Final = migrations(Path(__file__).with_name("schema.sql"))
Row = sqlite3.Row
# Another process writes one batch at a time, in well under a second; half a minute means it hangs.
_PATIENCE: Final = 30.0
_KEYS: Final = "(SELECT value FROM json_each(?))"


class SqliteCatalogue(Catalogue):
    """One SQLite file in a home, with the artifacts in the home unless ``artifacts`` says elsewhere.

    Opening migrates an older file, after a backup. Raises HomeUnusable: unwritable, full, damaged, too new, busy.
    """

    connection: SqliteConnection

    def __init__(self, path: Path, namespace: str = "default", artifacts: Artifacts | None = None) -> None:
        self._home = Home(path.parent)
        connection = SqliteConnection(path)
        try:
            migrate(connection, self._home.backups)
        except BaseException:
            connection.close()
            raise
        passages = SqlitePassages(connection, namespace)
        super().__init__(
            connection,
            namespace,
            passages,
            Segments(connection, namespace, SEGMENTS),
            artifacts or FolderArtifacts(self._home),
        )

    @override
    def alive(self, name: str) -> AbstractContextManager[None]:
        """Holds a lock on a file of the home."""
        return alive(self._home.alive(name))

    @override
    def alive_among(self, names: Collection[str]) -> set[str]:
        """Those whose lock a process on this machine holds."""
        return {name for name in names if is_alive(self._home.alive(name))}

    @override
    def compact(self) -> None:
        """Give back the room of what was removed, and overwrite it: SQLite and its index only mark it as free."""
        self.connection.write("INSERT INTO passage_index (passage_index) VALUES ('optimize')")
        self.connection.write("VACUUM")
        self.connection.read("PRAGMA wal_checkpoint(TRUNCATE)")

    @override
    def mend_index(self) -> None:
        try:
            self.connection.write("INSERT INTO passage_index (passage_index) VALUES ('integrity-check')")
        except HomeUnusable:
            self.connection.write("INSERT INTO passage_index (passage_index) VALUES ('rebuild')")


class SqliteConnection(Connection):
    """One SQLite connection behind one lock, so that it may be used from any thread. Blocks: call it off the loop.

    ``statements`` counts what was executed, for tests that forbid a query per row. Everything raises HomeUnusable.
    """

    def __init__(self, path: Path, *, patience: float = _PATIENCE, slow: float = SLOW) -> None:
        self.skip_locked = ""
        self.path = path
        self.statements = 0
        self._slow = slow
        self._patience = patience
        self._lock = threading.RLock()
        self._depth = 0
        with self._translate_errors():
            self._sqlite = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
            self._sqlite.create_function("as_indexed", 1, as_indexed, deterministic=True)
        try:
            self._settle(patience)
        except BaseException:
            self._sqlite.close()
            raise
        self._identity = _identity(path)

    def _settle(self, patience: float) -> None:
        self._sqlite.row_factory = sqlite3.Row
        # WAL: readers never wait for the writer. NORMAL would lose the last commits in a power cut; what is
        # recorded as done must stay done.
        with self._translate_errors():
            turn_on_write_ahead_log(self._sqlite, patience)
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"):
            self.read(f"PRAGMA {pragma}")

    @override
    def read(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        with self._timed(sql):
            return self._sqlite.execute(sql, parameters).fetchall()

    @override
    def read_in(self, sql: str, keys: Sequence[str], parameters: Sequence[Any] = ()) -> list[Row]:
        """Rows of a statement whose ``{keys}`` stands for a list of keys of any length.

        They travel as one JSON parameter, so that the statement is one statement and SQLite's limit is none.
        """
        return self.read(sql.format(keys=_KEYS), (*parameters, json.dumps(list(keys))))

    @override
    def write(self, sql: str, parameters: Parameters = ()) -> int:
        with self._timed(sql):
            rows = self._sqlite.execute(sql, parameters).rowcount
        if not self._sqlite.in_transaction:
            self._refuse_gone()
        return rows

    def _refuse_gone(self) -> None:
        """Raise HomeUnusable where the file was taken away: SQLite writes on into it, and all of that is lost."""
        if _identity(self.path) != self._identity:
            raise HomeUnusable(
                f"The catalogue {self.path} was deleted or moved while it was in use.",
                hint="Put it back where it was, then run the command again.",
            )

    @override
    def write_in(self, sql: str, keys: Sequence[str], parameters: Sequence[Any] = ()) -> int:
        return self.write(sql.format(keys=_KEYS), (*parameters, json.dumps(list(keys))))

    @override
    def atomically(self, work: Callable[[], Answer]) -> Answer:
        """``work`` in one transaction, called once: whoever else writes waits."""
        with self.transaction():
            return work()

    @override
    def if_free(self, work: Callable[[], None]) -> None:
        """``atomically`` for a reader's own notes: left out where another process is writing, not flushed."""
        with self._lock:
            self.read("PRAGMA busy_timeout = 0")
            # A count or a cached answer that a power cut takes is no loss; flushing each was half of a cached answer.
            self.read("PRAGMA synchronous = NORMAL")
            try:
                self.atomically(work)
            except HomeUnusable as error:
                if getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
            finally:
                self.read("PRAGMA synchronous = FULL")
                self.read(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")

    @override
    def lock(self, name: str) -> None:
        """The file has one writer at a time: whoever is in a transaction has the lock."""

    @override
    def json_field(self, column: str, *path: str) -> str:
        return f"json_extract({column}, '$.{'.'.join(path)}')"

    @override
    def byte_length(self, column: str) -> str:
        return f"length(CAST({column} AS BLOB))"

    @override
    def write_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for all rows; inside ``transaction``, or each row is flushed by itself."""
        with self._timed(sql):
            self._sqlite.executemany(sql, rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Begins as a writer, because a reader that turns writer may be refused at once."""
        with self._lock:
            if self._depth:
                yield
                return
            self.write("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._sqlite.execute("ROLLBACK")
                raise
            else:
                self._commit()
            finally:
                self._depth -= 1

    def _commit(self) -> None:
        try:
            self._refuse_gone()
            self.write("COMMIT")
        except HomeUnusable:
            with contextlib.suppress(sqlite3.Error):
                self._sqlite.execute("ROLLBACK")
            raise

    def script(self, sql: str) -> None:
        """Several statements, inside a transaction that is already open."""
        for statement in _statements(sql):
            self.write(statement)

    def copy_to(self, path: Path) -> None:
        """A whole copy of the database as it was last committed, taken while others may write."""
        source = contextlib.closing(sqlite3.connect(self.path))
        with self._translate_errors(), source as committed, contextlib.closing(sqlite3.connect(path)) as copy:
            committed.backup(copy)

    @override
    def close(self) -> None:
        with self._lock, self._translate_errors():
            self._sqlite.close()

    @contextlib.contextmanager
    def _timed(self, sql: str) -> Iterator[None]:
        with self._lock, self._translate_errors():
            self.statements += 1
            with timed(sql, self._slow):
                yield

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _unusable(self.path, error) from error


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _statements(sql: str) -> Iterator[str]:
    """The script cut where SQLite itself says that a statement is complete."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _unusable(path: Path, error: sqlite3.Error) -> HomeUnusable:
    """What SQLite met, in two sentences. Nothing is ever deleted here; the hint says how to move it aside."""
    aside = f"mv '{path}' '{path}.damaged'"
    if path.is_dir():
        message = f"The catalogue {path} is a folder where a file should be."
        return HomeUnusable(message, hint=f"Move it away, {ELSEWHERE}")
    own = {
        "SQLITE_BUSY": ("is kept busy by another autointel", "Try again when the other one has ended."),
        "SQLITE_NOTADB": ("is not a catalogue", f"Move it aside ({aside}), {ELSEWHERE}"),
        "SQLITE_CORRUPT_VTAB": (
            "has a damaged index of words",
            "`autointel reindex` makes it anew; the words are whole.",
        ),
        "SQLITE_CORRUPT": (
            "is damaged",
            f"Move it aside ({aside}); backups made before upgrades stand in {path.parent / 'backups'}.",
        ),
    }
    unforeseen = (f"cannot be used: {error}", f"Move it aside ({aside}), {ELSEWHERE}")
    what, hint = (
        trouble(path, error) or own.get(getattr(error, "sqlite_errorname", "")) or own.get(family(error), unforeseen)
    )
    return HomeUnusable(f"The catalogue {path} {what}.", hint=hint)


def migrate(connection: SqliteConnection, backups: Path, scripts: Sequence[str] = MIGRATIONS) -> None:
    """Apply what is missing. Two processes may try at once: one does it, the other finds it done.

    Raises HomeUnusable for a catalogue that a newer version has written.
    """
    newest = len(scripts)
    found = _version(connection)
    if found > newest:
        raise HomeUnusable(
            f"The catalogue {connection.path} was written by a newer autointel (version {found}; known: {newest}).",
            hint="Upgrade autointel, or set AUTOINTEL_HOME to another folder.",
        )
    if 0 < found < newest:
        _back_up(connection, backups, found)
    if found < newest:
        with connection.transaction():  # in one: each commit waits for the disk
            for version in range(found, newest):
                _step(connection, version, scripts[version])


def _step(connection: SqliteConnection, version: int, script: str) -> None:
    # Another process may have done it while this one waited for the lock.
    if _version(connection) == version:
        connection.script(script)
        connection.write(f"PRAGMA user_version = {version + 1}")


def _version(connection: SqliteConnection) -> int:
    return int(connection.read("PRAGMA user_version")[0][0])


def _back_up(connection: SqliteConnection, backups: Path, version: int) -> None:
    copy = backups / f"catalogue-{version}.sqlite3"
    unfinished = copy.with_suffix(".part")
    # One process at a time, and none that would copy what another has upgraded meanwhile.
    with connection.transaction():
        if _version(connection) != version:
            return
        with translate_errors(backups):
            backups.mkdir(parents=True, exist_ok=True)
            unfinished.unlink(missing_ok=True)
        connection.copy_to(unfinished)
        with translate_errors(backups):
            unfinished.replace(copy)


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
        with translate_errors(self._home.folder):
            (self._home.run_folder(run_id) / name).unlink(missing_ok=True)

    @override
    def take_recordings(self, run_id: str, folder: Path) -> None:
        """Leaves them: they stand in the home already."""
