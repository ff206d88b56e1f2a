"""A list as it is typed: real processes, two at a time, on one home."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fakes.site import Page, Site, silence

from autointel.cli.app import carry_out_command

pytestmark = [pytest.mark.xdist_group("crew"), pytest.mark.slow]

VTT = b"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ada>The bridge is closed.\n\n00:04.000 --> 00:06.000\n<v Bo>Since when?\n"


def test_a_list_is_briefed_two_at_a_time_and_again_without_a_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {"/a.vtt": Page(VTT, "text/vtt"), "/b.vtt": Page(VTT.replace(b"bridge", b"road"), "text/vtt")}
    with Site(pages) as site:
        monkeypatch.setenv("AUTOINTEL_FETCH__ALLOW_HOSTS", site.host)
        monkeypatch.setenv("AUTOINTEL_HOME", str(Path("home").absolute()))
        Path("list.txt").write_text(f"# two and one\n{site.url('/a.vtt')}\n{site.url('/gone')}\n{site.url('/b.vtt')}\n")
        command = ["run", "--from", "list.txt", "--jobs", "2", "--engine", "local", "--json", "--out", "briefings"]

        first = carry_out_command(command)
        out, err = capsys.readouterr()
        asked = [path for path in site.paths if path != "/gone"]
        second = carry_out_command(command)

    again = capsys.readouterr().out
    assert (first, second) == (7, 7)
    assert [json.loads(line)["source"]["title"] for line in out.splitlines()] == ["A", "B"]
    assert "has no such page (status 404)." in err
    assert [line.split()[1] for line in err.splitlines()[-3:]] == ["done", "failed", "done"]
    assert sorted(path.name.rpartition("-")[0] for path in Path("briefings").iterdir() if path.is_dir()) == ["a", "b"]
    assert len(list(Path("briefings").glob("*/report.html"))) == 2
    index = Path("briefings/index.html").read_text()
    assert all(f'href="{path.parent.name}/report.html"' in index for path in Path("briefings").glob("*/report.html"))
    assert [path for path in site.paths if path != "/gone"] == asked  # what was read is not asked for again
    assert [json.loads(line)["transcript"] for line in again.splitlines()] == [
        json.loads(line)["transcript"] for line in out.splitlines()
    ]


# A test run that was itself started in the background ignores Ctrl-C, and hands that down.
_LISTENING = """
import signal
from autointel.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


def test_a_list_that_is_interrupted_goes_on_where_it_stopped() -> None:
    with Site({"/a.vtt": Page(VTT, "text/vtt"), "/b.vtt": silence}) as site:
        Path("list.txt").write_text(f"{site.url('/a.vtt')}\n{site.url('/b.vtt')}\n")
        command = [sys.executable, "-c", _LISTENING, "run", "--from", "list.txt", "--engine", "local", "--verbose"]
        own = {"AUTOINTEL_FETCH__ALLOW_HOSTS": site.host, "AUTOINTEL_HOME": str(Path("home").absolute())}
        surroundings = {**os.environ, **own, "AUTOINTEL_FETCH__DEADLINE_SECONDS": "120"}
        with subprocess.Popen(  # noqa: S603  our own interpreter and our own words
            command, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            while not process.stderr.readline().startswith("2/2  engine local"):
                pass
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=120)
        first = process.returncode
        site.pages["/b.vtt"] = Page(VTT.replace(b"bridge", b"road"), "text/vtt")
        again = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)  # noqa: S603

    lines = err.splitlines()
    assert first == 130
    assert "# A" in out
    assert [line.split()[1] for line in lines if line.startswith("http")] == ["done", "interrupted"]
    assert lines[-1] == "The same command continues: finished sources are only rendered again."
    assert again.returncode == 0
    assert again.stdout.count("# ") > out.count("# ")
    assert site.paths.count("/a.vtt") == 1
