"""One Ctrl-C or SIGTERM ends a run that waits for its model, whichever step asks and whoever makes the call."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from autointel_bench.simulated import Fault, FaultKind, Profile, SimulatedModel
from autointel_bench.simulated.calls import Call

# The other tests that load crewai are enough work for one worker.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("crew signals")]

SAMPLE = Path(__file__).resolve().parents[2] / "src" / "autointel" / "samples" / "free-transit.vtt"
# A test run that was itself started in the background ignores Ctrl-C, and hands that down.
LISTENING = """
import signal
from autointel.__main__ import main

signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@pytest.mark.parametrize(
    ("step", "number", "code"),
    [
        ("read", signal.SIGTERM, 143),
        ("insights", signal.SIGINT, 130),
        ("insights", signal.SIGTERM, 143),
        ("brief", signal.SIGINT, 130),
    ],
)
def test_a_signal_ends_a_run_whose_model_never_answers(
    step: str, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    asked = Event()

    def asks(call: Call) -> bool:
        if call.step == step:
            asked.set()
        return True

    hangs = Fault(FaultKind.HANG, step=step, count=None, when=asks)
    with SimulatedModel(Profile(faults=(hangs,))) as server:
        settings = {
            "AUTOINTEL_HOME": str(tmp_path),
            "AUTOINTEL_MODEL__BASE_URL": server.base_url,
            "AUTOINTEL_MODEL__NAME": "simulated",
            "AUTOINTEL_EVIDENCE__SOURCES": "none",
        }
        with subprocess.Popen(  # noqa: S603  our own interpreter and our own words
            [sys.executable, "-c", LISTENING, "run", str(SAMPLE), "--engine", "llm", "-q"],
            env={**os.environ, **settings},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert asked.wait(60)
            process.send_signal(number)
            _, said = process.communicate(timeout=20)

    assert process.returncode == code
    assert "autointel resume" in said
