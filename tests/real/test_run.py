"""Whole runs by the command line, with SmolLM2 served by the run: from a talk to a briefing, and every way to end."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autointel.cli.app import carry_out_command

TALK = """WEBVTT

00:00.000 --> 00:05.000
<v Anna Berg>Tallinn made its buses free for residents in 2013.

00:05.000 --> 00:10.000
<v Anna Berg>The number of trips rose by fourteen per cent in the first year.

00:10.000 --> 00:15.000
<v Tom Hale>Free buses are paid for by everybody, also by those who never take one.

00:15.000 --> 00:20.000
<v Tom Hale>A new bus costs a city about five hundred thousand dollars.
"""
# A test run that was itself started in the background ignores Ctrl-C, and hands that down.
LISTENING = """
import signal
from autointel.__main__ import main

signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@contextmanager
def running(folder: Path, model: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The run, in a process of its own; killed if it still runs at the end."""
    talk = folder / "talk.vtt"
    talk.write_text(TALK, encoding="utf-8")
    command = [sys.executable, "-c", LISTENING, "run", str(talk), "--model", str(model), "--no-fact-check", *options]
    environment = {**os.environ, "AUTOINTEL_HOME": str(folder / "home"), "AUTOINTEL_EVIDENCE__SOURCES": "none"}
    with subprocess.Popen(  # noqa: S603  our own interpreter and our own words
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def server_of(process: subprocess.Popen[str]) -> int:
    """The process id of the run's server, once the run is reading with it."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("read started"):
            break
    children = Path(f"/proc/{process.pid}/task").glob("*/children")
    pids = [int(pid) for listed in children for pid in listed.read_text(encoding="ascii").split()]
    return next(pid for pid in pids if b"serve.py" in Path(f"/proc/{pid}/cmdline").read_bytes())


def wait_for_end(pid: int) -> None:
    """Until the process is gone, or waits only to be asked how it ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], 60)[0], "the server still runs"
    finally:
        os.close(handle)


def test_a_talk_becomes_a_briefing_whose_quotes_are_the_talks(smollm: Path, tmp_path: Path) -> None:
    """What a model of this size says is of no use; what is shown of it is carried by the talk's own words."""
    with running(tmp_path, smollm, "--json", "--quiet", "--max-seconds", "120") as process:
        out, err = process.communicate(timeout=280)

    assert process.returncode in {0, 7}, err
    report = json.loads(out)
    assert {step["name"] for step in report["steps"]} >= {"transcribe", "read", "insights", "brief"}
    assert report["usage"]["model_calls"] >= 1
    assert all(quote in " ".join(TALK.split()) for quote in _quotes(report))


def _quotes(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("quote"), str):
            yield value["quote"]
        for inner in value.values():
            yield from _quotes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _quotes(inner)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_and_its_server(number: signal.Signals, code: int, smollm: Path, tmp_path: Path) -> None:
    with running(tmp_path, smollm, "--verbose") as process:
        server = server_of(process)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)

        assert process.returncode == code
        assert "autointel resume" in said
        wait_for_end(server)


def test_a_server_that_is_killed_ends_the_run_with_its_reason(smollm: Path, tmp_path: Path) -> None:
    with running(tmp_path, smollm, "--verbose") as process:
        os.kill(server_of(process), signal.SIGKILL)
        _, said = process.communicate(timeout=120)

    assert process.returncode in {1, 7}
    assert "has ended (SIGKILL)" in said
    assert "Traceback" not in said


def test_a_run_that_is_killed_takes_its_server_with_it(smollm: Path, tmp_path: Path) -> None:
    with running(tmp_path, smollm, "--verbose") as process:
        server = server_of(process)
        process.kill()
        wait_for_end(server)


def test_doctor_asks_the_model_in_the_file_one_small_question(
    smollm: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model of this size may answer wrongly; what doctor says of it is what came back."""
    monkeypatch.setenv("AUTOINTEL_MODEL__FILE", str(smollm))

    carry_out_command(["doctor", "--json"])

    [engine] = [check for check in json.loads(capsys.readouterr().out) if check["part"] == "engine"]
    assert "served here" in engine["detail"]
    assert engine["ok"], engine
    assert "a schema" in engine["verdict"]
