"""The command line as it is typed, in this process, as far as no crew is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from autointel import __version__
from autointel.cli.app import carry_out_command

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def talk() -> Path:
    path = Path("talk.vtt")
    path.write_text("WEBVTT\n\n00:01.000 --> 00:04.000\nNobody at this table thinks fares cover it.\n")
    return path


def refused(capsys: Capture, *arguments: str) -> tuple[int, list[str]]:
    code = carry_out_command(arguments)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return code, err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run"], 2),
        (["run", "talk.vtt", "--nope"], 2),
        (["run", "talk.vtt", "--depth", "bottomless"], 2),
        (["run", "talk.vtt", "--engine", "gpt"], 2),
        (["run", "talk.vtt", "--engine", "llm"], 2),
        (["run", "talk.vtt", "--namespace", "../up"], 2),
        (["search", "fares", "--namespace", "../up"], 2),
        (["ask", "fares?", "--namespace", "../up"], 2),
        (["graph", "fares", "--namespace", "../up"], 2),
        (["forget", "talk", "--namespace", "../up"], 2),
        (["reindex", "--namespace", "../up"], 2),
        (["run", ""], 2),
        (["search", " "], 2),
        (["ask", ""], 2),
        (["graph", ""], 2),
        (["run", "talk.vtt", "--max-usd", "nan"], 2),
        (["run", "talk.vtt", "--max-usd", "inf"], 2),
        (["run", "talk.vtt", "--max-seconds", "inf"], 2),
        (["run", "talk.vtt", "--language", "klingon!"], 2),
        (["run", "talk.vtt", "--out", "talk.vtt"], 2),
        (["nope"], 2),
        (["config"], 2),
        (["run", "-q", "missing.vtt"], 3),
        (["run", "-q", "."], 3),
        (["run", "-q", "empty.vtt"], 4),
        (["run", "-q", "no_cues.vtt"], 4),
        (["run", "-q", "binary.vtt"], 4),
    ],
)
def test_bad_input_is_one_sentence_of_what_happened_and_one_of_what_to_do(
    arguments: list[str], code: int, capsys: Capture
) -> None:
    Path("empty.vtt").write_bytes(b"")
    Path("no_cues.vtt").write_text("WEBVTT\n")
    Path("binary.vtt").write_bytes(bytes(range(256)) * 40)

    assert refused(capsys, *arguments)[0] == code
    carry_out_command(arguments)
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_an_unknown_variable_is_refused_by_every_command(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_HOEM", "/tmp")  # noqa: S108  nothing is written there

    for arguments in (["run", "talk.vtt"], ["doctor"], ["config", "show"]):
        code, said = refused(capsys, *arguments)
        assert (code, said[0]) == (2, "Unknown setting AUTOINTEL_HOEM (did you mean AUTOINTEL_HOME?).")


def test_a_home_that_cannot_be_made_is_told(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_HOME", str(Path("talk.vtt").absolute() / "home"))

    code, said = refused(capsys, "run", "-q", "talk.vtt")

    assert (code, len(said)) == (6, 2)


def test_without_a_command_there_is_help_and_2(capsys: Capture) -> None:
    assert carry_out_command([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: autointel [OPTIONS] COMMAND [ARGS]...")


@pytest.mark.parametrize("family", ["batch", "runs", "perf"])
def test_the_line_of_a_command_is_not_cut(family: str, capsys: Capture) -> None:
    assert carry_out_command([family, "--help"]) == 0

    _, _, commands = capsys.readouterr().out.partition("Commands:")
    assert commands
    assert "..." not in commands


def test_help_is_data(capsys: Capture) -> None:
    assert carry_out_command(["run", "--help"]) == 0
    assert "--parallel / --sequential" in capsys.readouterr().out


def test_the_version_is_told(capsys: Capture) -> None:
    assert carry_out_command(["--version"]) == 0
    assert capsys.readouterr().out == f"autointel {__version__}\n"


def test_settings_are_shown(capsys: Capture) -> None:
    assert carry_out_command(["config", "show"]) == 0
    assert "memory.batch_size" in capsys.readouterr().out


def test_the_doctor_looks(capsys: Capture) -> None:
    assert carry_out_command(["doctor"]) == 0
    assert capsys.readouterr().out.startswith("engine")
