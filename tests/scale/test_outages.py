"""Stores that go away in the middle of the work, and every source ends briefed once or given up with its reason."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts.server_process import Server
from scripts.services_debian import postgres, rabbitmq
from tests.scale.fleet import Fleet, talks

pytestmark = [pytest.mark.timeout(1800), pytest.mark.xdist_group("scale")]
_LONGER_THAN_A_RUN_WAITS = 40.0  # seconds; a run waits 30 for its database


@pytest.fixture(scope="module")
def broker() -> Iterator[Server]:
    server = rabbitmq()
    yield server
    server.stop()


@pytest.fixture
def database() -> Iterator[Server]:
    server = postgres()
    yield server
    server.stop()


@pytest.fixture
def fleet(broker: Server, database: Server, tmp_path: Path) -> Iterator[Fleet]:
    settings = {
        "AUTOINTEL_QUEUE__BROKER_URL": broker.address,
        "AUTOINTEL_QUEUE__RETRY_SECONDS": "1",
        "AUTOINTEL_CATALOGUE__URL": database.address,
    }
    fleet = Fleet(tmp_path / "home", settings, apart=True)
    yield fleet
    fleet.abandon()


def test_a_database_that_vanishes_in_the_middle_leaves_no_source_and_no_run_behind(
    fleet: Fleet, database: Server, tmp_path: Path
) -> None:
    fleet.hire(2)
    batch = fleet.start_batch(str(talks(tmp_path / "talks", 4)))
    fleet.until_running(batch)
    time.sleep(2)

    database.pause()
    time.sleep(_LONGER_THAN_A_RUN_WAITS)
    database.start()
    jobs = fleet.wait(batch, 300)

    assert [job["state"] for job in jobs] == ["done"] * 4, jobs
    assert len(fleet.read()) == 4
    # The runs that could not note their own end are noted as interrupted, and none goes on for ever.
    assert {run["state"] for run in fleet.runs()} <= {"done", "failed", "interrupted"}
