"""The graph in a file: ladybug, embedded."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from anyio import to_thread
from typing_extensions import override

from autointel.adapters.graph.cypher import (
    EVERY_ENTITY,
    EVERY_RELATION,
    WRITE_ENTITIES,
    WRITE_RELATIONS,
    CypherGraph,
    Row,
    Statement,
    entity_rows,
    relation_rows,
)
from autointel.adapters.home import home_unusable, translate_errors
from autointel.adapters.insertion import InsertionLimits
from autointel.adapters.locking import PATIENCE, Embedded, StoreLock, Waiting, say_nothing
from autointel.adapters.store_requests import timed
from autointel.domain.knowledge import Entity, Relation
from autointel.errors import HomeUnusable

# Its default is four fifths of the machine's memory, and terabytes of address space, which a container may refuse.
_BUFFERS: Final = 256 * 1024 * 1024
_LARGEST: Final = 1 << 36
_THREADS: Final = 2  # it would take one for each core
_LEAST_ROOM: Final = 8 * 1024 * 1024
"""Bytes. A new file of two dozen entities has 2 MB, and 1 MB left tore its log (ladybug 0.22)."""
# Longer than the patience with another process that holds the file.
_LIMITS: Final = InsertionLimits(item_timeout=2 * PATIENCE)
_TABLES: Final = (
    """
    CREATE NODE TABLE IF NOT EXISTS Entity (
        id STRING PRIMARY KEY, namespace STRING, name STRING, folded STRING, kind STRING, mentions INT64,
        confidence STRING
    )
    """,
    """
    CREATE REL TABLE IF NOT EXISTS RELATED (
        FROM Entity TO Entity, id STRING, namespace STRING, predicate STRING, weight INT64, confidence STRING,
        run_id STRING, source_id STRING, passage_id STRING, quote STRING, start DOUBLE, paragraph INT64,
        valid_from STRING, contradicted_by STRING[]
    )
    """,
    # Files of earlier versions.
    "ALTER TABLE RELATED ADD IF NOT EXISTS valid_from STRING DEFAULT ''",
    "ALTER TABLE RELATED ADD IF NOT EXISTS contradicted_by STRING[]",
)
_EVERYTHING: Final = (EVERY_ENTITY, EVERY_RELATION)


class LadybugGraph(CypherGraph):
    """One file per namespace in ``folder``, open for a batch or a query only, by one process at a time.

    Nothing is written where less than ``least_room`` bytes beside the file's own size are left on its disk. Everything
    raises HomeUnusable.
    """

    def __init__(
        self,
        folder: Path,
        namespace: str,
        *,
        locks: Path,
        patience: float = PATIENCE,
        waiting: Waiting = say_nothing,
        limits: InsertionLimits = _LIMITS,
        least_room: int = _LEAST_ROOM,
    ) -> None:
        super().__init__(namespace, "The graph", limits)
        self._file = folder / f"{namespace}.lbug"
        self._least_room = least_room
        self._lock = StoreLock(locks / f"graph-{namespace}.lock", "The graph", patience=patience, waiting=waiting)
        self._embedded = Embedded(self._lock, self._file, partial(self._open, self._file), _close)

    @property
    @override
    def backend(self) -> str:
        return "ladybug"

    @override
    async def compact(self) -> None:
        """Write the file anew: ladybug leaves what was removed legible in it, and never shrinks it."""
        await self._embedded.close()
        await self._lock.acquire()
        try:
            with self._translate_errors():
                await to_thread.run_sync(self._rewrite)
        finally:
            self._lock.release()

    @override
    async def rebuild(self, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        """Write a new file with these alone, whatever is left of the old one and of its log."""
        rows = entity_rows(self._namespace, entities), relation_rows(self._namespace, relations)
        # What cannot be opened cannot be closed in an orderly way either.
        with contextlib.suppress(Exception):
            await self._embedded.close()
        await self._lock.acquire()
        try:
            with self._translate_errors():
                await to_thread.run_sync(partial(self._replace, *rows, torn=True))
        finally:
            self._lock.release()

    @override
    async def close(self) -> None:
        await self._embedded.close()

    async def _ask(self, statements: Sequence[Statement], *, write: bool = False) -> list[list[Row]]:
        with self._translate_errors():
            if write:
                await to_thread.run_sync(self._refuse_full_disk)
            return await self._embedded.run(lambda connection: [_timed_rows(connection, each) for each in statements])

    def _rewrite(self) -> None:
        with _closed(self._open(self._file)) as old:
            entities, relations = (_rows(old, (query, {})) for query in _EVERYTHING)
        self._replace(entities, relations)

    def _replace(self, entities: Sequence[Row], relations: Sequence[Row], *, torn: bool = False) -> None:
        """Replace the file as a whole: the old one stands until the new one is complete."""
        self._refuse_full_disk()
        unfinished = self._file.with_suffix(".part")
        for left in (unfinished, *_beside(unfinished)):
            left.unlink(missing_ok=True)
        with _closed(self._open(unfinished)) as new:
            for query, rows in ((WRITE_ENTITIES, entities), (WRITE_RELATIONS, relations)):
                if rows:  # ladybug cannot tell the type of an empty list's rows
                    _rows(new, (query, {"rows": rows}))
        # A log that was torn would be applied to the new file. Without it the old file opens as it was before, so that
        # an interruption here leaves a graph to rebuild again.
        for left in _beside(self._file) if torn else ():
            left.unlink(missing_ok=True)
        unfinished.replace(self._file)

    def _refuse_full_disk(self) -> None:
        """Raise HomeUnusable where a write might not find room: one that meets a full disk tears ladybug's log.

        A write may copy any page before it changes that.
        """
        folder = next(place for place in self._file.parents if place.exists())
        needed = self._least_room + (self._file.stat().st_size if self._file.exists() else 0)
        left = shutil.disk_usage(folder).free
        if left < needed:
            raise HomeUnusable(
                f"The disk that holds {self._file.parent} has {left / 1e6:.1f} MB left, and the graph needs"
                f" {needed / 1e6:.1f}.",
                hint="Free some space, or set AUTOINTEL_HOME to another folder.",
            )

    def _open(self, file: Path) -> Any:
        """Runs in the store's worker, under the lock."""
        import ladybug

        with translate_errors(self._file.parent):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not str(file).isascii() and os.fsencode(file).decode(errors="replace") != str(file):
            raise HomeUnusable(
                f"The graph cannot be kept in {file.parent}, whose name is no UTF-8.",
                hint="Rename the folder, or set AUTOINTEL_HOME to another.",
            )
        largest = _address_space()
        database = ladybug.Database(
            file, buffer_pool_size=min(_BUFFERS, largest // 2), max_db_size=largest, max_num_threads=_THREADS
        )
        connection: Any = ladybug.Connection(database)
        for statement in _TABLES:
            connection.execute(statement).close()
        return connection

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Ladybug raises RuntimeError for everything, with a text for developers."""
        try:
            yield
        except HomeUnusable:
            raise
        except OSError as error:
            raise home_unusable(self._file.parent, error) from error
        except Exception as error:
            raise unusable(self._file, str(error)) from error


def _address_space() -> int:
    """Bytes that the file's pages may take: a fourth of what the shell allows (ulimit -v), as a power of two."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    return _LARGEST if allowed == resource.RLIM_INFINITY else min(_LARGEST, 1 << (allowed // 4).bit_length() - 1)


def _beside(file: Path) -> list[Path]:
    """A file's log, and what else ladybug keeps beside it while it works."""
    return [path for path in file.parent.glob(f"{file.name}.*") if path.is_file()]


def _timed_rows(connection: Any, statement: Statement) -> list[Row]:
    with timed("ladybug", statement[0].strip().partition("\n")[0]):
        return _rows(connection, statement)


def _rows(connection: Any, statement: Statement) -> list[Row]:
    query, parameters = statement
    with contextlib.closing(connection.execute(query, parameters)) as result:
        names = result.get_column_names()
        return [dict(zip(names, row, strict=True)) for row in result]


@contextlib.contextmanager
def _closed(connection: Any) -> Iterator[Any]:
    try:
        yield connection
    finally:
        _close(connection)


def _close(connection: Any) -> None:
    database = connection.database
    connection.close()
    database.close()


def unusable(file: Path, text: str) -> HomeUnusable:
    """What ladybug's text for developers means to a user."""
    reason = " ".join(text.split())[:200]
    if "lock" in reason.lower():
        return HomeUnusable(
            f"The graph {file} is in use by another program.",
            hint="End it, or set AUTOINTEL_HOME to another folder.",
        )
    if "mmap" in reason.lower():
        return HomeUnusable(
            f"The graph {file} cannot be opened: the system gives it no address space ({reason}).",
            hint="Raise the limit (ulimit -v), or leave the graph out with --no-graph; the file itself is whole.",
        )
    # Of a damaged file it may say no more than where it stumbled in its own code.
    what = f"cannot be used: {reason}" if " " in reason else f"is damaged ({reason})."
    return HomeUnusable(
        f"The graph {file} {what}",
        hint="See that the disk is neither full nor read-only; else `autointel reindex --graph` builds it anew.",
    )


def damaged(folder: Path) -> tuple[str, ...]:
    """Names of the graphs in ``folder`` that cannot be opened. One in use is fine. Blocks; raises nothing."""
    return tuple(path.stem for path in sorted(folder.glob("*.lbug")) if not _opens(path))


def _opens(path: Path) -> bool:
    import ladybug

    try:
        with ladybug.Database(path, read_only=True) as database, ladybug.Connection(database) as connection:
            asked: Any = connection
            asked.execute("MATCH (e:Entity) RETURN count(*)").close()
    except Exception as error:  # noqa: BLE001  it knows RuntimeError only, and a damaged file may show as anything
        return "lock" in str(error).lower()
    return True
