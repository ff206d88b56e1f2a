"""Workers that a real RabbitMQ calls: killed, left by their broker, dismissed, and each source is briefed once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts.server_process import Server
from scripts.services_debian import postgres, rabbitmq
from tests.scale.fleet import Fleet, pauses, talks

pytestmark = [pytest.mark.timeout(1800), pytest.mark.xdist_group("scale")]
_KILLS = int(os.environ.get("AUTOINTEL_TEST_KILLS", "25"))
_TALKS = int(os.environ.get("AUTOINTEL_TEST_TALKS", "20"))


@pytest.fixture(scope="module")
def broker() -> Iterator[Server]:
    server = rabbitmq()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def fleet(broker: Server, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Fleet]:
    # Attempts that end by a kill count, and here there are many kills.
    settings = {
        "AUTOINTEL_QUEUE__BROKER_URL": broker.address,
        "AUTOINTEL_QUEUE__ATTEMPTS": "20",
        "AUTOINTEL_QUEUE__RETRY_SECONDS": "1",
    }
    if request.param == "sqlite":
        fleet = Fleet(tmp_path / "home", settings)
        yield fleet
        fleet.abandon()
        return
    database = postgres()
    fleet = Fleet(tmp_path / "home", {**settings, "AUTOINTEL_CATALOGUE__URL": database.address}, apart=True)
    yield fleet
    fleet.abandon()
    database.stop()


def test_workers_killed_at_random_moments_brief_every_source_once(fleet: Fleet, tmp_path: Path) -> None:
    for _ in range(2):
        fleet.hire()
    batch = fleet.start_batch(str(talks(tmp_path / "talks", _TALKS)))

    for pause in pauses(7, _KILLS, 4.0):
        time.sleep(pause)
        fleet.kill(fleet.workers[0])
        fleet.hire()
    jobs = fleet.wait(batch, 900)

    assert [job["state"] for job in jobs] == ["done"] * _TALKS, jobs
    assert len(set(fleet.read())) == len(fleet.read()) == _TALKS
    assert fleet.dismiss() == [0, 0]


def test_a_broker_that_is_restarted_costs_no_source(fleet: Fleet, broker: Server, tmp_path: Path) -> None:
    fleet.hire()
    batch = fleet.start_batch(str(talks(tmp_path / "talks", 5)))

    fleet.until_running(batch)
    broker.pause()
    broker.start()
    jobs = fleet.wait(batch, 300)

    assert [job["state"] for job in jobs] == ["done"] * 5
    assert len(fleet.read()) == 5


def test_a_database_that_is_restarted_costs_no_source(broker: Server, tmp_path: Path) -> None:
    database = postgres()
    settings = {
        "AUTOINTEL_QUEUE__BROKER_URL": broker.address,
        "AUTOINTEL_QUEUE__ATTEMPTS": "20",
        "AUTOINTEL_QUEUE__RETRY_SECONDS": "1",
        "AUTOINTEL_CATALOGUE__URL": database.address,
    }
    fleet = Fleet(tmp_path / "home", settings, apart=True)
    try:
        fleet.hire()
        batch = fleet.start_batch(str(talks(tmp_path / "talks", 4)))
        for _ in range(2):
            fleet.until_running(batch)
            database.pause()
            database.start()
        jobs = fleet.wait(batch, 300)

        assert [job["state"] for job in jobs] == ["done"] * 4
        assert len(fleet.read()) == 4
    finally:
        fleet.abandon()
        database.stop()


def test_a_dismissed_worker_hands_back_what_it_had(fleet: Fleet, tmp_path: Path) -> None:
    fleet.hire(2)
    batch = fleet.start_batch(str(talks(tmp_path / "talks", 4)))
    fleet.until_running(batch)

    assert fleet.dismiss() == [0]
    left = fleet.jobs(batch)
    assert not any(job["state"] == "running" for job in left)

    fleet.hire(2)
    jobs = fleet.wait(batch, 300)

    assert [job["state"] for job in jobs] == ["done"] * 4
    # Nobody is to blame for an attempt that was called off.
    assert max(job["attempts"] for job in jobs) == 1


def test_a_source_that_kills_its_run_every_time_is_a_dead_letter_with_its_reason(
    broker: Server, tmp_path: Path
) -> None:
    folder = talks(tmp_path / "talks", 2)
    poisoned = folder / "poisoned.vtt"
    poisoned.write_text("WEBVTT\n\n00:00.000 --> 00:05.000\nwords\n")
    # A run that loads this module when it is about to read the poisoned source ends by SIGKILL.
    poison = tmp_path / "poison"
    poison.mkdir()
    (poison / "sitecustomize.py").write_text(
        "import builtins, io, os, signal\n"
        "from pathlib import Path\n"
        "_read = Path.read_bytes\n"
        "def read(self):\n"
        "    if self.name == 'poisoned.vtt': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return _read(self)\n"
        "Path.read_bytes = read\n"
        "_open = io.open\n"
        "def opened(file, *more, **words):\n"
        "    if str(file).endswith('poisoned.vtt'): os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return _open(file, *more, **words)\n"
        "io.open = builtins.open = opened\n"
    )
    settings = {
        "AUTOINTEL_QUEUE__BROKER_URL": broker.address,
        "AUTOINTEL_QUEUE__ATTEMPTS": "2",
        "AUTOINTEL_QUEUE__RETRY_SECONDS": "1",
        "PYTHONPATH": str(poison),
    }
    fleet = Fleet(tmp_path / "home", settings)
    fleet.hire()
    try:
        jobs = fleet.wait(fleet.start_batch(str(folder)), 300)
    finally:
        fleet.abandon()

    states = {Path(job["source"]).name: (job["state"], job["attempts"], job["reason"]) for job in jobs}
    assert states.pop("poisoned.vtt") == ("dead", 2, "Its process was killed by SIGKILL.")
    assert {state for state, _, _ in states.values()} == {"done"}
