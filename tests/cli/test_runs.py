"""``autointel runs`` and ``autointel runs show`` as they are typed."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes.kept import ENDED, INTERRUPTED, keep_runs, keep_talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.home import FAILURE, Home
from autointel.adapters.locking import alive
from autointel.cli.app import carry_out_command
from autointel.domain.catalogue import RunStatus
from autointel.domain.run import Options, Outcome, RunId, StepName, StepReport

BEGUN = "20260304T120000-bbbbbb"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def typed(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = carry_out_command(arguments)
    return code, *capsys.readouterr()


def test_runs_are_listed_newest_first_a_line_each(home: Path, capsys: Capture) -> None:
    keep_runs(keep_talk(home))

    code, out, err = typed(capsys, "runs")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "run                     began             state           took  title",
        f"{INTERRUPTED}  2026-03-03 12:00  interrupted           talk.vtt",
        f"{ENDED}  2026-03-02 12:00  done           1.4 s  The Cost of…",
    ]


def test_a_run_that_is_not_whole_says_why(home: Path, capsys: Capture) -> None:
    kept = keep_talk(home)
    keep_runs(kept)
    with closing(SqliteCatalogue(kept.catalogue)) as catalogue:
        failed = StepReport(name=StepName.GRAPH, outcome=Outcome.DEGRADED, reason="neo4j refused the connection")
        catalogue.runs.step(INTERRUPTED, failed)

    lines = typed(capsys, "runs")[1].splitlines()

    assert lines[2] == "   graph degraded: neo4j refused the connection"


def test_the_limit_holds_and_json_has_options_steps_and_timing(home: Path, capsys: Capture) -> None:
    keep_runs(keep_talk(home))

    (run,) = json.loads(typed(capsys, "runs", "--limit", "1", "--json")[1])
    shown = json.loads(typed(capsys, "runs", "show", ENDED, "--json")[1])

    assert (run["id"], run["state"], run["options"]["source"]) == (INTERRUPTED, "interrupted", "talk.vtt")
    assert [step["name"] for step in run["steps"]] == ["transcribe"]
    assert shown["timing"]["wall_seconds"] == 1.42
    assert shown["report"]["run_id"] == ENDED


def test_a_run_that_ended_is_shown_with_its_chart(home: Path, capsys: Capture) -> None:
    keep_runs(keep_talk(home))

    code, out, _ = typed(capsys, "runs", "show", ENDED[:10])

    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "The Cost of Free Transit"
    assert lines[1] == f"{ENDED} · done · local · standard · namespace default"
    assert lines[2] == "2026-03-02 12:00 UTC · talk.vtt"
    assert any(line.startswith("transcribe") and "▇" in line for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_a_run_that_was_interrupted_is_shown_as_far_as_it_came(home: Path, capsys: Capture) -> None:
    keep_runs(keep_talk(home))

    _, out, _ = typed(capsys, "runs", "show", INTERRUPTED)

    assert out.splitlines()[3:] == [
        "",
        "transcribe done 12 ms",
        f"The run did not finish. autointel resume {INTERRUPTED} continues it.",
    ]


def test_a_password_in_why_a_run_failed_is_not_shown(home: Path, capsys: Capture) -> None:
    kept = keep_talk(home)
    keep_runs(kept)
    with closing(SqliteCatalogue(kept.catalogue)) as catalogue:
        catalogue.runs.end(INTERRUPTED, RunStatus.FAILED)
    kept.write_artifact(INTERRUPTED, FAILURE, b"http://me:s3cr3t@10.0.0.5/v1 says no.")

    for command in (("runs",), ("runs", "--json"), ("runs", "show", INTERRUPTED)):
        out = typed(capsys, *command)[1]
        assert "http://********@10.0.0.5/v1 says no." in out, command
        assert "s3cr3t" not in out, command


def test_a_run_that_never_found_its_words_is_not_said_to_go_on(home: Path, capsys: Capture) -> None:
    assert typed(capsys, "run", str(home / "no-such.vtt"))[0] != 0
    (run,) = json.loads(typed(capsys, "runs", "--json")[1])

    _, out, _ = typed(capsys, "runs", "show", run["id"])

    assert run["state"] == "failed"
    assert "no-such.vtt" in run["failure"]
    assert "There is no file" in out
    assert typed(capsys, "runs")[1].splitlines()[2].startswith("   ")
    assert "Run the source again" in out
    assert "resume" not in out


def test_a_report_of_another_version_is_not_shown_but_the_run_is(home: Path, capsys: Capture) -> None:
    kept = keep_talk(home)
    keep_runs(kept)
    kept.write_artifact(ENDED, "report.json", b'{"schema_version": 99}')

    code, out, _ = typed(capsys, "runs", "show", ENDED)

    assert code == 0
    assert "transcribe done 12 ms" in out
    assert "resume" not in out


@pytest.mark.parametrize("wanted", ["2026", "nothing", "../.."])
def test_a_run_that_is_not_there_or_not_one_is_2(wanted: str, home: Path, capsys: Capture) -> None:
    keep_runs(keep_talk(home))

    code, out, err = typed(capsys, "runs", "show", wanted)

    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"There is no run {wanted}, or more than one begins so.",
        "autointel runs lists them.",
    ]


@pytest.mark.parametrize(("more", "out"), [((), ""), (("--json",), "[]\n")])
def test_no_runs_yet_is_said_kindly(more: tuple[str, ...], out: str, home: Path, capsys: Capture) -> None:
    said = typed(capsys, "runs", *more)

    assert said == (0, out, "There are no runs yet.\nStart with autointel run SOURCE.\n")
    assert not home.exists()


def test_a_run_is_sought_in_a_home_that_is_not_there(capsys: Capture) -> None:
    assert typed(capsys, "runs", "show", ENDED)[0] == 2


def begun(home: Path) -> Home:
    """A home where a run began, and no more was noted of it."""
    kept = Home(home)
    kept.prepare()
    with closing(SqliteCatalogue(kept.catalogue)) as catalogue:
        catalogue.runs.begin(RunId(id=BEGUN, created_at=datetime(2026, 3, 4, tzinfo=UTC)), Options(source="talk.vtt"))
    return kept


def test_a_run_whose_process_was_killed_is_not_shown_as_running_for_ever(home: Path, capsys: Capture) -> None:
    begun(home)

    assert typed(capsys, "runs")[1].splitlines()[1] == f"{BEGUN}  2026-03-04 00:00  stopped?              talk.vtt"
    assert json.loads(typed(capsys, "runs", "--json")[1])[0]["stopped"] is True
    assert f"resume {BEGUN}" in typed(capsys, "runs", "show", BEGUN)[1]


def test_a_run_whose_process_lives_is_running(home: Path, capsys: Capture) -> None:
    with alive(begun(home).alive(BEGUN)):
        assert typed(capsys, "runs")[1].splitlines()[1] == f"{BEGUN}  2026-03-04 00:00  running               talk.vtt"
        assert json.loads(typed(capsys, "runs", "--json")[1])[0]["stopped"] is False
        assert typed(capsys, "runs", "show", BEGUN)[1].endswith("This run is still running.\n")


def test_the_engine_that_a_run_is_continued_with_must_be_there(home: Path, capsys: Capture) -> None:
    keep_runs(keep_talk(home))

    code, _, err = typed(capsys, "resume", INTERRUPTED, "--engine", "llm")

    assert code == 2
    assert "none is configured" in err
