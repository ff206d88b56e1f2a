"""A run that was started for another process, whose process is killed."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from tests.fakes.site import Exchange, Page, Site, silence

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.domain.catalogue import RunStatus

pytestmark = [pytest.mark.xdist_group("crew"), pytest.mark.slow]

VTT = b"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ada>The bridge is closed.\n\n00:04.000 --> 00:06.000\n<v Bo>Since when?\n"


def test_a_batch_that_is_killed_takes_its_run_along_and_is_resumed_by_the_next() -> None:
    home = Path("home").absolute()
    asked = Event()

    def never_answer(exchange: Exchange) -> None:
        asked.set()
        silence(exchange)

    with Site({"/b.vtt": never_answer}) as site:
        settings = {
            "AUTOINTEL_FETCH__ALLOW_HOSTS": site.host,
            "AUTOINTEL_HOME": str(home),
            "AUTOINTEL_FETCH__DEADLINE_SECONDS": "300",
        }
        autointel = [sys.executable, "-m", "autointel", "batch"]
        command = [*autointel, "start", site.url("/b.vtt"), "--engine", "local"]
        with subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.DEVNULL) as batch:  # noqa: S603
            assert asked.wait(120)
            (mark,) = home.glob("locks/run-2*.alive")  # the run's own; a worker has one, too
            with mark.open("r+b") as held:
                batch.send_signal(signal.SIGKILL)
                fcntl.flock(held, fcntl.LOCK_EX)  # it is there as soon as the run has ended
        site.pages["/b.vtt"] = Page(VTT, "text/vtt")
        listed = subprocess.run(  # noqa: S603
            [*autointel, "--json"], env={**os.environ, **settings}, capture_output=True, check=True
        )
        name = json.loads(listed.stdout)[0]["batch"]
        resumed = subprocess.run(  # noqa: S603
            [*autointel, "resume", name, "--json"], env={**os.environ, **settings}, capture_output=True, check=False
        )

    assert batch.returncode == -signal.SIGKILL
    assert resumed.returncode == 0
    assert [(job["state"], job["attempts"]) for job in json.loads(resumed.stdout)] == [("done", 2)]
    catalogue = SqliteCatalogue(home / "catalogue.sqlite3")
    states = [run.state for run in catalogue.runs.latest()]
    catalogue.close()
    assert states == [RunStatus.DONE, RunStatus.INTERRUPTED]
