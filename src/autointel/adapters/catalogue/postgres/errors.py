"""What PostgreSQL says, in two sentences; and which of its errors pass by themselves."""

from __future__ import annotations

import re
from typing import Final

import psycopg
from psycopg import errors

from autointel.errors import CatalogueAway, HomeUnusable

SETTING: Final = "AUTOINTEL_CATALOGUE__URL"
_PASSING: Final = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.UniqueViolation,  # another process was first; the second look finds its row
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.TooManyConnections,
    errors.ConnectionException,
)
_QUOTING: Final = ("22", "23", "42601")  # a bad value, a broken constraint, a syntax error
_NOT_YET: Final = ("starting up", "shutting down", "recovery mode", "too many clients", "connection slots")
# A refused connection has no code, only words. These are the server's and libpq's own.
_REFUSALS: Final = (
    (("password authentication failed",), "refuses the user or password", "Correct {setting}."),
    (("no password supplied",), "refuses the user or password", "Correct {setting}."),
    (("pg_hba.conf",), "does not let this machine in", "Ask its administrator for an entry in pg_hba.conf."),
    (("database", "does not exist"), "has no such database", "Create it with createdb, or correct {setting}."),
    (("role", "does not exist"), "has no such user", "Create it with createuser, or correct {setting}."),
    (("SSL",), "and this program agree on no encryption", "Correct sslmode in {setting}."),
    (("resolve host",), "is on a host that no name server knows", "Correct {setting}."),
    (("translate host",), "is on a host that no name server knows", "Correct {setting}."),
    (("refused",), "does not answer: connection refused", "Start it, or correct {setting}."),
    (("timeout",), "does not answer in time", "See that its host is up and lets this machine in."),
    (("too many clients",), "has no connection left", "Raise its max_connections, or run fewer workers."),
    (("connection slots",), "has no connection left", "Raise its max_connections, or run fewer workers."),
)


def is_passing(error: psycopg.Error) -> bool:
    """Whether the same again may succeed: a race that was lost, a server that restarts, a broken connection."""
    if isinstance(error, _PASSING):
        return True
    # Without a code, the error came from the connection and not from the server.
    return error.sqlstate is None and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)


def will_soon_connect(error: psycopg.Error) -> bool:
    """Whether a server that refused a first connection will soon take one."""
    return any(words in str(error) for words in _NOT_YET)


def unusable(place: str, error: psycopg.Error) -> HomeUnusable:
    """What happened to the catalogue at ``place``, which names no password, and what to do about it."""
    trouble = CatalogueAway if is_passing(error) else HomeUnusable
    name = f"The catalogue's PostgreSQL at {place}"
    said = _last_line(error)
    if error.sqlstate is None:
        for words, what, hint in _REFUSALS:
            if all(word in str(error) for word in words):
                return trouble(f"{name} {what}.", hint=hint.format(setting=SETTING))
        return trouble(f"{name} cannot be reached: {said}.", hint=f"See that it is up, or correct {SETTING}.")
    known: tuple[tuple[type[psycopg.Error], str, str], ...] = (
        (errors.QueryCanceled, "took too long over a statement", "See what keeps it busy, and try again."),
        (errors.LockNotAvailable, "is kept busy by another autointel", "Try again when the other one has ended."),
        (errors.DeadlockDetected, "is kept busy by another autointel", "Try again when the other one has ended."),
        (errors.DiskFull, "has no space left", "Free some space on its disk."),
        (errors.ReadOnlySqlTransaction, "is read-only", f"Name its primary server in {SETTING}."),
        (errors.InsufficientPrivilege, f"forbids this: {said}", "Grant its user CREATE on the schema."),
        (errors.DuplicateTable, f"holds tables of another program: {said}", "Give autointel a database of its own."),
        (errors.UndefinedTable, f"has lost a table: {said}", "Restore it from a backup, or use an empty database."),
        (errors.AdminShutdown, "was shut down", "Start it again; what was recorded as done is kept."),
        (errors.InvalidSchemaName, "has no schema to work in", f"Create it, or correct the options in {SETTING}."),
    )
    for kind, what, hint in known:
        if isinstance(error, kind):
            return trouble(f"{name} {what}.", hint=hint)
    return trouble(f"{name} cannot be used: {said}.", hint="Its own log says more.")


def _last_line(error: psycopg.Error) -> str:
    """The server's own sentence; never its DETAIL, which quotes rows, and nothing of an error that quotes a value."""
    if error.sqlstate and error.sqlstate.startswith(_QUOTING):
        return f"{type(error).__name__} ({error.sqlstate})"
    primary = error.diag.message_primary if error.sqlstate else None
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = primary or (lines[-1] if lines else type(error).__name__)
    return re.sub(r"^(connection failed: )?(connection to server .*? failed: )?(FATAL:\s*)?", "", text).rstrip(".")
