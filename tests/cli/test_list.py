"""A list as it is typed: real processes, two at a time, on one home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.fakes.site import Page, Site

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
    assert len(list(Path("briefings").glob("*/report.html"))) == 2
    assert [path for path in site.paths if path != "/gone"] == asked  # what was read is not asked for again
    assert [json.loads(line)["transcript"] for line in again.splitlines()] == [
        json.loads(line)["transcript"] for line in out.splitlines()
    ]
