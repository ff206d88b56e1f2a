"""The catalogue's connections to a PostgreSQL database: opened when asked for, kept, and replaced when they break."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo
from psycopg.rows import dict_row
from typing_extensions import override

from autointel.adapters.catalogue.connection import Answer, Connection, Parameters, Row, migrations, timed
from autointel.adapters.catalogue.postgres.errors import SETTING, is_passing, unusable, will_soon_connect
from autointel.errors import HomeUnusable, SettingsError

Session: TypeAlias = psycopg.Connection[dict[str, Any]]
_log: Final = logging.getLogger(__name__)
MIGRATIONS: Final = migrations(Path(__file__).with_name("schema.sql"))
OLDEST_SERVER: Final = 130000
"""PostgreSQL 13; older ones get no more repairs."""
# A server that restarts is back within seconds; half a minute means it is down.
_PATIENCE: Final = 30.0
_FIRST_PAUSE: Final = 0.05  # seconds before a second try, doubled for each further one
_LONGEST_PAUSE: Final = 1.0  # seconds
# A firewall forgets a quiet connection after some minutes, without a word to either end.
_DEFAULTS: Final = {
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "fallback_application_name": "autointel",
}
# A statement takes milliseconds; one of a minute hangs, and would hold what others wait for.
_LIMITS: Final = (
    "SET statement_timeout = '60s'; SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s';"
    " SELECT extract(epoch FROM clock_timestamp())::float AS now"
)
_IDLE: Final = 4
"""Connections that are kept; more are opened while more threads ask at once."""
_PLACEHOLDER: Final = re.compile(r"\?|(?<!:):(?!:)([a-z_]+[0-9]*)")
_EXAMPLE: Final = "Write it as postgresql://user:password@host:5432/database."


class PostgresConnection(Connection):
    """Connections to one database, a transaction's thread holding one. Raises HomeUnusable, and SettingsError for an
    address that is none.

    A statement outside ``atomically`` is a transaction of its own. What fails because a connection broke, the server
    restarts or a race was lost is tried again for ``patience`` seconds, as a whole: nothing is half done.
    """

    skip_locked = "FOR UPDATE SKIP LOCKED"

    def __init__(self, url: str, *, password: str | None = None, patience: float = _PATIENCE) -> None:
        self.statements = 0
        self._conninfo, self.place = _parsed(url, password)
        self._patience = patience
        self._ahead = 0.0  # seconds that the server's clock is ahead of this machine's
        self._idle: list[Session] = []
        self._closing = threading.Event()
        self._was_reached = False
        self._guard = threading.Lock()
        self._thread = threading.local()

    def connect(self) -> Session:
        """A further connection, which belongs to the caller. Raises psycopg's errors."""
        session = psycopg.connect(self._conninfo, autocommit=True, row_factory=dict_row)
        try:
            self._ahead = _clock(session.execute(_LIMITS)) - time.time()
        except BaseException:
            session.close()
            raise
        self._was_reached = True
        return session

    @override
    def read(self, sql: str, parameters: Parameters = ()) -> Sequence[Row]:
        return self._patiently(lambda session: self._execute(session, sql, parameters).fetchall())

    @override
    def read_in(self, sql: str, keys: Sequence[str], parameters: Sequence[Any] = ()) -> Sequence[Row]:
        return self.read(_with_list(sql), (*parameters, list(map(str, keys))))

    @override
    def write(self, sql: str, parameters: Parameters = ()) -> int:
        return self._patiently(lambda session: self._execute(session, sql, parameters).rowcount)

    @override
    def write_in(self, sql: str, keys: Sequence[str], parameters: Sequence[Any] = ()) -> int:
        return self.write(_with_list(sql), (*parameters, list(map(str, keys))))

    @override
    def write_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        given = [_clean(row) for row in rows]
        if not given:
            return

        def write(session: Session) -> None:
            self.statements += 1
            with timed(sql), session.cursor() as cursor:
                cursor.executemany(_translated(sql), given)

        self._patiently(write)

    @override
    def atomically(self, work: Callable[[], Answer]) -> Answer:
        if self._session is not None:
            return work()

        def whole(session: Session) -> Answer:
            self._thread.session = session
            try:
                with session.transaction():
                    return work()
            finally:
                self._thread.session = None

        return self._patiently(whole)

    @override
    def lock(self, name: str) -> None:
        self.read("SELECT pg_advisory_xact_lock(?)", (lock_key(name),))

    @override
    def now(self) -> float:
        """The server's clock, as of the latest connection: machines that share a database need not agree."""
        return time.time() + self._ahead

    @override
    def json_field(self, column: str, *path: str) -> str:
        return f"({column}::json #>> '{{{','.join(path)}}}')"

    @override
    def byte_length(self, column: str) -> str:
        return f"octet_length({column})"

    @override
    def close(self) -> None:
        self._closing.set()
        self._drop_idle()

    def script(self, sql: str) -> None:
        """Run several statements; outside ``atomically`` they are a transaction of their own."""
        self._patiently(lambda session: session.execute(sql.encode()))

    @property
    def _session(self) -> Session | None:
        """The connection of this thread's transaction."""
        session: Session | None = getattr(self._thread, "session", None)
        return session

    def _execute(self, session: Session, sql: str, parameters: Parameters) -> psycopg.Cursor[dict[str, Any]]:
        self.statements += 1
        with timed(sql):
            # With an empty list psycopg would still read "%" as the sign of a parameter.
            return session.execute(_translated(sql), _clean(parameters) or None)

    def _patiently(self, use: Callable[[Session], Answer]) -> Answer:
        """``use`` with this thread's connection, or else with a free one, again while what went wrong may pass."""
        if self._session is not None:
            return use(self._session)  # its errors belong to the transaction, which is tried again as a whole
        deadline, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            try:
                with self._taken() as session:
                    return use(session)
            except psycopg.Error as error:
                if not self._may_pass(error) or time.monotonic() + pause > deadline:
                    raise unusable(self.place, error) from error
                _log.debug("tried again after %s: %s", pause, type(error).__name__)
            self._closing.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _may_pass(self, error: psycopg.Error) -> bool:
        """Whether another try may succeed.

        A server that was never reached may be a wrong address, so that it is waited for only where its answer says
        that it starts or is full; one that answered before is waited for whatever breaks.
        """
        return is_passing(error) if self._was_reached else will_soon_connect(error)

    @contextlib.contextmanager
    def _taken(self) -> Iterator[Session]:
        if self._closing.is_set():
            raise HomeUnusable(f"The catalogue at {self.place} was closed.", hint="Open it again.")
        with self._guard:
            session = self._idle.pop() if self._idle else None
        if session is None:
            session = self.connect()
        try:
            yield session
        except BaseException:
            broken = session.broken
            session.close()
            if broken:
                self._drop_idle()  # a restart breaks them all
            raise
        self._put_back(session)

    def _put_back(self, session: Session) -> None:
        with self._guard:
            if not self._closing.is_set() and len(self._idle) < _IDLE:
                self._idle.append(session)
                return
        session.close()

    def _drop_idle(self) -> None:
        with self._guard:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()


def migrate(connection: PostgresConnection, scripts: Sequence[str] = MIGRATIONS) -> None:
    """Apply what is missing. Many processes may try at once: one does it, the others find it done.

    Raises HomeUnusable for a catalogue that a newer version has written, and for a server that is too old.
    """
    if _version(connection, scripts) < len(scripts):
        connection.atomically(lambda: _migrate(connection, scripts))


def probe(url: str, password: str | None = None) -> str:
    """The database's place, the server's version, and how long it took to answer. Makes nothing. Raises as opening."""
    began = time.perf_counter()
    connection = PostgresConnection(url, password=password, patience=2.0)
    try:
        _version(connection, MIGRATIONS)
        rows = connection.read("SELECT split_part(current_setting('server_version'), ' ', 1) AS name")
    finally:
        connection.close()
    return f"{connection.place}, PostgreSQL {rows[0]['name']}, {(time.perf_counter() - began) * 1000:.0f} ms"


def _migrate(connection: PostgresConnection, scripts: Sequence[str]) -> None:
    connection.lock("schema")
    connection.script("SET LOCAL statement_timeout = 0")
    connection.script("CREATE TABLE IF NOT EXISTS autointel_schema (version INTEGER NOT NULL)")
    found = _version(connection, scripts)
    for script in scripts[found:]:
        connection.script(script)
    connection.write("DELETE FROM autointel_schema")
    connection.write("INSERT INTO autointel_schema (version) VALUES (?)", (len(scripts),))


def _version(connection: PostgresConnection, scripts: Sequence[str]) -> int:
    server = connection.read(
        "SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS name,"
        " to_regclass('autointel_schema') IS NOT NULL AS made"
    )[0]
    if server["number"] < OLDEST_SERVER:
        raise HomeUnusable(
            f"The catalogue's PostgreSQL at {connection.place} is version {server['name']}, which is too old.",
            hint=f"Version {OLDEST_SERVER // 10000} or later is needed.",
        )
    rows = connection.read("SELECT max(version) AS version FROM autointel_schema") if server["made"] else []
    found = int(rows[0]["version"] or 0) if rows else 0
    if found > len(scripts):
        raise HomeUnusable(
            f"The catalogue at {connection.place} was written by a newer autointel (version {found}; known: "
            f"{len(scripts)}).",
            hint=f"Upgrade autointel, or name another database in {SETTING}.",
        )
    return found


def lock_key(name: str) -> int:
    """The number under which a name is locked: advisory locks have numbers, of 64 bits."""
    return int.from_bytes(hashlib.sha256(f"autointel {name}".encode()).digest()[:8], "big", signed=True)


def _parsed(url: str, password: str | None) -> tuple[str, str]:
    """The address with our defaults, and as it may be shown: host, port and database."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        # Its message would quote the address, and with it the password.
        raise SettingsError(f"{SETTING} is no address of a PostgreSQL database.", _EXAMPLE) from error.__class__()
    host = str(given.get("host") or given.get("hostaddr") or "localhost")
    place = f"{host}:{given.get('port') or 5432}/{given.get('dbname') or given.get('user') or ''}"
    ours = _DEFAULTS | ({"password": password} if password else {})
    return make_conninfo(url, **{name: value for name, value in ours.items() if name not in given}), place


def hosts_of(url: str) -> list[tuple[str, int]]:
    """The hosts and ports that an address leads to, libpq's variables included; none for a socket of this machine.

    A service file is not read: what stands in it counts as a host of the service's name. Raises SettingsError.
    """
    _parsed(url, None)  # raises SettingsError, which does not quote the address
    usual = {each.keyword.decode(): (each.val or b"").decode() for each in Conninfo.get_defaults()}
    given = usual | {name: str(value) for name, value in conninfo_to_dict(url).items()}
    if given["service"]:
        return [(f"service {given['service']}", 0)]
    hosts, ports = (given["hostaddr"] or given["host"]).split(","), given["port"].split(",")
    ports = ports if len(ports) == len(hosts) else ports[:1] * len(hosts)
    return [
        (host, int(port or 5432))
        for host, port in zip(hosts, ports, strict=True)
        if host and not host.startswith(("/", "@"))
    ]


def _clock(cursor: psycopg.Cursor[dict[str, Any]]) -> float:
    """The result of the last of several statements."""
    while cursor.nextset():
        pass
    rows = cursor.fetchall()
    return float(rows[0]["now"])


@lru_cache(maxsize=512)
def _translated(sql: str) -> bytes:
    """``?`` and ``:name`` as psycopg writes parameters."""
    return _PLACEHOLDER.sub(lambda found: f"%({found[1]})s" if found[1] else "%s", sql).encode()


def _with_list(sql: str) -> str:
    """``IN {keys}`` of ``Connection.read_in`` as PostgreSQL takes a list: one parameter, an array."""
    return sql.replace("IN {keys}", "= ANY(?)")


def _clean(parameters: Parameters) -> Any:
    """Texts without NUL, which PostgreSQL cannot hold."""
    if isinstance(parameters, Mapping):
        return {name: _without_nul(value) for name, value in parameters.items()}
    return [_without_nul(value) for value in parameters]


def _without_nul(value: object) -> object:
    return value.replace("\0", "") if isinstance(value, str) and "\0" in value else value
