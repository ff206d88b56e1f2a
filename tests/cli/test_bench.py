"""``autointel bench``: what it prints, keeps and writes, and the exit code that says whether to believe it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes.bench_runs import flags_run

from autointel.cli.app import carry_out_command
from autointel.domain.run import Outcome, StepName
from autointel.errors import UsageError
from autointel_bench.commands.bench_flags import FlagsRequest, bench_flags
from autointel_bench.flags.cases import Combination
from autointel_bench.flags.record import KeptRuns, RunRecord, Setup
from autointel_bench.flags.runner import Make

VTT = """WEBVTT

00:00:01.000 --> 00:00:05.000
<v Mara Lind>Nobody at this table thinks fares cover it, and the gap is eleven million.

00:00:05.000 --> 00:00:09.000
<v Jon Okafor>Tallinn's ridership doubled within a year, as far as anybody has told us.
"""


@pytest.fixture
def request_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlagsRequest:
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    source = tmp_path / "talk.vtt"
    source.write_text(VTT)
    return FlagsRequest(
        source=str(source),
        combos="1,8",
        runs=2,
        depth="standard",
        profile="typical",
        live=False,
        yes=False,
        out=None,
        save=None,
        compare=None,
        again=False,
        json=False,
        command="autointel bench flags",
    )


class Doctored:
    """Makes runs that are all alike, whole unless a step is to fail."""

    def __init__(self, *, failing: StepName | None = None, slower: float = 0.0) -> None:
        self.failing = failing
        self.slower = slower
        self.live: bool | None = None

    @contextmanager
    def __call__(self, setup: Setup, kept: KeptRuns) -> Iterator[Make]:
        del kept
        self.live = setup.live
        yield self.make

    def make(self, combination: Combination, round_: int) -> RunRecord:
        outcomes = {self.failing: Outcome.FAILED} if self.failing else None
        return flags_run(combination, round_, outcomes=outcomes, slower=self.slower + round_ / 100)


def test_a_comparison_is_printed_as_markdown_and_told_run_by_run(
    request_: FlagsRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench_flags(request_, Doctored()) == 0

    printed = capsys.readouterr()
    assert "all flags on against all off: **6" in printed.out
    assert printed.err.count("shell to exit") == 4


def test_with_json_there_is_one_object(request_: FlagsRequest, capsys: pytest.CaptureFixture[str]) -> None:
    bench_flags(replace(request_, json=True), Doctored())

    result = json.loads(capsys.readouterr().out)
    assert result["kind"] == "flags"
    assert result["simulated"] is True
    assert [row["combination"]["number"] for row in result["rows"]] == [1, 8]


def test_a_long_talk_is_compared_after_the_source(request_: FlagsRequest, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_flags(replace(request_, long_talk=True), Doctored()) == 0
    printed = capsys.readouterr().out
    assert bench_flags(replace(request_, long_talk=True, json=True), Doctored()) == 0
    sample, long = json.loads(capsys.readouterr().out)

    assert "## Flags: talk-25000.vtt, brisk, standard (simulated)" in printed
    assert "from the shell to exit ideal + " in printed
    assert (sample["setup"]["source"], long["setup"]["profile"]) == ("talk.vtt", "brisk")


def test_a_comparison_with_failures_ends_in_1(request_: FlagsRequest, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_flags(request_, Doctored(failing=StepName.GRAPH)) == 1

    assert "less (" not in capsys.readouterr().out


def test_files_are_written_where_out_says(request_: FlagsRequest, tmp_path: Path) -> None:
    bench_flags(replace(request_, out=tmp_path / "out"), Doctored())

    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".json", ".md", ".svg"]


def test_before_and_after_are_compared_by_name(request_: FlagsRequest, capsys: pytest.CaptureFixture[str]) -> None:
    bench_flags(replace(request_, save="before"), Doctored())
    capsys.readouterr()

    bench_flags(replace(request_, compare="before"), Doctored())
    alike = capsys.readouterr().out
    bench_flags(replace(request_, compare="before"), Doctored(slower=3.0))
    slower = capsys.readouterr().out

    assert "no difference shown" in alike.partition("## Before and after")[2]
    assert "| 8 all on | crew |" in slower
    assert "+3.00 s" in slower.partition("## Before and after")[2]


def test_a_name_that_was_never_saved_is_told_before_anything_is_run(request_: FlagsRequest) -> None:
    doctored = Doctored()

    with pytest.raises(UsageError, match="No result is saved as before"):
        bench_flags(replace(request_, compare="before"), doctored)

    assert doctored.live is None


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_MODEL__BASE_URL", "https://model.example/v1")
    monkeypatch.setenv("AUTOINTEL_MODEL__NAME", "some-model")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("answer", "runs"), [("y\n", True), ("YES\n", True), ("\n", False), ("n\n", False), ("", False)]
)
def test_a_live_comparison_asks_first_and_says_what_it_may_cost(
    request_: FlagsRequest,
    answer: str,
    runs: bool,  # noqa: FBT001  a case of the table
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    doctored = Doctored()

    if runs:
        bench_flags(replace(request_, live=True), doctored)
    else:
        with pytest.raises(UsageError, match="nothing was run"):
            bench_flags(replace(request_, live=True), doctored)

    asked = capsys.readouterr().err
    assert "4 runs, up to" in asked
    assert "cost unknown" in asked
    assert doctored.live is (True if runs else None)


@pytest.mark.usefixtures("configured")
def test_where_there_is_nobody_to_ask_a_live_comparison_wants_to_be_told(
    request_: FlagsRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    doctored = Doctored()

    with pytest.raises(UsageError, match="nobody to ask"):
        bench_flags(replace(request_, live=True), doctored)
    assert bench_flags(replace(request_, live=True, yes=True), doctored) == 0

    assert doctored.live is True


@pytest.mark.parametrize(
    "words",
    [
        ["flags", "--combos", "9"],
        ["flags", "--profile", "quick"],
        ["flags", "--runs", "0"],
        ["load", "-n", "0"],
        ["load", "--source", "none.vtt"],
        ["startup", "--source", "none.vtt"],
        ["peer", "--source", "none.vtt"],
        ["overhead", "--source", "none.vtt"],
        ["page", "none"],
        ["nothing"],
    ],
)
def test_what_cannot_be_measured_is_refused_in_two_sentences(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out_command(["bench", *words]) in {2, 3}

    assert len(capsys.readouterr().err.splitlines()) == 2


def test_help_lists_the_commands_that_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out_command(["bench", "--help"]) == 0

    listed = capsys.readouterr().out
    assert all(name in listed for name in ("flags", "peer", "overhead", "startup", "load", "page"))
    assert "One run that a benchmark watches" not in listed


def test_a_page_is_put_together_from_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "overhead.md").write_text("## What the crew costs\n")

    assert carry_out_command(["bench", "page", str(tmp_path / "results")]) == 0

    assert "## What the crew costs" in (tmp_path / "results.md").read_text()
    assert "wrote" in capsys.readouterr().err
