"""What every queue of sources promises: each source once, with one worker at a time, whoever dies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.unit.adapters.catalogue.conftest import Open

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.jobs import JobQueue
from autointel.domain.catalogue import Job, JobState, NewJob, Settled
from autointel.domain.run import Options, RunId

ALIVE = {"ada", "bo"}
MOST = 3


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def queue(catalogue: Catalogue, clock: list[float]) -> JobQueue:
    return JobQueue(catalogue.connection, "news", ALIVE.intersection, now=lambda: clock[0])


def new(name: str, *keys: str) -> NewJob:
    return NewJob(source=name, keys=keys or (name,))


def claimed(queue: JobQueue, owner: str = "ada") -> Job:
    job = queue.claim(owner, MOST)
    assert job is not None
    return job


def test_a_source_given_twice_is_one_job_also_by_another_of_its_keys(queue: JobQueue) -> None:
    assert queue.add([new("a", "guid", "sound"), new("b")]) == 2
    assert queue.add([new("a again", "sound", "page"), new("b")]) == 0
    assert queue.add([new("a a third time", "page")]) == 0
    assert queue.known(["guid", "page", "b", "c"]) == {"guid", "page", "b"}
    assert [job.source for job in queue.jobs()] == ["a", "b"]


def test_jobs_are_taken_in_their_order_and_each_by_one_worker(queue: JobQueue) -> None:
    queue.add(map(new, "abc"))

    taken = [queue.claim(owner, MOST) for owner in ("ada", "bo", "ada", "bo")]

    assert [job and (job.source, job.owner, job.attempts) for job in taken] == [
        ("a", "ada", 1),
        ("b", "bo", 1),
        ("c", "ada", 1),
        None,
    ]


def test_many_workers_at_once_take_each_job_once(opened: Open) -> None:
    queues = [JobQueue(opened().connection, "news", ALIVE.intersection) for _ in range(4)]
    queues[0].add(new(str(number)) for number in range(40))

    def take(queue: JobQueue) -> list[str]:
        return [job.source for job in iter(lambda: queue.claim("ada", MOST), None)]

    with ThreadPoolExecutor(4) as pool:
        taken = [source for sources in pool.map(take, queues) for source in sources]

    assert sorted(taken, key=int) == [str(number) for number in range(40)]


def test_a_job_of_a_dead_worker_is_put_back_and_its_late_answer_changes_nothing(queue: JobQueue) -> None:
    queue.add([new("a")])
    late = claimed(queue, "ghost")

    again = claimed(queue, "ada")

    assert (again.source, again.attempts) == ("a", 2)
    assert not queue.settle(late, Settled(state=JobState.DEAD, code=1))
    assert queue.settle(again, Settled(state=JobState.DONE, code=0, run_id="r1", title="A"))
    assert [(job.state, job.run_id, job.title) for job in queue.jobs()] == [(JobState.DONE, "r1", "A")]


def test_a_job_whose_worker_dies_every_time_is_given_up_with_the_reason(queue: JobQueue) -> None:
    queue.add([new("poison"), new("b")])
    for _ in range(MOST):
        assert claimed(queue, "ghost").source == "poison"

    assert claimed(queue).source == "b"
    dead = queue.jobs()[0]
    assert (dead.state, dead.reason) == (JobState.DEAD, "Its worker was killed each time (3 attempts).")


def test_a_job_that_waits_for_another_attempt_is_taken_when_it_is_due(queue: JobQueue, clock: list[float]) -> None:
    queue.add([new("a")])
    queue.settle(claimed(queue), Settled(state=JobState.WAITING, code=3, reason="Not there.", due=1030.0))

    assert queue.claim("ada", MOST) is None
    assert queue.next_due() == 30.0
    clock[0] = 1030.0
    assert claimed(queue).attempts == 2
    assert queue.next_due() is None


def test_an_interrupted_attempt_does_not_count(queue: JobQueue) -> None:
    queue.add([new("a")])

    queue.settle(claimed(queue), Settled(state=JobState.WAITING, code=143, counts=False))

    assert claimed(queue).attempts == 1


def test_waiting_jobs_can_be_cancelled_and_revived(queue: JobQueue) -> None:
    queue.add(map(new, "abc"))
    queue.settle(claimed(queue), Settled(state=JobState.DEAD, code=4, reason="No words."))

    assert queue.cancel() == 2
    assert queue.claim("ada", MOST) is None
    assert queue.counts() == {JobState.DEAD: 1, JobState.CANCELLED: 2}
    assert queue.revive([JobState.CANCELLED]) == 2
    assert queue.revive([JobState.DEAD]) == 1
    assert claimed(queue).attempts == 1


def test_what_was_passed_over_is_known_and_never_taken(queue: JobQueue) -> None:
    queue.add([new("old")], JobState.PASSED_OVER)

    assert queue.add([new("old")]) == 0
    assert queue.claim("ada", MOST) is None


def test_a_briefing_is_announced_once_and_again_only_where_that_failed(queue: JobQueue) -> None:
    queue.add(map(new, "ab"))
    for number in range(2):
        queue.settle(claimed(queue), Settled(state=JobState.DONE, code=0, run_id=f"r{number}"))

    assert [job.source for job in queue.announce("ada", 10)] == ["a", "b"]
    assert queue.announce("bo", 10) == []
    queue.announced("ada", delivered=False)
    assert len(queue.announce("ghost", 10)) == 2
    assert len(queue.announce("bo", 1)) == 1  # a dead worker's announcements are there for the next
    queue.announced("bo", delivered=True)
    assert [job.source for job in queue.announce("ada", 10)] == ["b"]
    assert [job.source for job in queue.briefed(10)] == ["b", "a"]


def test_queues_know_nothing_of_each_other(queue: JobQueue, catalogue: Catalogue) -> None:
    other = JobQueue(catalogue.connection, "sport", ALIVE.intersection)
    queue.add([new("a")])

    assert other.add([new("a")]) == 1
    assert other.cancel() == 1
    assert claimed(queue).source == "a"


@pytest.mark.parametrize("whole", [False, True])
def test_ended_jobs_of_what_is_forgotten_say_nothing_of_it_and_are_not_briefed_again(
    catalogue: Catalogue, queue: JobQueue, *, whole: bool
) -> None:
    queue.add(map(new, ["read", "failed", "again"]))
    ends = {"read": JobState.DONE, "failed": JobState.DEAD, "again": JobState.WAITING}
    for name, state in ends.items():
        catalogue.runs.begin(RunId(id=f"run-{name}", created_at=datetime(2026, 1, 1, tzinfo=UTC)), Options(source=name))
        settled = Settled(state=state, code=1, run_id=f"run-{name}", title=f"Talk {name}", reason="No words.", due=1e12)
        queue.settle(claimed(queue), settled)

    if whole:
        catalogue.forget_namespace()
    else:
        catalogue.forget("source", ["run-read", "run-failed", "run-again"])

    assert [(job.source, job.title, job.reason, job.run_id, job.state) for job in queue.jobs()] == [
        ("", "", "", None, JobState.DONE),
        ("", "", "", None, JobState.PASSED_OVER),
        ("again", "Talk again", "No words.", "run-again", JobState.WAITING),
    ]
    assert queue.revive([JobState.DEAD, JobState.CANCELLED]) == 0
    assert queue.add([new("read"), new("failed")]) == 0


def test_a_batch_is_noted_with_its_sources_or_not_at_all(catalogue: Catalogue) -> None:
    unreadable: Any = object()

    with pytest.raises(AttributeError):
        catalogue.jobs("batch").begin("{}", [new("one"), unreadable])
    assert catalogue.batches.request("batch") is None
    assert catalogue.jobs("batch").jobs() == []

    assert catalogue.jobs("batch").begin("{}", [new("one")]) == 1
    assert catalogue.batches.request("batch") == "{}"


def test_a_batch_is_found_and_counted_however_many_are_newer(catalogue: Catalogue) -> None:
    catalogue.jobs("20240101T000000-abcdef").begin("{}", [new("one"), new("two")])
    rows = [(f"20250101T000000-{number:06}", 2e9 + number, "{}") for number in range(1001)]
    sql = "INSERT INTO batches (queue, created_at, request) VALUES (?, ?, ?)"
    catalogue.connection.atomically(lambda: catalogue.connection.write_many(sql, rows))

    assert (
        catalogue.batches.find("2024")
        == catalogue.batches.find("20240101T000000-abcdef")
        == list(catalogue.batches.counts())[-1]
    )
    assert catalogue.batches.counts()["20240101T000000-abcdef"] == {JobState.WAITING: 2}
    assert catalogue.batches.find("2025") is None
    assert catalogue.batches.find("2026") is None


def test_a_whole_id_that_begins_another_is_its_own_batch(catalogue: Catalogue) -> None:
    for name in ("news", "news-late"):
        catalogue.jobs(name).begin("{}", [])

    assert catalogue.batches.find("news") == "news"
    assert catalogue.batches.find("news-") == "news-late"
