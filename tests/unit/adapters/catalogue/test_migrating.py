from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from tests.fakes.material import talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.catalogue.sqlite.catalogue import MIGRATIONS, SqliteConnection, migrate
from autointel.adapters.catalogue.sqlite.passages import SqlitePassages
from autointel.domain.passage import Passage
from autointel.errors import HomeUnusable

FIRST = "CREATE TABLE words (word TEXT); -- a comment; with a semicolon\nINSERT INTO words VALUES ('kept');"
SECOND = "ALTER TABLE words ADD COLUMN count INTEGER NOT NULL DEFAULT 1;"


def version(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_new_catalogue_has_the_newest_version_and_no_backup(path: Path) -> None:
    SqliteCatalogue(path).close()

    assert version(path) == len(MIGRATIONS)
    assert not (path.parent / "backups").exists()


def test_opening_again_changes_nothing(path: Path) -> None:
    SqliteCatalogue(path).close()
    SqliteCatalogue(path).close()

    assert version(path) == len(MIGRATIONS)


def test_several_that_bring_an_older_catalogue_up_at_once_all_succeed(path: Path) -> None:
    first = SqliteConnection(path)
    migrate(first, path.parent / "backups", [FIRST])
    first.close()
    start = Barrier(6)

    def open_it(_: int) -> list[tuple[str, int]]:
        with contextlib.closing(SqliteConnection(path)) as connection:
            start.wait()
            migrate(connection, path.parent / "backups", [FIRST, SECOND])
            return [tuple(row) for row in connection.read("SELECT * FROM words")]

    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(open_it, range(6)))

    assert found == [[("kept", 1)]] * 6
    assert version(path.parent / "backups" / "catalogue-1.sqlite3") == 1


def test_an_older_catalogue_is_copied_and_then_brought_up(path: Path) -> None:
    connection = SqliteConnection(path)
    migrate(connection, path.parent / "backups", [FIRST])
    migrate(connection, path.parent / "backups", [FIRST, SECOND])

    assert [tuple(row) for row in connection.read("SELECT * FROM words")] == [("kept", 1)]
    assert version(path) == 2
    backup = path.parent / "backups" / "catalogue-1.sqlite3"
    assert version(backup) == 1
    with contextlib.closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT * FROM words").fetchall() == [("kept",)]


def test_a_step_that_fails_leaves_the_version_before_it(path: Path) -> None:
    connection = SqliteConnection(path)
    migrate(connection, path.parent / "backups", [FIRST])

    with pytest.raises(HomeUnusable):
        migrate(connection, path.parent / "backups", [FIRST, SECOND + "\nINSERT INTO nowhere VALUES (1);"])

    assert version(path) == 1
    assert [tuple(row) for row in connection.read("SELECT * FROM words")] == [("kept",)]


def test_a_newer_catalogue_is_refused_and_left_alone(path: Path) -> None:
    connection = SqliteConnection(path)
    connection.write(f"PRAGMA user_version = {len(MIGRATIONS) + 7}")
    connection.close()

    with pytest.raises(HomeUnusable, match=f"newer autointel .version {len(MIGRATIONS) + 7}") as raised:
        SqliteCatalogue(path)

    assert "Upgrade autointel" in raised.value.hint
    assert version(path) == len(MIGRATIONS) + 7


def test_a_backup_that_cannot_be_made_stops_the_migration(path: Path) -> None:
    connection = SqliteConnection(path)
    migrate(connection, path.parent / "backups", [FIRST])
    (path.parent / "backups").write_text("in the way")

    with pytest.raises(HomeUnusable, match="file where a folder should be"):
        migrate(connection, path.parent / "backups", [FIRST, SECOND])

    assert version(path) == 1


@pytest.mark.slow
def test_several_processes_may_open_a_new_home_at_once(path: Path) -> None:
    program = """
import sys
from pathlib import Path
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
SqliteCatalogue(Path(sys.argv[1])).outbox.add("memory", "default", {sys.argv[2]: "{}"})
"""
    openers = [
        subprocess.Popen([sys.executable, "-c", program, str(path), str(number)], stderr=subprocess.PIPE)  # noqa: S603
        for number in range(3)
    ]

    assert [(opener.communicate()[1], opener.returncode) for opener in openers] == [(b"", 0)] * 3
    catalogue = SqliteCatalogue(path)
    assert catalogue.outbox.counts() == {"memory": 3}
    catalogue.close()


def keep_in_version(number: int, path: Path, lines: list[str]) -> tuple[str, list[Passage]]:
    """A catalogue of an older version with a talk, and the talk's id and passages."""
    connection = SqliteConnection(path)
    migrate(connection, path.parent / "backups", MIGRATIONS[:number])
    # Today's code writes columns that those versions had not.
    connection.write("ALTER TABLE segments ADD COLUMN estimated")
    connection.write("ALTER TABLE sources ADD COLUMN place")
    source, transcript, passages = talk(lines)
    SqlitePassages(connection, "default").store(source, transcript, passages)
    connection.write("ALTER TABLE segments DROP COLUMN estimated")
    connection.write("ALTER TABLE sources DROP COLUMN place")
    connection.write("UPDATE sources SET frame = json_set(frame, '$.estimated', json_array(1))")
    connection.close()
    return source.id, list(passages)


def test_what_was_indexed_before_every_script_was_is_indexed_anew(path: Path) -> None:
    source_id, _ = keep_in_version(3, path, ["委员会昨晚卖掉了水车。", "Fares pay for the buses."])

    with contextlib.closing(SqliteCatalogue(path)) as catalogue:
        assert catalogue.passages.keyword("水车", 1)[0].passage.text == "委员会昨晚卖掉了水车。"
        assert catalogue.passages.keyword("fare", 1)[0].passage.text == "Fares pay for the buses."
        catalogue.passages.forget(source_id)
        assert catalogue.passages.keyword("fare", 1) == []


def test_which_starts_are_estimated_is_known_of_what_was_kept_before(path: Path) -> None:
    source_id, passages = keep_in_version(13, path, ["Fares pay for the buses.", "Nobody else pays."])

    with contextlib.closing(SqliteCatalogue(path)) as catalogue:
        segments = [each for found in catalogue.words.within(passages).values() for each in found]
        stored = catalogue.passages.source(source_id)

    assert [segment.estimated for segment in segments] == [False, True]
    assert stored is not None
    assert [segment.estimated for segment in stored[1].segments] == [False, True]
