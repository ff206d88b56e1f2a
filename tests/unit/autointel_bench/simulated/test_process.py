from __future__ import annotations

import json
import signal
import subprocess
import sys

import httpx
import pytest

from autointel_bench.simulated import PROFILES, Character, SimulatedModel
from autointel_bench.simulated.__main__ import main, profile_of


def test_options_change_the_profile_that_was_chosen() -> None:
    profile, port = profile_of(["--profile", "typical", "--port", "81", "--character", "liar", "--latency", "0"])

    assert (profile.latency, profile.character, port) == (0, Character.LIAR, 81)


def test_without_options_a_profile_is_as_packaged() -> None:
    assert profile_of([]) == (PROFILES["instant"], 0)
    assert profile_of(["--profile", "rate-limited"]) == (PROFILES["rate-limited"], 0)


def test_a_process_says_where_it_listens_and_stops_when_interrupted() -> None:
    command = [sys.executable, "-m", "autointel_bench.simulated"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())

        models = httpx.get(f"{said['base_url']}/models").json()
        process.send_signal(signal.SIGINT)

        assert process.wait(10) == 0
    assert said["simulated"] is True
    assert models["data"][0]["id"] == "simulated"


def test_it_serves_until_someone_stops_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: SimulatedModel) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SimulatedModel, "wait", interrupted)

    main([])

    assert json.loads(capsys.readouterr().out)["base_url"].startswith("http://127.0.0.1:")
