"""An installation that is no checkout: the wheel, its extras, and what may be left out of it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from tests.fakes.site import Page, Site

from autointel.extensions import COMMANDS, EVIDENCE, SOURCES, extensions, how_to_install, how_to_upgrade

ROOT = Path(__file__).parents[2]
TALK = b"WEBVTT\n\n00:01.000 --> 00:05.000\n<v Ada>The fare pays for a tenth of what the buses cost the city.\n"


def test_what_the_lock_leaves_out_can_be_left_out_of_a_tool_as_well() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]

    assert (ROOT / "locks" / "never-used.txt").read_text(encoding="utf-8").split() == declared["exclude-dependencies"]


@pytest.mark.parametrize("group", [COMMANDS, EVIDENCE, SOURCES])
def test_entry_points_stand_in_the_order_of_the_alphabet_however_they_were_installed(group: str) -> None:
    assert list(extensions(group)) == sorted(extensions(group))


@pytest.mark.slow
def test_the_wheel_briefs_a_web_address_and_its_sample_outside_a_checkout(tmp_path: Path) -> None:
    build = "import hatchling.build as b, sys; print(b.build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    [wheel] = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(installed)
    environment = {"PYTHONPATH": str(installed), "AUTOINTEL_HOME": str(tmp_path / "home")}

    def autointel(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  our own interpreter and our own words
            [sys.executable, "-m", "autointel", *arguments, "--engine", "local", "--quiet"],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, **environment},
        )

    with Site({"/talk.vtt": Page(TALK, "text/vtt")}) as site:
        environment["AUTOINTEL_FETCH__ALLOW_HOSTS"] = site.host
        briefed = autointel("run", site.url("/talk.vtt"))
    sample = autointel("run", "--sample")

    assert briefed.returncode == 0, briefed.stderr
    assert "The fare pays for a tenth" in briefed.stdout
    assert sample.stdout.startswith("# The Cost of Free Transit"), sample.stderr


def test_an_extra_is_added_by_what_installed_autointel(tmp_path: Path) -> None:
    assert how_to_install("asr", ROOT / ".venv") == "make setup EXTRAS=asr"
    assert how_to_upgrade("yt-dlp", ROOT / ".venv").endswith(" --upgrade yt-dlp")

    (tmp_path / "uv-receipt.toml").touch()
    assert how_to_install("asr", tmp_path) == f"uv pip install --python {tmp_path} 'autointel[asr]'"
    assert how_to_upgrade("yt-dlp", tmp_path) == f"uv pip install --python {tmp_path} --upgrade yt-dlp"

    (tmp_path / "pipx_metadata.json").touch()
    assert how_to_install("asr", tmp_path) == "pipx runpip autointel install 'autointel[asr]'"
