"""``autointel worker``: a broker's calls, each answered with one source of a batch."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from tests.fakes.broker import FakeBroker
from tests.unit.cli.test_run_batch import GONE, KILLED, PLAIN, WORDLESS, Runs, batch_of, rows

from autointel.adapters.catalogue.jobs import JobQueue
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.app.children import Ended
from autointel.app.job_queue import note_end
from autointel.cli.run_batch import cancel_batch, limits_of, resume_batch, run_worker, show_batch, start_batch
from autointel.domain.catalogue import Job, JobState, NewJob, Settled
from autointel.errors import AutointelError, HomeUnusable, QueueUnavailable, UsageError
from autointel.settings import load

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_HOME", str(Path("home").absolute()))
    monkeypatch.setenv("AUTOINTEL_QUEUE__RETRY_SECONDS", "0")
    for name in "abc":
        Path(f"{name}.vtt").write_text("WEBVTT\n")


def queued(broker: FakeBroker, *sources: str) -> int:
    return start_batch(PLAIN, sources, None, None, jobs=1, json=True, broker=broker)


def state(capsys: Capture, batch: str) -> dict[str, tuple[str, int, str]]:
    show_batch(batch, json=True, color=False)
    return rows(capsys)


def test_a_batch_calls_a_worker_for_each_source_and_leaves_the_work_to_them(capsys: Capture) -> None:
    broker = FakeBroker()

    assert queued(broker, "a.vtt", "b.vtt", "a.vtt") == 0

    assert {name: each[0] for name, each in rows(capsys).items()} == {"a.vtt": "waiting", "b.vtt": "waiting"}
    assert broker.waiting == [batch_of(capsys)] * 2


def test_each_call_is_answered_with_one_source(capsys: Capture) -> None:
    broker, runs = FakeBroker(), Runs()
    queued(broker, "a.vtt", "b.vtt", "c.vtt")

    assert run_worker(jobs=1, broker=broker, children=runs) == 0

    capsys.readouterr()
    assert sorted(runs.asked) == ["a.vtt", "b.vtt", "c.vtt"]
    assert {each[0] for each in state(capsys, batch_of(capsys)).values()} == {"done"}
    assert broker.waiting == []


def test_a_batch_with_options_of_another_version_waits_for_a_worker_of_that_version(capsys: Capture) -> None:
    broker, runs = FakeBroker(most=2), Runs()
    queued(broker, "a.vtt")
    batch = broker.waiting[0]
    with closing(SqliteCatalogue(Path("home/catalogue.sqlite3"))) as catalogue:
        theirs = (catalogue.batches.request(batch) or "").replace("{", '{"depth_of_a_later_version": 2, ', 1)
        catalogue.connection.write("UPDATE batches SET request = ?", (theirs,))

    assert run_worker(jobs=1, broker=broker, children=runs) == 0

    assert (runs.asked, broker.waiting) == ([], [batch])
    assert broker.delays[-1] > 0
    assert "was started by another version of autointel." in capsys.readouterr().err
    with pytest.raises(UsageError, match="another version"):
        resume_batch(batch, failed=False, jobs=1, broker=broker)


def test_a_source_that_fails_is_called_for_again_until_it_is_given_up(capsys: Capture) -> None:
    broker, runs = FakeBroker(), Runs({"a.vtt": [GONE, KILLED, GONE], "b.vtt": [WORDLESS]})
    queued(broker, "https://x.test/a.vtt", "b.vtt")

    run_worker(jobs=1, broker=broker, children=runs)

    capsys.readouterr()
    found = state(capsys, batch_of(capsys))
    assert found["a.vtt"][:2] == ("dead", 3)
    assert found["b.vtt"] == ("dead", 1, "It is empty. Fill it.")


def test_a_source_whose_pause_is_not_over_is_called_for_later(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("AUTOINTEL_QUEUE__RETRY_SECONDS", "7")
    broker, runs = FakeBroker(most=1), Runs({"a.vtt": [GONE]})
    queued(broker, "https://x.test/a.vtt")

    run_worker(jobs=1, broker=broker, children=runs)

    assert 6 < broker.delays[-1] <= 7
    capsys.readouterr()


def test_a_call_for_a_batch_that_is_finished_is_dropped(capsys: Capture) -> None:
    broker, runs = FakeBroker(), Runs()
    queued(broker, "a.vtt")
    broker.waiting *= 3  # a broker that was restarted may deliver twice

    run_worker(jobs=1, broker=broker, children=runs)

    assert runs.asked == ["a.vtt"]
    assert broker.waiting == []
    capsys.readouterr()


def test_a_call_for_a_batch_that_nobody_knows_is_dropped_with_a_word(capsys: Capture) -> None:
    broker = FakeBroker()
    broker.call("20990101T000000-abcdef")

    assert run_worker(jobs=1, broker=broker, children=Runs()) == 0

    assert "There is no batch 20990101T000000-abcdef" in capsys.readouterr().err
    assert broker.waiting == []


def test_a_cancelled_source_is_not_briefed(capsys: Capture) -> None:
    broker, runs = FakeBroker(), Runs()
    queued(broker, "a.vtt", "b.vtt")
    capsys.readouterr()
    cancel_batch(batch_of(capsys))

    run_worker(jobs=1, broker=broker, children=runs)

    assert runs.asked == []


def test_what_is_under_way_at_the_signal_is_handed_back_and_called_for(capsys: Capture) -> None:
    broker = FakeBroker(most=1)

    class Stopping(Runs):
        def run(self, arguments, heard):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            # The signal comes while the source is being briefed, and its run ends by it.
            super().run(arguments, heard)
            stop()
            return Ended(143, "", (), 0.1)

    runs = Stopping()
    stop = runs.stop
    queued(broker, "a.vtt")
    capsys.readouterr()
    batch = batch_of(capsys)
    listen = broker.listen

    def listening(answer, *, parallel, stopping):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        nonlocal stop
        stop = stopping
        listen(answer, parallel=parallel, stopping=lambda: None)

    broker.listen = listening  # type: ignore[method-assign]
    run_worker(jobs=1, broker=broker, children=runs)

    capsys.readouterr()
    assert state(capsys, batch)["a.vtt"][:2] == ("waiting", 0)
    assert broker.waiting == [batch]


def test_the_index_is_written_by_the_worker_that_ends_the_batch(capsys: Capture) -> None:
    broker = FakeBroker()
    out = Path("briefings").absolute()
    start_batch(replace(PLAIN, out=out), ["a.vtt"], None, None, jobs=1, json=True, broker=broker)

    run_worker(jobs=1, broker=broker, children=Runs())

    assert (out / "index.html").is_file()
    capsys.readouterr()


def test_a_broker_that_is_down_loses_no_source_and_resume_calls_again(capsys: Capture) -> None:
    with pytest.raises(QueueUnavailable) as raised:
        queued(FakeBroker(down=True), "a.vtt")
    batch = batch_of(capsys)
    assert raised.value.__notes__ == [f"The sources are saved: autointel batch resume {batch} calls again."]

    broker = FakeBroker()
    resume_batch(batch, failed=False, jobs=1, json=True, broker=broker)

    assert broker.waiting == [batch]


def test_several_jobs_are_refused_where_workers_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_QUEUE__BROKER_URL", "amqp://127.0.0.1:1//")

    with pytest.raises(UsageError, match="--jobs has no effect"):
        start_batch(PLAIN, ["a.vtt"], None, None, jobs=2)


@pytest.mark.parametrize(("offline", "given"), [(False, {}), (True, {"model.max_concurrent_calls": "2"})])
def test_jobs_divide_the_limits_where_the_redis_that_holds_them_is_not_asked(
    given: dict[str, str], *, offline: bool
) -> None:
    limits = {"queue.limits_url": "redis://store.invalid", "model.max_concurrent_calls": 8, "fetch.offline": offline}

    assert limits_of(load(limits).settings, jobs=4) == given


def test_a_worker_without_a_broker_says_how_to_have_one() -> None:
    with pytest.raises(UsageError, match="No broker is configured"):
        run_worker(jobs=1)


@pytest.mark.parametrize("address", ["http://me:pa55@127.0.0.1/", "amqp://me:pa55@127.0.0.1:port/", "amqp://[1"])
def test_an_address_that_is_no_rabbitmq_is_refused_without_its_password(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOINTEL_QUEUE__BROKER_URL", address)

    with pytest.raises(UsageError) as raised:
        run_worker(jobs=1)

    assert "pa55" not in f"{raised.value.message} {raised.value.hint}"


def test_a_rabbitmq_that_does_not_answer_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_QUEUE__BROKER_URL", "amqp://me:secret@127.0.0.1:1//")

    with pytest.raises(QueueUnavailable, match=r"RabbitMQ at 127\.0\.0\.1:1 does not answer") as raised:
        run_worker(jobs=1)

    assert "secret" not in raised.value.message


def test_a_source_that_ends_while_the_catalogue_is_away_is_noted_once_it_is_back() -> None:
    said: list[AutointelError] = []
    catalogue = SqliteCatalogue(Path("catalogue.sqlite3").absolute())
    queue = catalogue.jobs("news")
    queue.add([NewJob(source="a.vtt", keys=("a",))])
    job = queue.claim("ada", 3)
    assert job is not None

    class Away(JobQueue):
        """Refuses the first two times."""

        tries = 0

        def settle(self, job: Job, settled: Settled) -> bool:
            self.tries += 1
            if self.tries <= 2:
                raise HomeUnusable("The database is away.", "Start it.")
            return super().settle(job, settled)

    away = Away(catalogue.connection, "news", set)

    assert note_end(away, job, Settled(state=JobState.DONE, code=0), Event(), said.append, pause=0.0)

    assert [error.message for error in said] == ["The database is away."]
    assert [each.state for each in queue.jobs()] == [JobState.DONE]
    catalogue.close()


def test_a_worker_that_is_stopped_waits_for_no_catalogue() -> None:
    catalogue = SqliteCatalogue(Path("catalogue.sqlite3").absolute())
    queue = catalogue.jobs("news")
    queue.add([NewJob(source="a.vtt", keys=("a",))])
    job = queue.claim("ada", 3)
    assert job is not None
    catalogue.close()
    stopping = Event()
    stopping.set()

    with pytest.raises(HomeUnusable):
        note_end(queue, job, Settled(state=JobState.DONE, code=0), stopping, lambda _: None)
