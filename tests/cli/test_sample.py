"""``run --sample``: the sample comes with the package, wherever it is installed."""

from __future__ import annotations

from functools import partial

import pytest

from autointel.cli.app import carry_out_command, parse
from autointel.cli.run import _SAMPLE


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
