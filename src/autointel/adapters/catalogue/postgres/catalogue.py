"""The catalogue in a PostgreSQL database, shared by many machines."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg
from typing_extensions import override

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.connection import Connection, upsert
from autointel.adapters.catalogue.passages import Segments
from autointel.adapters.catalogue.postgres.connection import PostgresConnection, Session, lock_key, migrate
from autointel.adapters.catalogue.postgres.passages import SEGMENTS, PostgresPassages
from autointel.ports import Artifacts

_LOOK_EVERY: Final = 5.0
"""Seconds after which a lost mark is taken again."""
_GRACE: Final = 20.0
"""Seconds after the server's start in which every mark counts as held: its holders are on their way back."""
_TABLES: Final = (
    "passages",
    "segments",
    "sources",
    "records",
    "claims",
    "knowledge",
    "step_cache",
    "model_cache",
    "artifacts",
)
# The locks are looked up and not tried: one statement for all, which takes none of the server's room for locks.
_HELD: Final = """
SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) < ? AS restarted, ARRAY(
    SELECT key FROM (
        SELECT (CAST(classid AS bigint) << 32) | CAST(objid AS bigint) AS key FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS locks WHERE key = ANY(CAST(? AS bigint[]))
) AS held
"""


class PostgresCatalogue(Catalogue):
    """One schema of a database, with the artifacts in it unless ``artifacts`` says elsewhere.

    Opening brings it up to date. Raises HomeUnusable, SettingsError.
    """

    connection: PostgresConnection

    def __init__(
        self,
        where: str | PostgresConnection,
        namespace: str = "default",
        artifacts: Artifacts | None = None,
        *,
        password: str | None = None,
        grace: float = _GRACE,
        look_every: float = _LOOK_EVERY,
    ) -> None:
        connection = PostgresConnection(where, password=password) if isinstance(where, str) else where
        self._grace = grace
        self._marks = _Marks(connection, look_every)
        try:
            migrate(connection)
        except BaseException:
            connection.close()
            raise
        passages = PostgresPassages(connection, namespace)
        words = Segments(connection, namespace, SEGMENTS)
        super().__init__(connection, namespace, passages, words, artifacts or PostgresArtifacts(connection))

    @override
    @contextmanager
    def alive(self, name: str) -> Iterator[None]:
        """Holds an advisory lock, which the server lets go of when this process or its machine is gone."""
        self._marks.take(name)
        try:
            yield
        finally:
            self._marks.leave(name)

    @override
    def alive_among(self, names: Collection[str]) -> set[str]:
        """Those whose lock a process on any machine holds, or had no time yet to take again after a restart."""
        if not names:
            return set()
        keys = {lock_key(f"mark {name}"): name for name in names}
        found = self.connection.read(_HELD, (self._grace, list(keys)))[0]
        return set(names) if found["restarted"] else {keys[key] for key in found["held"]}

    @override
    def mend_index(self) -> None:
        """The server keeps its indexes itself."""

    @override
    def compact(self) -> None:
        """Let the room of what was removed be used again. Its bytes stay in the server's files until then."""
        try:
            session = self.connection.connect()
        except psycopg.Error:
            return  # the server does the same by itself, later
        with session, suppress(psycopg.Error):
            session.execute("SET statement_timeout = 0")
            for table in _TABLES:
                session.execute(f"VACUUM {table}".encode())

    @override
    def close(self) -> None:
        self._marks.close()
        super().close()


class _Marks:
    """Advisory locks of this process on a connection of their own, taken again where that breaks."""

    def __init__(self, connection: PostgresConnection, look_every: float) -> None:
        self._connection = connection
        self._look_every = look_every
        self._names: set[str] = set()
        self._session: Session | None = None
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._keeper: threading.Thread | None = None

    def take(self, name: str) -> None:
        """Hold the mark; where the server does not allow that, the work goes on without."""
        with self._guard:
            self._names.add(name)
            with suppress(psycopg.Error):
                self._lock(name)
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="autointel-marks", daemon=True)
                self._keeper.start()

    def leave(self, name: str) -> None:
        with self._guard:
            self._names.discard(name)
            if self._session is not None:
                with suppress(psycopg.Error):
                    self._session.execute("SELECT pg_advisory_unlock(%s)", (lock_key(f"mark {name}"),))

    def close(self) -> None:
        self._ended.set()
        with self._guard:
            self._names.clear()
            if self._session is not None:
                self._session.close()
                self._session = None

    def _lock(self, name: str) -> None:
        if self._session is None:
            self._session = self._connection.connect()
            # Another process looks at a mark for a moment only; one that holds it is another run of the same name.
            self._session.execute("SET lock_timeout = '2s'")
        self._session.execute("SELECT pg_advisory_lock(%s)", (lock_key(f"mark {name}"),))

    def _keep(self) -> None:
        while not self._ended.wait(self._look_every):
            with self._guard, suppress(psycopg.Error):
                if self._session is not None:
                    try:
                        self._session.execute("SELECT 1")
                    except psycopg.Error:
                        self._session.close()
                        self._session = None
                if self._session is None and self._names:
                    for name in sorted(self._names):
                        self._lock(name)


class PostgresArtifacts(Artifacts):
    """A row for each artifact. PostgreSQL compresses them; one of more than 1 GB is refused."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def write(self, run_id: str, name: str, content: bytes) -> None:
        self._connection.write(upsert("artifacts", "run_id name content", key=2), (run_id, name, content))

    @override
    def read(self, run_id: str, name: str) -> bytes | None:
        rows = self._connection.read("SELECT content FROM artifacts WHERE run_id = ? AND name = ?", (run_id, name))
        return bytes(rows[0]["content"]) if rows else None

    @override
    def names(self, run_id: str) -> list[str]:
        rows = self._connection.read("SELECT name FROM artifacts WHERE run_id = ? ORDER BY name", (run_id,))
        return [row["name"] for row in rows]

    @override
    def remove(self, run_id: str, name: str | None = None) -> None:
        self._connection.write(
            "DELETE FROM artifacts WHERE run_id = ? AND (CAST(? AS TEXT) IS NULL OR name = ?)", (run_id, name, name)
        )

    @override
    def take_recordings(self, run_id: str, folder: Path) -> None:
        """Leaves them: a database is no place for files of hundreds of megabytes."""
