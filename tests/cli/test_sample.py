"""``run --sample``: the sample comes with the package, wherever it is installed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from autointel.cli.app import carry_out_command, parse
from autointel.cli.run import _SAMPLE

_README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_sample_is_part_of_the_package() -> None:
    job = parse(["run", "--sample"])

    assert isinstance(job, partial)
    assert job.args[0].source == str(_SAMPLE)
    assert _SAMPLE.read_text(encoding="utf-8").startswith("WEBVTT")


@pytest.mark.parametrize("more", [("talk.vtt",), ("--from", "list.txt")])
def test_the_sample_is_the_only_input(more: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code = carry_out_command(["run", "--sample", *more])

    assert code == 2
    assert capsys.readouterr().err.startswith("Exactly one input is needed.")


def test_completion_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out_command(["--help"]) == 0

    assert "--install-completion" in capsys.readouterr().out


def test_what_the_readme_shows_of_the_sample_is_what_a_run_prints(capsys: pytest.CaptureFixture[str]) -> None:
    code = carry_out_command(["run", "--sample", "--engine", "local", "--quiet"])

    printed = set(capsys.readouterr().out.splitlines())
    shown = _README.read_text(encoding="utf-8").split("```\n# The Cost of Free Transit\n")[1].split("\n```")[0]
    assert code == 0
    assert [line for line in shown.splitlines() if line not in {"", "…"} and line not in printed] == []
