"""Three runs and searches at once on one home that is not there yet: all succeed, and what all found is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.crash.killing import SAMPLE, Machine

pytestmark = pytest.mark.timeout(240)
_PARTS = 3


def test_three_runs_and_searches_at_once_all_succeed(tmp_path: Path) -> None:
    title, *cues = SAMPLE.read_text().split("\n\n")
    talks = [tmp_path / f"part-{number}.vtt" for number in range(_PARTS)]
    for number, talk in enumerate(talks):
        talk.write_text("\n\n".join([title, *cues[1 + 60 * number : 61 + 60 * number]]) + "\n")
    apart, together = Machine(tmp_path / "apart"), Machine(tmp_path / "together")

    runs = [
        subprocess.Popen(  # noqa: S603  our own interpreter and our own words
            [sys.executable, "-m", "autointel", "run", "-q", str(talk)],
            env={**os.environ, "AUTOINTEL_HOME": str(together.home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for talk in talks
    ]
    searches = 0
    while any(run.poll() is None for run in runs):
        together.finish("search", "fare")
        searches += 1
    said = [run.communicate()[1] for run in runs]
    for talk in talks:
        apart.finish("run", "-q", str(talk))

    assert [run.returncode for run in runs] == [0, 0, 0], said
    assert searches
    for kind in ("sources", "segments", "passages", "records", "knowledge", "vectors"):
        assert together.kept()[kind] == apart.kept()[kind]
    assert together.kept()["graph"][1] == apart.kept()["graph"][1]
    assert together.kept()["sound"] == [("ok",)]
