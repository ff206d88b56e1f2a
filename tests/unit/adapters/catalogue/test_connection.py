from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.graph_promises import entity
from tests.fakes.material import talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.catalogue.sqlite.catalogue import SqliteConnection, _unusable
from autointel.domain.run import Engine, Options, RunId
from autointel.errors import HomeUnusable

FARES = talk(["Zoe says that the fares pay for the night bus."], "fares")


@pytest.fixture
def connection(path: Path) -> SqliteConnection:
    opened = SqliteConnection(path)
    opened.write("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)")
    return opened


def names(connection: SqliteConnection) -> list[str]:
    return [row["name"] for row in connection.read("SELECT name FROM things ORDER BY id")]


def test_a_transaction_that_fails_leaves_nothing(connection: SqliteConnection) -> None:
    def half() -> None:
        with connection.transaction():
            connection.write("INSERT INTO things (name) VALUES ('one')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()

    assert names(connection) == []


def test_a_transaction_inside_another_belongs_to_it(connection: SqliteConnection) -> None:
    def half() -> None:
        with connection.transaction():
            with connection.transaction():
                connection.write("INSERT INTO things (name) VALUES ('one')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()

    assert names(connection) == []


def test_many_rows_are_one_statement(connection: SqliteConnection) -> None:
    before = connection.statements
    with connection.transaction():
        connection.write_many("INSERT INTO things (name) VALUES (?)", ((f"{number}",) for number in range(5000)))

    assert connection.statements - before == 3
    found = connection.read_in("SELECT name FROM things WHERE name IN {keys}", [str(each) for each in range(4000)])
    assert len(found) == 4000


def test_threads_may_share_it(connection: SqliteConnection) -> None:
    def write() -> None:
        for number in range(50):
            with connection.transaction():
                connection.write("INSERT INTO things (name) VALUES (?)", (str(number),))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(names(connection)) == 200


@pytest.mark.slow
def test_two_processes_that_write_at_once_both_succeed(path: Path) -> None:
    SqliteCatalogue(path).close()
    program = """
import sys
from pathlib import Path
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
catalogue = SqliteCatalogue(Path(sys.argv[1]))
for number in range(100):
    catalogue.outbox.add("memory", "default", {f"{sys.argv[2]}-{number}": "{}"})
"""
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(path), name], stderr=subprocess.PIPE)  # noqa: S603
        for name in ("one", "other")
    ]

    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [(b"", 0), (b"", 0)]
    catalogue = SqliteCatalogue(path)
    assert catalogue.outbox.counts() == {"memory": 200}
    catalogue.close()


def test_a_reader_sees_the_state_before_while_another_writes(connection: SqliteConnection, path: Path) -> None:
    reader = SqliteConnection(path)
    with connection.transaction():
        connection.write("INSERT INTO things (name) VALUES ('one')")

        assert names(reader) == []

    assert names(reader) == ["one"]


def test_waiting_for_a_writer_that_never_ends_is_a_sentence_and_a_hint(
    connection: SqliteConnection, path: Path
) -> None:
    impatient = SqliteConnection(path, patience=0.0)
    with connection.transaction(), pytest.raises(HomeUnusable, match="busy") as raised:
        impatient.write("INSERT INTO things (name) VALUES ('two')")

    assert raised.value.hint


def test_a_slow_statement_is_logged_without_what_people_said(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    connection = SqliteConnection(path, slow=-1.0)

    with caplog.at_level(logging.DEBUG):
        connection.read("SELECT ? AS said", ("a secret",))

    assert "SELECT ? AS said" in caplog.text
    assert "a secret" not in caplog.text


def test_a_file_that_is_no_catalogue_is_named_and_left_alone(path: Path) -> None:
    path.write_bytes(b"these are my holiday notes" * 100)

    with pytest.raises(HomeUnusable, match="is not a catalogue") as raised:
        SqliteCatalogue(path)

    assert str(path) in raised.value.message
    assert f"mv '{path}'" in raised.value.hint
    assert path.read_bytes() == b"these are my holiday notes" * 100


def test_a_damaged_catalogue_is_named_and_left_alone(path: Path) -> None:
    catalogue = SqliteCatalogue(path)
    catalogue.outbox.add("memory", "default", {f"{number}": "x" * 500 for number in range(200)})
    catalogue.connection.read("PRAGMA wal_checkpoint(TRUNCATE)")
    catalogue.close()
    content = bytearray(path.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    path.write_bytes(content)

    with pytest.raises(HomeUnusable, match="damaged") as raised:
        SqliteCatalogue(path).outbox.pending("memory", 500)

    assert f"mv '{path}'" in raised.value.hint
    assert path.read_bytes() == bytes(content)


def test_a_damaged_index_of_words_is_made_anew(path: Path) -> None:
    with contextlib.closing(SqliteCatalogue(path)) as catalogue:
        catalogue.passages.store(*FARES)
        catalogue.connection.write("DELETE FROM passage_index_data WHERE id > 10")
        with pytest.raises(HomeUnusable, match="damaged index of words") as raised:
            catalogue.passages.keyword("bus", 5)

        catalogue.mend_index()

        assert "autointel reindex" in raised.value.hint
        assert [hit.passage.id for hit in catalogue.passages.keyword("bus", 5)] == [FARES[2][0].id]


@pytest.mark.parametrize(
    ("table", "column", "ask"),
    [
        ("sources", "value", lambda catalogue: catalogue.passages.sources()),
        ("sources", "value", lambda catalogue: catalogue.passages.source(FARES[0].id)),
        ("knowledge", "value", lambda catalogue: catalogue.knowledge.of_source(FARES[0].id)),
        ("runs", "options", lambda catalogue: catalogue.runs.latest(1)),
    ],
)
def test_a_damaged_row_is_a_sentence(
    path: Path, table: str, column: str, ask: Callable[[SqliteCatalogue], object]
) -> None:
    with contextlib.closing(SqliteCatalogue(path)) as catalogue:
        catalogue.passages.store(*FARES)
        catalogue.knowledge.keep(FARES[0].id, [entity("Zoe")], [])
        catalogue.runs.begin(RunId(id="r", created_at=datetime.now(UTC)), Options(source="a", engine=Engine.LOCAL))
        catalogue.connection.write(f"UPDATE {table} SET {column} = substr({column}, 1, 20)")  # noqa: S608

        with pytest.raises(HomeUnusable, match="A row of the catalogue is damaged") as raised:
            ask(catalogue)

        assert raised.value.hint


def test_a_full_disk_is_a_sentence_and_what_was_stored_stays(connection: SqliteConnection) -> None:
    connection.write("INSERT INTO things (name) VALUES ('one')")
    pages = connection.read("PRAGMA page_count")[0][0]
    # SQLite's own limit ends in the same error as a disk without room.
    connection.read(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        with connection.transaction():
            connection.write_many("INSERT INTO things (name) VALUES (?)", (("x" * 1000,) for _ in range(100)))

    with pytest.raises(HomeUnusable, match="the disk is full") as raised:
        fill()

    assert "Free some space" in raised.value.hint
    assert names(connection) == ["one"]


def test_a_catalogue_that_may_not_be_written_is_a_sentence_and_a_hint(connection: SqliteConnection) -> None:
    connection.read("PRAGMA query_only = ON")

    with pytest.raises(HomeUnusable, match="cannot be written") as raised:
        connection.write("INSERT INTO things (name) VALUES ('one')")

    assert "writable" in raised.value.hint


def test_a_folder_that_is_not_there_is_a_sentence_and_a_hint(tmp_path: Path) -> None:
    with pytest.raises(HomeUnusable, match="cannot be opened"):
        SqliteCatalogue(tmp_path / "nowhere" / "catalogue.sqlite3")


def test_a_folder_in_the_place_of_the_file_is_a_sentence_and_a_hint(tmp_path: Path) -> None:
    with pytest.raises(HomeUnusable, match="is a folder where a file should be") as raised:
        SqliteConnection(tmp_path)

    assert "AUTOINTEL_HOME" in raised.value.hint


def test_a_write_that_fails_is_no_reason_to_move_the_catalogue_aside(path: Path) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_WRITE"

    told = _unusable(path, error)

    assert told.message == f"The catalogue {path} cannot be read or written."
    assert "mv " not in told.hint


def test_what_nobody_foresaw_is_told_with_sqlite_s_own_words(connection: SqliteConnection) -> None:
    with pytest.raises(HomeUnusable, match="no such table: elsewhere"):
        connection.read("SELECT * FROM elsewhere")


@pytest.mark.slow
def test_what_is_committed_survives_a_kill(path: Path) -> None:
    program = """
import os, signal, sys
from pathlib import Path
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
catalogue = SqliteCatalogue(Path(sys.argv[1]))
catalogue.outbox.add("memory", "default", {"one": "{}"})
with catalogue.connection.transaction():
    catalogue.connection.write("UPDATE outbox SET attempts = 9")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)  # noqa: S603

    catalogue = SqliteCatalogue(path)
    assert [each.attempts for each in catalogue.outbox.pending("memory", 10)] == [0]
    catalogue.close()


def test_it_closes_twice(connection: SqliteConnection) -> None:
    connection.close()
    connection.close()

    with pytest.raises(HomeUnusable):
        connection.read("SELECT 1")


def test_the_journal_is_a_write_ahead_log_flushed_at_every_commit(connection: SqliteConnection) -> None:
    assert connection.read("PRAGMA journal_mode")[0][0] == "wal"
    assert connection.read("PRAGMA synchronous")[0][0] == 2
    assert connection.read("PRAGMA foreign_keys")[0][0] == 1
    assert sqlite3.sqlite_version_info >= (3, 35)


def test_who_opens_a_new_file_waits_for_another_who_writes_it(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        # No write-ahead log yet: this keeps everyone else out, and SQLite's own patience does not cover it.
        other.execute("BEGIN EXCLUSIVE")
        opened: list[SqliteConnection] = []
        opener = threading.Thread(target=lambda: opened.append(SqliteConnection(path)))
        opener.start()
        with pytest.raises(HomeUnusable, match="busy"):
            SqliteConnection(path, patience=0.0)
        other.execute("COMMIT")
        opener.join()

    assert opened[0].read("PRAGMA journal_mode")[0][0] == "wal"


@pytest.mark.parametrize("moved", [False, True])
def test_a_file_that_is_deleted_or_moved_while_it_is_in_use_takes_nothing_more(
    connection: SqliteConnection, path: Path, *, moved: bool
) -> None:
    if moved:
        path.rename(path.with_name("elsewhere"))
    else:
        path.unlink()

    with pytest.raises(HomeUnusable, match="was deleted or moved") as raised:
        connection.write("INSERT INTO things (name) VALUES ('one')")
    with pytest.raises(HomeUnusable, match="was deleted or moved"):
        connection.atomically(lambda: connection.write("INSERT INTO things (name) VALUES ('two')"))

    assert "run the command again" in raised.value.hint
