"""What only a process of its own can show: signals, closed streams, and a whole run as a shell sees it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "src" / "autointel" / "samples" / "free-transit.vtt"
COMMAND = [sys.executable, "-m", "autointel"]
# A test run that was itself started in the background ignores Ctrl-C, and hands that down.
_LISTENING = """
import signal
from autointel.__main__ import main

signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_that_waits_for_its_input(number: signal.Signals, code: int) -> None:
    with subprocess.Popen(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-c", _LISTENING, "run", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stdin is not None
        first = process.stderr.readline()  # the engine is named before anything is read
        process.send_signal(number)
        ended = process.wait(timeout=60)  # its input is still open
        rest = process.stderr.read()
        process.stdin.close()

    assert first == "engine local: no model is configured\n"
    assert ended == code
    assert rest.startswith("Interrupted")
    assert len(rest.splitlines()) == 2


def test_a_stdout_that_nobody_reads_is_told_without_a_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(  # noqa: S603
            [*COMMAND, "config", "show"], stdout=pipe, stderr=subprocess.PIPE, text=True, check=False
        )

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "The output was closed before its end.",
        "Write to a file to get all of it.",
    ]


def test_a_whole_run_writes_a_valid_report_and_quotes_only_what_was_said(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603
        [*COMMAND, "run", str(SAMPLE), "--json", "--out", str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text())
    jsonschema.validate(report, schema, format_checker=jsonschema.FormatChecker())
    assert json.loads((tmp_path / "report.json").read_text()) == report
    front_matter, _, body = (tmp_path / "briefing.md").read_text().removeprefix("---\n").partition("---\n")
    assert "title: The Cost of Free Transit" in front_matter
    assert body.lstrip().startswith("# The Cost of Free Transit")
    assert report["briefing"]["markdown"].startswith("# The Cost of Free Transit")
    segments = json.loads((tmp_path / "transcript.json").read_text())["segments"]
    said = " ".join(" ".join(segment["text"].split()) for segment in segments)
    quotes = [cited["quote"] for kind in report["analysis"].values() for item in kind for cited in item["citations"]]
    assert quotes
    assert [quote for quote in quotes if " ".join(quote.split()) not in said] == []
    assert done.stderr.splitlines()[0] == "engine local: no model is configured"
    assert "critical path" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_a_run_is_resumed_where_the_shell_has_closed_standard_error() -> None:
    subprocess.run([*COMMAND, "run", str(SAMPLE), "-q"], capture_output=True, check=True)  # noqa: S603
    listed = subprocess.run([*COMMAND, "runs", "--json"], capture_output=True, text=True, check=True)  # noqa: S603
    run = json.loads(listed.stdout)[0]["id"]

    for quiet in ((), ("-q",)):
        resumed = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", *COMMAND, "resume", run, *quiet],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )

        assert resumed.returncode == 0, quiet
        assert resumed.stdout.startswith("# The Cost of Free Transit"), quiet


def test_a_process_does_what_is_registered_for_its_end_and_gives_its_exit_code() -> None:
    ending = "import atexit; from autointel.__main__ import main; atexit.register(print, 'the end'); main()"

    done = subprocess.run(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-c", ending, "show", "no-such-run"], capture_output=True, text=True, check=False
    )

    assert done.stdout == "the end\n"
    assert done.returncode == 2
