"""What is said of a PostgreSQL that cannot be used, without one: its own words and codes in, two sentences out."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from autointel.adapters.catalogue.postgres.connection import PostgresConnection
from autointel.adapters.catalogue.postgres.errors import is_passing, unusable, will_soon_connect
from autointel.errors import HomeUnusable, SettingsError

PLACE = "db.test:5432/autointel"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ('FATAL:  password authentication failed for user "me"', "refuses the user or password"),
        ("fe_sendauth: no password supplied", "refuses the user or password"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', "does not let this machine in"),
        ('FATAL:  database "talks" does not exist', "has no such database"),
        ('FATAL:  role "me" does not exist', "has no such user"),
        ("server does not support SSL, but SSL was required", "agree on no encryption"),
        ("[Errno -2] failed to resolve host 'nowhere.test'", "that no name server knows"),
        ("connection to server failed: Connection refused", "does not answer: connection refused"),
        ("connection timeout expired", "does not answer in time"),
        ("FATAL:  sorry, too many clients already", "has no connection left"),
        ("something that nobody has met", "cannot be reached: something that nobody has met"),
    ],
)
def test_a_connection_that_is_refused_is_told_by_the_servers_words(words: str, what: str) -> None:
    told = unusable(PLACE, psycopg.OperationalError(words))

    assert what in told.message
    assert told.message.startswith(f"The catalogue's PostgreSQL at {PLACE}")
    assert told.hint
    assert told.exit_code == 6


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (errors.QueryCanceled("canceled"), "took too long over a statement"),
        (errors.LockNotAvailable("lock"), "is kept busy by another autointel"),
        (errors.DiskFull("full"), "has no space left"),
        (errors.ReadOnlySqlTransaction("read-only"), "is read-only"),
        (errors.AdminShutdown("shut"), "was shut down"),
        (errors.DuplicateTable("relation exists"), "holds tables of another program"),
        (errors.DatabaseError("other"), "cannot be reached"),
    ],
)
def test_an_error_with_a_code_is_told_by_its_code(error: psycopg.Error, what: str) -> None:
    assert what in unusable(PLACE, error).message


def test_an_error_that_quotes_a_value_is_told_without_it() -> None:
    told = unusable(PLACE, errors.CheckViolation('new row violates: ("a private sentence")'))

    assert "private" not in told.message
    assert "CheckViolation (23514)" in told.message


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (errors.SerializationFailure("race"), True),
        (errors.DeadlockDetected("dead"), True),
        (errors.AdminShutdown("restart"), True),
        (psycopg.OperationalError("the connection is lost"), True),
        (errors.UndefinedTable("no table"), False),
        (errors.DiskFull("full"), False),
    ],
)
def test_what_a_restart_or_a_race_made_passes_and_nothing_else_does(error: psycopg.Error, *, passes: bool) -> None:
    assert is_passing(error) is passes


def test_a_server_that_starts_is_waited_for() -> None:
    assert will_soon_connect(psycopg.OperationalError("FATAL:  the database system is starting up"))
    assert not will_soon_connect(psycopg.OperationalError("FATAL:  password authentication failed"))


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    connection = PostgresConnection("postgresql://me:secret@127.0.0.1:1/talks", patience=0.0)

    with pytest.raises(HomeUnusable) as raised:
        connection.read("SELECT 1")
    connection.close()

    assert "127.0.0.1:1/talks does not answer: connection refused" in raised.value.message
    assert "secret" not in f"{raised.value.message} {raised.value.hint}"


def test_a_connection_that_was_closed_says_so() -> None:
    connection = PostgresConnection("postgresql://127.0.0.1:1/talks", patience=0.0)
    connection.close()

    with pytest.raises(HomeUnusable, match="was closed"):
        connection.read("SELECT 1")


def test_an_address_that_is_none_is_not_quoted() -> None:
    with pytest.raises(SettingsError) as raised:
        PostgresConnection("postgresql://me:secret@host:port:port/x?nothing")

    assert "secret" not in f"{raised.value.message} {raised.value.hint}"
