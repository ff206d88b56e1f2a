"""What the catalogue's parts ask of a database, so that each is written once for SQLite and PostgreSQL.

Their SQL is what both understand: ``?`` for a parameter, ``ON CONFLICT``, ``RETURNING``. The few places where the
two differ are members of ``Connection``.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

from pydantic import BaseModel

from autointel.errors import HomeUnusable

Answer = TypeVar("Answer")
Model = TypeVar("Model", bound=BaseModel)
Asked = ParamSpec("Asked")
Parameters = Sequence[Any] | Mapping[str, Any]
_log: Final = logging.getLogger(__name__)
SLOW: Final = 0.1
"""Seconds from which a statement is worth a line in the log."""


def parsed(kind: type[Model], saved: str) -> Model:
    """A value as it was saved. Raises HomeUnusable where a damaged disk has made it none."""
    try:
        return kind.model_validate_json(saved)
    except ValueError as error:
        raise HomeUnusable(
            f"A row of the catalogue is damaged: it holds no {kind.__name__}.",
            hint="Put a backup of the catalogue in its place, or set AUTOINTEL_HOME to another folder.",
        ) from error


class Row(Protocol):
    """One row, its values by the names of its columns."""

    def __getitem__(self, name: str, /) -> Any: ...

    def keys(self) -> Iterable[str]:
        """The names of its columns."""
        ...


class Connection(Protocol):
    """A database that may be asked from any thread. Blocks: call it off the event loop. Raises HomeUnusable."""

    statements: int
    """The number of statements executed; tests read it to forbid a query per row."""
    skip_locked: str
    """Ends a SELECT whose rows the same statement changes: rows that another writer holds are passed over."""

    def read(self, sql: str, parameters: Parameters = ()) -> Sequence[Row]:
        """All rows of one statement; its parameters by place or by name."""
        ...

    def read_in(self, sql: str, keys: Sequence[str], parameters: Sequence[Any] = ()) -> Sequence[Row]:
        """Rows of a statement that contains the literal text ``IN {keys}``, for ``keys`` of any number.

        The database's own form of a list replaces that text, so it stands behind all of ``parameters``.
        """
        ...

    def write(self, sql: str, parameters: Parameters = ()) -> int:
        """Rows changed by one statement."""
        ...

    def write_in(self, sql: str, keys: Sequence[str], parameters: Sequence[Any] = ()) -> int:
        """Rows changed by a statement with ``IN {keys}``, as in ``read_in``."""
        ...

    def write_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for all rows; inside ``atomically``, or each row is flushed by itself."""
        ...

    def atomically(self, work: Callable[[], Answer]) -> Answer:
        """``work``'s writes, all or none. ``work`` is called again where it lost a race or the connection broke."""
        ...

    def if_free(self, work: Callable[[], None]) -> None:
        """``atomically`` for a reader's own notes: left out where it would have to wait for another writer."""
        self.atomically(work)

    def lock(self, name: str) -> None:
        """Inside ``atomically``: until its end nobody else passes here under this name."""
        ...

    def now(self) -> float:
        """Unix seconds by the clock that all who use this database share."""
        return time.time()

    def json_field(self, column: str, *path: str) -> str:
        """An expression for the text at ``path`` in a column of JSON."""
        ...

    def byte_length(self, column: str) -> str:
        """An expression for the bytes of a text."""
        ...

    def close(self) -> None:
        """Closing twice is fine."""
        ...


class OnConnection(Protocol):
    """A part of the catalogue."""

    @property
    def _connection(self) -> Connection: ...


Part = TypeVar("Part", bound=OnConnection)


def atomic(method: Callable[Concatenate[Part, Asked], Answer]) -> Callable[Concatenate[Part, Asked], Answer]:
    """The method's writes, all or none of them."""

    @wraps(method)
    def whole(self: Part, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        return self._connection.atomically(partial(method, self, *args, **kwargs))

    return whole


@contextmanager
def timed(sql: str, slow: float = SLOW) -> Iterator[None]:
    """Log a statement that takes longer than ``slow`` seconds; not its parameters, which are what people said."""
    began = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - began
        if seconds > slow:
            _log.debug("a statement took %.0f ms: %s", seconds * 1000, " ".join(sql.split()))


def migrations(schema: Path) -> tuple[str, ...]:
    """The scripts of a ``schema.sql``; the one at index n leads from version n to version n + 1."""
    _, *scripts = re.split(r"^--- version \d+\n", schema.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return tuple(scripts)


def upsert(table: str, columns: str, key: int = 1, **values: str) -> str:
    """An INSERT of ``columns`` that replaces the row with the same key: the first ``key`` columns.

    ``values`` has expressions for columns that are no plain parameter.
    """
    names = columns.split()
    given = ", ".join(values.get(name, "?") for name in names)
    changed = ", ".join(f"{name} = excluded.{name}" for name in names[key:])
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({given})"  # noqa: S608  our own names
        f" ON CONFLICT ({', '.join(names[:key])}) DO UPDATE SET {changed}"
    )
