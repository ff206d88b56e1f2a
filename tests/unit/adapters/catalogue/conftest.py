"""An empty catalogue in SQLite and, where ``make test-stores`` has started one, in PostgreSQL.

The tests beside this file are the promises that both keep; a test that takes ``sqlite`` speaks of its file alone.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.postgres import PostgresCatalogue
from autointel.adapters.catalogue.sqlite import SqliteCatalogue

# Read before the fixture that clears the environment.
_URL: Final = os.environ.get("AUTOINTEL_TEST_POSTGRES_URL", "")
Open = Callable[..., Catalogue]


@pytest.fixture(params=["sqlite", "postgres"] if _URL else ["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.sqlite3"


@pytest.fixture(scope="session")
def schema() -> Iterator[str]:
    """The address of a schema of this process, which is removed at the end; empty without a server."""
    if not _URL:
        yield ""
        return
    import psycopg

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(_URL, autocommit=True) as session:
        session.execute(f"CREATE SCHEMA {name}".encode())
        # A flush to the disk for each commit would take most of the time.
        url = f"{_URL}?options=-csearch_path%3D{name}%20-csynchronous_commit%3Doff"
        PostgresCatalogue(url).close()
        yield url
        session.execute(f"DROP SCHEMA {name} CASCADE".encode())


@pytest.fixture
def database(schema: str) -> str:
    """The address of an empty catalogue in PostgreSQL."""
    import psycopg

    with psycopg.connect(schema, autocommit=True) as session:
        rows = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
        tables = [row[0] for row in rows if row[0] not in {"autointel_schema", "jobs"}]
        # TRUNCATE would make new files, 0.3 s a test.
        session.execute(";".join(f"DELETE FROM {table}" for table in [*tables, "jobs"]).encode())  # noqa: S608
    return schema


@pytest.fixture
def opened(engine: str, path: Path, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens the same catalogue again, under a namespace; all are closed at the end."""
    made: list[Catalogue] = []
    where = request.getfixturevalue("database") if engine == "postgres" else ""

    def open_(namespace: str = "default") -> Catalogue:
        made.append(PostgresCatalogue(where, namespace, grace=0) if where else SqliteCatalogue(path, namespace))
        return made[-1]

    yield open_
    for each in made:
        each.close()


@pytest.fixture
def catalogue(opened: Open) -> Catalogue:
    return opened()


@pytest.fixture
def sqlite(path: Path) -> Iterator[SqliteCatalogue]:
    made = SqliteCatalogue(path)
    yield made
    made.close()


def writes(catalogue: Catalogue) -> object:
    """Changes whenever a passage or a reply is written, even where its values stay the same."""
    sql = "SELECT total_changes() AS version"
    if not isinstance(catalogue, SqliteCatalogue):
        sql = "SELECT xmin::text AS version FROM passages UNION ALL SELECT xmin::text FROM model_cache ORDER BY 1"
    return [row["version"] for row in catalogue.connection.read(sql)]
