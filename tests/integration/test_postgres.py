"""What the catalogue on PostgreSQL promises beyond the suite it shares with SQLite: ``make test-stores``."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.crash.killing import SAMPLE
from tests.fakes.material import talk
from typing_extensions import override

from autointel.adapters.catalogue.connection import Parameters
from autointel.adapters.catalogue.jobs import JobQueue
from autointel.adapters.catalogue.postgres import PostgresCatalogue, probe
from autointel.adapters.catalogue.postgres.connection import (
    MIGRATIONS,
    PostgresConnection,
    _translated,
    hosts_of,
    migrate,
)
from autointel.adapters.home import Home
from autointel.adapters.sources.parse import parse
from autointel.domain.catalogue import RETRIEVAL, NewJob, RunStatus, StoredStep
from autointel.domain.run import Options, Outcome, RunId, StepName
from autointel.domain.transcript import Segment, Source, Transcript
from autointel.errors import HomeUnusable, SettingsError
from autointel_bench.evaluation.recall import score_locomo
from autointel_bench.evaluation.shipped_search import search_over

# Read before the fixture that clears the environment.
_URL = os.environ.get("AUTOINTEL_TEST_POSTGRES_URL", "")
FARES = ["Fares pay for the buses.", "The council met on Monday.", "Nobody thinks fares cover the cost."]
_OPEN = """
import os, sys
from autointel.adapters.catalogue.postgres import PostgresCatalogue
catalogue = PostgresCatalogue(sys.argv[1])
"""
Kill = Callable[[], int]


@pytest.fixture
def url() -> Iterator[str]:
    """The address of an empty schema."""
    assert _URL, "no server: run this through `make test-stores`"
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(_URL, autocommit=True) as session:
        session.execute(f"CREATE SCHEMA {name}".encode())
        yield f"{_URL}?options=-csearch_path%3D{name}&application_name={name}"
        session.execute(f"DROP SCHEMA {name} CASCADE".encode())


@pytest.fixture
def catalogue(url: str) -> Iterator[PostgresCatalogue]:
    opened = PostgresCatalogue(url, grace=0)
    yield opened
    opened.close()


@pytest.fixture
def kill(url: str) -> Kill:
    """Ends every connection of the catalogue, as a server that restarts does; how many there were."""
    name = url.rpartition("=")[2]

    def kill_() -> int:
        with psycopg.connect(_URL, autocommit=True) as session:
            ended = session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", (name,)
            )
            return len(ended.fetchall())

    return kill_


def test_many_processes_may_open_an_empty_database_at_once(url: str) -> None:
    call = [sys.executable, "-c", f"{_OPEN}catalogue.close()", url]
    started = [subprocess.Popen(call, stderr=subprocess.PIPE, text=True) for _ in range(6)]  # noqa: S603

    assert [process.communicate(timeout=60)[1] for process in started] == [""] * 6


def test_a_statement_that_meets_a_broken_connection_is_done_on_another(
    catalogue: PostgresCatalogue, kill: Kill
) -> None:
    catalogue.passages.store(*talk(FARES))

    assert kill() > 0
    assert catalogue.passages.count() == 3


def test_a_transaction_whose_connection_breaks_is_done_again_as_a_whole(
    catalogue: PostgresCatalogue, kill: Kill
) -> None:
    tries: list[int] = []

    def work() -> None:
        catalogue.outbox.add("memory", "default", {f"try {len(tries)}": "{}"})
        tries.append(1)
        if len(tries) == 1:
            kill()
        catalogue.outbox.add("memory", "default", {"end": "{}"})

    catalogue.atomically(work)

    assert catalogue.outbox.waiting("memory", "default") == ["try 1", "end"]


def test_two_transactions_that_wait_for_each_other_both_succeed(url: str, catalogue: PostgresCatalogue) -> None:
    other = PostgresCatalogue(url)
    names = [f"record {number}" for number in range(200)]
    catalogue.outbox.add("memory", "default", dict.fromkeys(names, "{}"))

    def write(opened: PostgresCatalogue, order: Sequence[str]) -> None:
        for _ in range(5):
            opened.outbox.add("memory", "default", dict.fromkeys(order, "1"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (catalogue, other), (names, names[::-1])))

    assert {each.payload for each in catalogue.outbox.pending("memory", 300)} == {"1"}
    other.close()


def test_a_source_stored_by_many_at_once_is_there_once(url: str, catalogue: PostgresCatalogue) -> None:
    opened = [PostgresCatalogue(url) for _ in range(4)]
    versions = [talk([f"{sentence} {number % 2}" for sentence in FARES]) for number in range(12)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda at: opened[at % 4].passages.store(*versions[at]), range(12)))

    assert catalogue.passages.count() == 3
    assert len(catalogue.passages.keyword("fares", 10)) == 3
    for each in opened:
        each.close()


def test_a_source_put_on_a_queue_by_many_at_once_is_one_job(url: str, catalogue: PostgresCatalogue) -> None:
    opened = [PostgresCatalogue(url) for _ in range(4)]
    new = [NewJob(source=str(number), keys=(str(number), f"also {number}")) for number in range(20)]

    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(lambda each: each.jobs("news").add(new), opened))

    assert sum(added) == 20
    assert len(catalogue.jobs("news").jobs()) == 20
    for each in opened:
        each.close()


def test_a_job_whose_machine_is_gone_is_put_back(url: str, catalogue: PostgresCatalogue) -> None:
    catalogue.jobs("news").add([NewJob(source="a", keys=("a",))])
    claim = "with catalogue.alive('gone'):\n    catalogue.jobs('news').claim('gone', 3); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", _OPEN + claim, url], check=False)  # noqa: S603

    job = catalogue.jobs("news").claim("mine", 3)

    assert job is not None
    assert (job.source, job.attempts) == ("a", 2)


def test_who_takes_a_source_asks_as_many_statements_beside_forty_workers_as_beside_one(url: str) -> None:
    asked = []
    for number in (1, 40):
        mine, theirs = PostgresCatalogue(url, grace=0), PostgresCatalogue(url, grace=0)
        with contextlib.ExitStack() as workers:
            jobs = mine.jobs(f"beside {number}")
            jobs.add([NewJob(source=str(at), keys=(str(at),)) for at in range(number + 2)])
            for at in range(number):
                workers.enter_context(theirs.alive(f"worker-{at}"))
                assert jobs.claim(f"worker-{at}", 3) is not None
            gone = jobs.claim("gone", 3)
            before = mine.connection.statements
            taken = jobs.claim("mine", 3)
            asked.append(mine.connection.statements - before)
        mine.close()
        theirs.close()

        assert gone is not None
        assert taken is not None
        assert (taken.id, taken.attempts) == (gone.id, 2)
    assert asked[0] == asked[1]


@pytest.mark.timeout(60)
def test_a_mark_whose_connection_broke_is_held_again(url: str, kill: Kill) -> None:
    mine, theirs = PostgresCatalogue(url, grace=0, look_every=0.05), PostgresCatalogue(url, grace=0)

    with mine.alive("run"):
        assert kill() > 0
        while not theirs.is_alive("run"):
            pass
    mine.close()
    theirs.close()


def test_words_with_nul_are_stored_without(catalogue: PostgresCatalogue) -> None:
    source = Source(id="talk", kind=talk(FARES)[0].kind, path="talk.vtt", title="A\0 talk")
    words = Transcript(segments=(Segment(text="Fares\0 pay.", start=0.0, end=1.0),))

    catalogue.passages.store(source, words, [])

    found = catalogue.passages.source("talk")
    assert found is not None
    assert found[1].segments[0].text == "Fares pay."


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("postgresql://autointel:very-secret@127.0.0.1:1/autointel", "does not answer: connection refused"),
        ("{server}/nothing-of-this-name?password=very-secret", "has no such database"),
        ("postgresql://nobody:very-secret@{place}/autointel", "has no such user"),
        ("postgresql://autointel:very-secret@nowhere.invalid/autointel", "no name server knows"),
        ("postgresql://autointel:very-secret@{place}/autointel?sslmode=require", "agree on no encryption"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_plain_words_without_the_password(
    address: str, sentence: str
) -> None:
    server, _, _ = _URL.rpartition("/")
    address = address.format(server=server, place=server.rpartition("@")[2])

    with pytest.raises(HomeUnusable, match=sentence) as raised:
        probe(address)

    assert raised.value.hint
    assert "very-secret" not in f"{raised.value} {raised.value.hint}"
    assert raised.value.exit_code == 6


def test_an_address_that_is_none_is_refused_without_a_word_of_it() -> None:
    with pytest.raises(SettingsError) as raised:
        probe("postgresql://autointel:very-secret@host:5432/a?no_such_option=1")

    assert "very-secret" not in f"{raised.value!r} {raised.value.__cause__!r} {raised.value.hint}"


def test_a_catalogue_of_a_newer_version_is_refused_by_name_and_left_alone(url: str) -> None:
    connection = PostgresConnection(url)
    migrate(connection, [*MIGRATIONS, "CREATE TABLE later (id INTEGER)"])

    with pytest.raises(HomeUnusable, match=f"written by a newer autointel \\(version {len(MIGRATIONS) + 1}"):
        PostgresCatalogue(url)
    with pytest.raises(HomeUnusable, match="newer autointel"):
        probe(url)
    connection.close()


def test_tables_of_another_program_are_left_alone(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("CREATE TABLE runs (id INTEGER)")

        with pytest.raises(HomeUnusable, match="tables of another program"):
            PostgresCatalogue(url)

        assert session.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def test_a_value_that_the_database_refuses_is_not_quoted(catalogue: PostgresCatalogue) -> None:
    with pytest.raises(HomeUnusable) as raised:
        catalogue.connection.read("SELECT CAST(? AS integer) AS number", ("what somebody said",))

    assert "somebody" not in raised.value.message


def test_a_script_runs_outside_a_transaction_too(catalogue: PostgresCatalogue) -> None:
    catalogue.connection.script("CREATE TABLE things (name TEXT); INSERT INTO things VALUES ('one')")

    assert [row["name"] for row in catalogue.connection.read("SELECT name FROM things")] == ["one"]


def test_a_statement_that_takes_too_long_is_ended_and_told(catalogue: PostgresCatalogue) -> None:
    def hang() -> None:
        catalogue.connection.script("SET LOCAL statement_timeout = '50ms'")
        catalogue.connection.read("SELECT pg_sleep(5)")

    with pytest.raises(HomeUnusable, match="took too long over a statement"):
        catalogue.atomically(hang)


class _Heard(PostgresConnection):
    """Notes every statement with its parameters."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.asked: list[tuple[str, Any]] = []

    @override
    def _execute(self, session: Any, sql: str, parameters: Parameters) -> Any:
        self.asked.append((sql, parameters))
        return super()._execute(session, sql, parameters)


def test_no_query_walks_through_a_whole_table(url: str) -> None:
    catalogue = PostgresCatalogue(_Heard(url))
    heard = catalogue.connection
    assert isinstance(heard, _Heard)
    source, transcript, passages = talk(FARES)
    run = RunId.model_validate({"id": "one", "created_at": "2026-11-20T08:48:52Z"})
    catalogue.passages.store(source, transcript, passages)
    heard.asked.clear()

    catalogue.passages.store(source, transcript, passages[:2])
    catalogue.passages.keyword("fares", 5)
    catalogue.passages.phrase("pay for", 5)
    catalogue.passages.saying(["fares"], not_sources=["other"])
    catalogue.passages.hits({passages[0].id: 1.0})
    catalogue.passages.of_source(source.id)
    catalogue.passages.source(source.id)
    catalogue.passages.speakers()
    catalogue.words.within(passages)
    catalogue.verdicts.records(["a"])
    catalogue.verdicts.records_of(source.id)
    catalogue.knowledge.of_source(source.id)
    catalogue.runs.begin(run, Options(source="talk.vtt"))
    catalogue.runs.has_read("talk.vtt", "default")
    catalogue.runs.typed_as(["talk.vtt"], "default")
    catalogue.runs.find("on")
    catalogue.batches.find("on")
    catalogue.runs.steps(["one"])
    catalogue.runs.latest()
    catalogue.runs.end("one", RunStatus.DONE)
    catalogue.step_cache.save("key", StoredStep(step=StepName.READ, outcome=Outcome.DONE, value="{}"), run_id="one")
    catalogue.step_cache.load("key")
    catalogue.model_cache.get("key")
    catalogue.query_cache.get(RETRIEVAL, catalogue.query_cache.key(RETRIEVAL, "fares"))
    catalogue.outbox.pending("memory", 10)
    catalogue.outbox.waiting("memory", "default")
    catalogue.measures.since(0.0)
    catalogue.artifacts.names("one")
    jobs = JobQueue(catalogue.connection, "news", set)
    jobs.claim("mine", 3)
    jobs.known(["a"])
    jobs.next_due()
    catalogue.passages.forget(source.id)

    walked = _walks(url, heard.asked)
    catalogue.close()
    assert len(heard.asked) > 40
    assert walked == []


def _walks(url: str, asked: Sequence[tuple[str, Any]]) -> list[str]:
    """Plans that read a table row by row, where an index would do: sequential scans cost a fortune here."""
    found = []
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("SET enable_seqscan = off")
        for sql, parameters in asked:
            if not sql.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
                continue
            rows = session.execute(b"EXPLAIN " + _translated(sql), parameters or None).fetchall()
            found += [f"{row[0].strip()} of {sql}" for row in rows if "Seq Scan" in row[0]]
    return found


def _conversation() -> dict[str, Any]:
    """The sample talk as sessions of twenty turns, and questions of every other longer word of a turn."""
    turns = [segment.text for segment in parse(SAMPLE.read_bytes(), SAMPLE.name).segments]
    talk: dict[str, Any] = {}
    asked = []
    for number in range(1, len(turns) // 20 + 1):
        said = turns[20 * (number - 1) : 20 * number]
        talk[f"session_{number}_date_time"] = "1:56 pm on 8 May, 2023"
        talk[f"session_{number}"] = [
            {"speaker": "Ada", "dia_id": f"D{number}:{place}", "text": text} for place, text in enumerate(said, 1)
        ]
        for place in range(1, 21, 8):
            words = [word for word in said[place - 1].split() if len(word) > 3][::2]
            asked.append({"question": " ".join(words) or "-", "evidence": [f"D{number}:{place}"], "category": 1})
    return {"sample_id": "transit", "conversation": talk, "qa": asked}


def test_a_search_finds_as_much_as_over_a_file(url: str, tmp_path: Path) -> None:
    file = tmp_path / "talks.json"
    file.write_text(json.dumps([_conversation()]))

    def over_postgres(_: Home, name: str) -> PostgresCatalogue:
        return PostgresCatalogue(url, name)

    mine = score_locomo(file, search_over)
    theirs = score_locomo(file, partial(search_over, catalogue=over_postgres))

    assert mine.questions == theirs.questions > 50
    assert mine.recall_at_10 > 0.5
    for score in ("recall_at_5", "recall_at_10", "ndcg_at_10"):
        assert abs(getattr(mine, score) - getattr(theirs, score)) <= 0.01, score


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("postgresql://ada:secret@db.example:6000/talks", [("db.example", 6000)]),
        ("postgresql://one,two:77/talks", [("one", 5432), ("two", 77)]),
        ("postgresql://named/talks?hostaddr=10.0.0.1", [("10.0.0.1", 5432)]),
        ("postgresql://[::1]/talks", [("::1", 5432)]),
        ("postgresql:///talks", []),
        ("host=/run/postgresql dbname=talks", []),
        ("postgresql:///talks?service=archive", [("service archive", 0)]),
    ],
)
def test_the_hosts_that_an_address_leads_to_are_known_before_one_is_asked(
    address: str, hosts: list[tuple[str, int]]
) -> None:
    assert hosts_of(address) == hosts


def test_a_host_that_the_client_s_variables_name_counts_as_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere.example")

    assert hosts_of("postgresql:///talks") == [("elsewhere.example", 5432)]
