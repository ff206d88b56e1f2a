"""Two machines read, replace or forget a source at the same moment: of their transactions in PostgreSQL one is later.

Each race stands still where it is lost without its lock: a table that one side comes to write last is closed until
both sides wait.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial

import anyio
import psycopg
import pytest
from tests import examples
from tests.fakes.engine import Heard
from tests.fakes.material import talk

from autointel.adapters.catalogue.postgres import PostgresCatalogue
from autointel.adapters.home import WORDS
from autointel.app.caches import StepCache
from autointel.domain.notes import Notes
from autointel.domain.report import Results
from autointel.domain.run import Options, RunId, StepName
from autointel.pipeline.store import STALE_RECORDS

pytestmark = pytest.mark.timeout(60)
# Read before the fixture that clears the environment.
_URL = os.environ.get("AUTOINTEL_TEST_POSTGRES_URL", "")
SAID = ["Fares pay for the night bus.", "The council met on Monday.", "Nobody thinks that fares cover the cost."]


class Machines:
    """Two catalogues over one empty schema, and what each of them does on a thread of its own."""

    def __init__(self, name: str, pool: ThreadPoolExecutor, catalogues: Sequence[PostgresCatalogue]) -> None:
        self.one, self.other = catalogues
        self._name = name
        self._pool = pool

    @contextmanager
    def closed(self, table: str) -> Iterator[None]:
        """Nobody writes the table until the block ends."""
        with psycopg.connect(_URL) as session:
            session.execute(f"LOCK TABLE {self._name}.{table} IN SHARE MODE".encode())
            yield

    def starts(self, work: Callable[[], object], *, waiting: int) -> Future[object]:
        """Start it, and go on once so many sessions wait for another."""
        begun = self._pool.submit(work)
        count = (
            "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity"
            " WHERE application_name = %s AND wait_event_type = 'Lock'"
        )
        with psycopg.connect(_URL, autocommit=True) as session:
            while not begun.done() and session.execute(count, (self._name,)).fetchall()[0][0] < waiting:
                pass
        return begun


@pytest.fixture
def machines() -> Iterator[Machines]:
    assert _URL, "no server: run this through `make test-stores`"
    name = f"t{uuid.uuid4().hex}"
    url = f"{_URL}?options=-csearch_path%3D{name}&application_name={name}"
    with psycopg.connect(_URL, autocommit=True) as session:
        session.execute(f"CREATE SCHEMA {name}".encode())
        with ThreadPoolExecutor(2) as pool, ExitStack() as stack:
            catalogues = [stack.enter_context(closing(PostgresCatalogue(url, grace=0))) for _ in range(2)]
            yield Machines(name, pool, catalogues)
        session.execute(f"DROP SCHEMA {name} CASCADE".encode())


def results(name: str = "talk") -> Results:
    """What was found at one place; each name is a version."""
    source, transcript, passages = talk(SAID, name)
    return Results(
        source=source.model_copy(update={"path": "talk.vtt"}),
        transcript=transcript,
        passages=tuple(passages),
        notes=Notes(method="extract", entities=examples.local_results().notes.entities),
    )


def reading(catalogue: PostgresCatalogue, run: str, found: Results, step: StepName) -> Callable[[], object]:
    """What a run that has begun does once a step has found something."""
    catalogue.runs.begin(RunId(id=run, created_at=datetime(2026, 11, 27, tzinfo=UTC)), Options(source="talk.vtt"))
    return partial(anyio.run, StepCache(catalogue, run, "", Heard()).keep_found, step, found)


def test_of_two_versions_that_are_read_at_once_the_second_waits_for_its_run_to_end(machines: Machines) -> None:
    first, second = results("one"), results("two")
    one = reading(machines.one, "run-1", first, StepName.TRANSCRIBE)
    two = reading(machines.other, "run-2", second, StepName.TRANSCRIBE)

    with machines.closed("segments"):
        ended = [machines.starts(one, waiting=1), machines.starts(two, waiting=2)]
    for each in ended:
        each.result()

    assert [source.id for source in machines.one.passages.sources()] == [first.source.id]
    assert [machines.one.artifacts.read(run, WORDS) is not None for run in ("run-1", "run-2")] == [False, True]


def test_notes_of_a_source_that_is_forgotten_while_they_are_kept_are_forgotten_too(machines: Machines) -> None:
    found = results()
    reading(machines.one, "run-1", found, StepName.TRANSCRIBE)()
    keep = reading(machines.one, "run-1", found, StepName.READ)
    machines.one.outbox.add(STALE_RECORDS, "default", {"another": "{}"})  # what is kept last is struck from these

    with machines.closed("outbox"):
        ended = [
            machines.starts(keep, waiting=1),
            machines.starts(partial(machines.other.forget, found.source.id, ["run-1"]), waiting=2),
        ]
    for each in ended:
        each.result()

    assert machines.one.passages.sources() == []
    assert machines.one.knowledge.of_source(found.source.id) == ([], [])


def test_words_that_are_found_while_their_source_is_forgotten_are_not_stored(machines: Machines) -> None:
    found = results()
    read = reading(machines.one, "run-1", found, StepName.TRANSCRIBE)

    with machines.closed("fetched"):
        ended = [
            machines.starts(partial(machines.other.forget, found.source.id, ["run-1"]), waiting=1),
            machines.starts(read, waiting=2),
        ]
    for each in ended:
        each.result()

    assert machines.one.passages.sources() == []
