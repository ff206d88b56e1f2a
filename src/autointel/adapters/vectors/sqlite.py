"""Memory in a folder: vectors in an SQLite file per collection, compared by NumPy. Good to about 100,000 passages.

No row is anything but text, numbers and the bytes of 32-bit floats, so a file from a stranger can hold no code.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

from anyio import to_thread
from typing_extensions import override

from autointel.adapters.home import home_unusable
from autointel.adapters.insertion import InsertionLimits
from autointel.adapters.locking import turn_on_write_ahead_log
from autointel.adapters.sqlite_trouble import family, trouble
from autointel.adapters.store_requests import timed
from autointel.adapters.vectors.records import REINDEX, EmbeddingMemory, objection, siblings
from autointel.errors import HomeUnusable
from autointel.ports import Embedder, Remembered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Answer = TypeVar("Answer")
_LIMITS: Final = InsertionLimits(item_timeout=60.0)
_ENDING: Final = ".sqlite3"
_MIGRATED_AT_ONCE: Final = 256  # records embedded and written together
_LOADED_AT_ONCE: Final = 4096  # rows
_PATIENCE: Final = 30.0
"""Seconds that a process waits for another that writes; a batch takes it well under one."""
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS points (
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, source_id TEXT NOT NULL,
        passage_id TEXT NOT NULL, vector BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS points_by_kind ON points (kind, source_id)",
)
_IN_THE_FILE: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
"""Faults of the file itself, a table that is missing among them; others are those of its disk or of its users."""
_NO_DAMAGE: Final = {sqlite3.SQLITE_OK, sqlite3.SQLITE_BUSY}
_CHANGED: Final = "UPDATE facts SET value = value + 1 WHERE name = 'changes'"


@dataclass(frozen=True)
class _Vectors:
    """All vectors of one kind as they stood after ``changes`` changes: a unit row for each of ``places``."""

    changes: str
    places: NDArray[np.int64]
    rows: NDArray[np.float32]


class SqliteMemory(EmbeddingMemory):
    """Vectors in ``folder``/<collection>.sqlite3. Several processes may read while one writes. Raises HomeUnusable.

    A reader makes no file. ``rebuild`` allows a memory beside one made by another embedder, and begins one anew that
    does not fit or is damaged: for reindexing. ``everything`` yields all records of the namespace with their text; a
    memory that an earlier version kept in a format of its own is made anew from them, and its files are removed unread.
    """

    def __init__(
        self,
        folder: Path,
        namespace: str,
        embedder: Embedder,
        *,
        rebuild: bool = False,
        patience: float = _PATIENCE,
        everything: Callable[[], Iterable[Remembered]] = tuple,
        limits: InsertionLimits = _LIMITS,
    ) -> None:
        # SQLite has one writer: more batches in flight would only wait in line, each with its clock running.
        super().__init__(namespace, embedder, "The memory", replace(limits, max_concurrent=1))
        self._folder = folder
        self._file = folder / f"{self.collection}{_ENDING}"
        self._rebuild = rebuild
        self._is_doubtful = rebuild
        self._patience = patience
        self._everything = everything
        self._cached: dict[str, _Vectors] = {}
        self._loading = Lock()
        # SQLite lets waiting writers in at random; those of one process take turns.
        self._writing = Lock()

    @override
    async def count(self) -> int:
        def count(points: sqlite3.Connection) -> int:
            return int(points.execute("SELECT count(*) FROM points").fetchone()[0])

        return await to_thread.run_sync(self._read, count, 0)

    async def forget(self, ids: Sequence[str]) -> None:
        """Remove these and overwrite their bytes; an id that is not stored is fine."""
        await to_thread.run_sync(self._forget, ids)

    @override
    async def drop_others(self) -> list[str]:
        others = self._others()
        for name in others:
            with self._translate_errors():
                _remove(self._folder / name)
        return [name.removesuffix(_ENDING) for name in others]

    async def close(self) -> None:
        """Release the vectors held for searching; closing twice is fine."""
        self._cached.clear()

    @override
    async def _stored(self, ids: list[str]) -> set[str]:
        def stored(points: sqlite3.Connection) -> set[str]:
            rows = points.execute("SELECT id FROM points WHERE id IN (SELECT value FROM json_each(?))", _list(ids))
            return {row[0] for row in rows}

        return await to_thread.run_sync(self._read, stored, set[str]())

    @override
    async def _store(self, records: list[Remembered], vectors: NDArray[np.float32]) -> None:
        await to_thread.run_sync(self._is_there)
        await to_thread.run_sync(self._write, records, vectors)

    @override
    async def _nearest(
        self, vector: NDArray[np.float32], limit: int, kind: str, not_source: str | None
    ) -> list[tuple[Remembered, float]]:
        def nearest(points: sqlite3.Connection) -> list[tuple[Remembered, float]]:
            known = self._vectors(points, kind)
            return _best(points, known, vector, limit, kind=kind, not_source=not_source)

        return await to_thread.run_sync(self._read, nearest, list[tuple[Remembered, float]]())

    def _vectors(self, points: sqlite3.Connection, kind: str) -> _Vectors:
        with self._loading:
            changes = _fact(points, "changes")
            known = self._cached.get(kind)
            if known is None or known.changes != changes:
                self._cached.pop(kind, None)
                known = _loaded(points, changes, kind, self._embedder.dimension)
                self._cached[kind] = known
            return known

    def _write(self, records: Sequence[Remembered], vectors: NDArray[np.float32]) -> None:
        rows = [
            (record.record_id, record.kind, record.source_id, record.passage_id, vector.tobytes())
            for record, vector in zip(records, vectors.astype("<f4"), strict=True)
        ]
        with self._writing, self._opened(writing=True) as points, _transaction(points):
            points.executemany(
                "INSERT INTO points (id, kind, source_id, passage_id, vector) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO NOTHING",
                rows,
            )
            points.execute(_CHANGED)

    def _forget(self, ids: Sequence[str]) -> None:
        if not self._is_there():
            return
        with self._writing, self._opened(writing=True) as points:
            with _transaction(points):
                points.execute("DELETE FROM points WHERE id IN (SELECT value FROM json_each(?))", _list(ids))
                points.execute(_CHANGED)
            # The deleted rows were overwritten in place; the log still holds the pages as they were.
            points.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _read(self, work: Callable[[sqlite3.Connection], Answer], nothing: Answer) -> Answer:
        """``work``'s answer, or ``nothing`` where nothing was ever remembered."""
        if not self._is_there():
            return nothing
        with timed("sqlite", work.__name__), self._opened(writing=False) as points, points:
            points.execute("BEGIN")
            return work(points)

    def _is_there(self) -> bool:
        """Whether this collection has a file. Raises HomeUnusable where only another embedder's has one."""
        with self._translate_errors():
            # First, because an interrupted migration leaves both.
            if (self._folder / self.collection / "meta.json").exists():
                self._make_anew()
            if self._is_doubtful and self._file.exists() and _fault(self._file) in _IN_THE_FILE:
                _remove(self._file)
            self._is_doubtful = False
            if self._file.exists():
                return True
            self._refuse_others()
            return False

    def _refuse_others(self) -> None:
        if not self._rebuild and self._others():
            raise HomeUnusable(f"The memory of {self._namespace!r} was made by another embedder.", hint=REINDEX)

    def _make_anew(self) -> None:
        """Fill a new file from the catalogue, in place of rows that an earlier version kept as Python pickles."""
        records = list({record.record_id: record for record in self._everything()}.values())
        for first in range(0, len(records), _MIGRATED_AT_ONCE):
            some = records[first : first + _MIGRATED_AT_ONCE]
            self._write(some, self._embedder.embed([record.text for record in some]))
        _remove(self._folder / self.collection)

    @contextlib.contextmanager
    def _opened(self, *, writing: bool) -> Iterator[sqlite3.Connection]:
        with self._translate_errors():
            if writing and not self._file.exists():
                self._refuse_others()
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                # Made here, because SQLite would make it readable by others.
                os.close(os.open(self._file, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
            address = f"{self._file.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(
                address, uri=True, timeout=self._patience, isolation_level=None, check_same_thread=False
            )
            with contextlib.closing(connection) as points:
                for pragma in ("trusted_schema = OFF", "secure_delete = ON", "synchronous = FULL"):
                    points.execute(f"PRAGMA {pragma}")
                self._see_that_it_fits(points)
                yield points

    def _see_that_it_fits(self, points: sqlite3.Connection) -> None:
        if not points.execute("SELECT 1 FROM sqlite_schema WHERE name = 'facts'").fetchone():
            self._lay_out(points)
        size = _fact(points, "dimension")
        unfit = objection(
            self._namespace, self._embedder, _fact(points, "embedder"), int(size) if size.isdecimal() else None
        )
        if unfit is None:
            return
        if not self._rebuild:
            raise HomeUnusable(unfit, hint=REINDEX)
        with _transaction(points):
            points.execute("DROP TABLE points")
            points.execute("DROP TABLE facts")
        self._lay_out(points)

    def _lay_out(self, points: sqlite3.Connection) -> None:
        """A new file; two processes may do this at once."""
        # Readers never wait for the writer, and a batch costs one flush.
        turn_on_write_ahead_log(points, self._patience)
        with _transaction(points):
            for statement in _SCHEMA:
                points.execute(statement)
            facts = {"embedder": self._embedder.fingerprint, "dimension": self._embedder.dimension, "changes": 0}
            points.executemany("INSERT OR IGNORE INTO facts VALUES (?, ?)", facts.items())

    def _others(self) -> list[str]:
        """Files and folders that hold this namespace by another embedder."""
        with self._translate_errors():
            entries = list(self._folder.iterdir()) if self._folder.exists() else []
        names = {path.name.removesuffix(_ENDING): path.name for path in entries}
        return [names[name] for name in siblings(self._namespace, self.collection, names)]

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise home_unusable(self._folder, error) from error
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> HomeUnusable:
        kind = family(error) if isinstance(error, sqlite3.Error) else ""
        if kind in {"SQLITE_BUSY", "SQLITE_LOCKED"}:
            return HomeUnusable(
                f"The memory is in use by another autointel, and was not released in {self._patience:g} s.",
                hint="Try again when the other one has ended, or give this one its own AUTOINTEL_HOME.",
            )
        known = trouble(self._file, error) if isinstance(error, sqlite3.Error) else None
        what, hint = known or (
            f"is damaged: {error}",
            f"`autointel reindex --namespace {self._namespace}` makes it anew from the catalogue.",
        )
        return HomeUnusable(f"The memory in {self._file} {what}.", hint=hint)


def damaged(folder: Path) -> tuple[str, ...]:
    """Namespaces whose collections in ``folder`` cannot be read whole. Blocks; changes nothing; raises nothing."""
    broken = (path for path in sorted(folder.glob(f"*{_ENDING}")) if _fault(path) not in _NO_DAMAGE)
    return tuple(dict.fromkeys(path.stem.rpartition("-")[0] for path in broken))


def held(folder: Path, collection: str) -> int | None:
    """How many vectors the collection's file holds; None where that cannot be told. Blocks; changes nothing."""
    path = folder / f"{collection}{_ENDING}"
    if (folder / collection / "meta.json").exists():  # of an earlier version, made anew when it is next used
        return None
    if not path.exists():
        return 0
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as points:
            return int(points.execute("SELECT count(*) FROM points").fetchone()[0])
    except sqlite3.Error as error:
        return 0 if error.sqlite_errorcode == sqlite3.SQLITE_ERROR else None  # an empty file has no such table


def _fault(path: Path) -> int:
    """SQLite's number for what is wrong with a collection's file."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as points:
            if not points.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return sqlite3.SQLITE_OK  # whoever made the file was killed before anything stood in it
            unfit = "SELECT count(id) FROM points WHERE length(vector) <> 4 * ?"
            misshapen = points.execute(unfit, (int(_fact(points, "dimension")),)).fetchone()[0]
            sound = points.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            return sqlite3.SQLITE_OK if sound and not misshapen else sqlite3.SQLITE_CORRUPT
    except sqlite3.Error as error:
        return error.sqlite_errorcode & 0xFF
    except (ValueError, TypeError):  # a dimension that is no number
        return sqlite3.SQLITE_CORRUPT


@contextlib.contextmanager
def _transaction(points: sqlite3.Connection) -> Iterator[None]:
    points.execute("BEGIN IMMEDIATE")
    with points:
        yield


def _fact(points: sqlite3.Connection, name: str) -> str:
    row = points.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else "unknown"


def _list(ids: Sequence[str]) -> tuple[str]:
    """One JSON parameter, so that SQLite's limit on parameters is none."""
    return (json.dumps(list(ids)),)


def _loaded(points: sqlite3.Connection, changes: str, kind: str, dimension: int) -> _Vectors:
    """All vectors of a kind, in rows of one array: a few at a time, so that memory holds them once."""
    import numpy as np

    count = int(points.execute("SELECT count(*) FROM points WHERE kind = ?", (kind,)).fetchone()[0])
    places, rows = np.empty(count, dtype=np.int64), np.empty((count, dimension), dtype=np.float32)
    found = points.execute("SELECT place, vector FROM points WHERE kind = ? ORDER BY place", (kind,))
    first = 0
    while some := found.fetchmany(_LOADED_AT_ONCE):
        last = first + len(some)
        places[first:last] = [row[0] for row in some]
        rows[first:last] = np.frombuffer(b"".join(row[1] for row in some), dtype="<f4").reshape(len(some), dimension)
        first = last
    return _Vectors(changes, places, rows)


def _best(
    points: sqlite3.Connection,
    known: _Vectors,
    vector: NDArray[np.float32],
    limit: int,
    *,
    kind: str,
    not_source: str | None,
) -> list[tuple[Remembered, float]]:
    import numpy as np

    if not len(known.places):
        return []
    # Row by row: a product by BLAS is shared out to threads that wait for each other spinning, and what else a search
    # does at the same time then takes twice as long.
    scores = np.vecdot(known.rows, vector)
    if not_source is not None:
        rows = points.execute("SELECT place FROM points WHERE kind = ? AND source_id = ?", (kind, not_source))
        scores[np.isin(known.places, np.fromiter((row[0] for row in rows), dtype=np.int64))] = -np.inf
    # Every record that ties with the last is looked at, because equal scores are ordered by id.
    least = np.partition(scores, -limit)[-limit] if limit < len(scores) else -np.inf
    best = np.flatnonzero((scores >= least) & (scores > -np.inf))
    found = {int(known.places[at]): float(scores[at]) for at in best}
    rows = points.execute(
        "SELECT place, id, kind, source_id, passage_id FROM points WHERE place IN (SELECT value FROM json_each(?))",
        (json.dumps(list(found)),),
    )
    return [
        (Remembered(record_id=row[1], kind=row[2], source_id=row[3], passage_id=row[4], text=""), found[row[0]])
        for row in rows
    ]


def _remove(path: Path) -> None:
    """A collection's file with its log, or the folder of an earlier version; a link is removed and not followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        return
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
