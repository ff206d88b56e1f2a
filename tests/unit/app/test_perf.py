from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes.kept import keep_runs

from autointel.adapters.catalogue.runs import Measures
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.home import Home
from autointel.adapters.locking import alive as running
from autointel.app.perf import breaches, performance
from autointel.cli.app import carry_out_command
from autointel.domain.performance import Measure, Spread, percentile, sparkline
from autointel.domain.run import Options, Outcome, RunId, StepName, StepReport
from autointel.settings import Settings

NOW = datetime(2026, 3, 3, 13, tzinfo=UTC).timestamp()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with one run that ended, one that was interrupted, and some measures."""
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path))
    home = Home(tmp_path)
    home.prepare()
    keep_runs(home)
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        times = [Measure(kind="call", name="read", seconds=number / 10) for number in range(1, 21)]
        cached = Measure(kind="call", name="read", seconds=0.001, cached=True)
        failed = Measure(kind="query", name="keyword", seconds=0.5, failed=True)
        Measures(catalogue.connection, now=lambda: NOW - 60).note([*times, cached, failed], keep_days=90)
    return home


def settings_of(home: Home, **perf: float) -> Settings:
    return Settings.model_validate({"home": home.folder, "perf": perf})


def spread(home: Home, kind: str, name: str) -> Spread:
    found = performance(settings_of(home), 2, now=lambda: NOW)
    return next(each for each in found.spreads if (each.kind, each.name) == (kind, name))


def test_a_percentile_is_a_time_that_was_measured() -> None:
    assert [percentile([1.0, 2.0, 3.0, 4.0], share) for share in (50, 95, 99)] == [2.0, 4.0, 4.0]


def test_a_chart_has_a_sign_for_each_value() -> None:
    assert sparkline([0, 1, 8]) == " ▁█"
    assert sparkline([]) == ""


def test_calls_are_told_by_step_and_cached_ones_apart(home: Home) -> None:
    read = spread(home, "call", "read")

    assert (read.count, read.cached, read.least, read.most, read.p95) == (20, 1, 0.1, 2.0, 1.9)
    assert read.average == pytest.approx(1.05)


def test_what_only_the_cache_answered_counts_no_time(home: Home) -> None:
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        cached = Measure(kind="query", name="ask", seconds=0.02, cached=True)
        Measures(catalogue.connection, now=lambda: NOW - 60).note([cached, cached], keep_days=90)

    asked = spread(home, "query", "ask")

    assert (asked.count, asked.cached, asked.average) == (0, 2, 0.0)


def test_a_step_that_was_declined_is_no_step_of_no_time(home: Home) -> None:
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        run = catalogue.runs.latest(1)[0].id
        catalogue.runs.step(run, StepReport(name=StepName.FALLACIES, outcome=Outcome.DECLINED, seconds=0.0))

    found = performance(settings_of(home), 2, now=lambda: NOW)

    assert StepName.FALLACIES not in {each.name for each in found.spreads}


def test_a_question_may_take_a_search_and_a_call(home: Home) -> None:
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        slow = Measure(kind="query", name="ask", seconds=5.0)
        Measures(catalogue.connection, now=lambda: NOW - 60).note([slow], keep_days=90)
    found = performance(settings_of(home), 2, now=lambda: NOW)

    assert breaches(found, settings_of(home, call_seconds=4.5, query_seconds=1)) == []
    said = breaches(found, settings_of(home, call_seconds=3.5, query_seconds=1))
    assert said == ["query ask: p95 is 5.00 s; at most 4.5 s is allowed."]


def test_runs_and_steps_come_from_the_catalogue(home: Home) -> None:
    found = performance(settings_of(home), 2, now=lambda: NOW)

    assert found.runs == {"done": 1, "interrupted": 1}
    assert sum(found.hourly) == 2
    assert {"transcribe", "read", "brief"} <= {each.name for each in found.spreads if each.kind == "step"}


def test_a_run_whose_process_is_gone_is_stopped_and_not_running(home: Home) -> None:
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        killed, alive = (
            RunId(id=name, created_at=datetime.fromtimestamp(NOW - 60, UTC)) for name in ("killed", "alive")
        )
        catalogue.runs.begin(killed, Options(source="talk.vtt"))
        catalogue.runs.begin(alive, Options(source="talk.vtt"))

    with running(home.alive("alive")):
        found = performance(settings_of(home), 0.5, now=lambda: NOW)

    assert (found.runs["stopped"], found.runs["running"]) == (1, 1)


def test_what_is_older_is_left_out(home: Home) -> None:
    found = performance(settings_of(home), 0.5, now=lambda: NOW)

    assert found.runs == {"interrupted": 1}


def test_measures_are_kept_for_the_days_that_the_settings_say(home: Home) -> None:
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        Measures(catalogue.connection, now=lambda: NOW + 86_400 * 91).note([], keep_days=90)

        assert catalogue.measures.since(0) == []


def test_a_home_that_was_never_used_is_not_made(tmp_path: Path) -> None:
    found = performance(Settings(home=tmp_path / "none"), 1)

    assert (found.runs, found.spreads) == ({}, ())
    assert not (tmp_path / "none").exists()


def test_within_the_thresholds_nothing_is_said(home: Home) -> None:
    assert breaches(performance(settings_of(home), 2, now=lambda: NOW), settings_of(home)) == []


def test_every_threshold_that_was_passed_is_named(home: Home) -> None:
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        catalogue.outbox.add("memory", "default", {"r": "{}"})
        catalogue.connection.write("UPDATE outbox SET created_at = ?", (NOW - 7200,))
    strict = settings_of(home, call_seconds=1, query_seconds=0.1, waiting_hours=1)

    said = breaches(performance(strict, 2, now=lambda: NOW), strict)

    assert [line.split(":")[0] for line in said] == ["call read", "query keyword", "outbox"]


def test_the_command_shows_reports_checks_and_exports(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    del home
    days = ["--days", "3650"]
    codes, printed = [], []
    for command in (["perf"], ["perf", "report"], ["perf", "check"], ["perf", "export", "--prometheus"]):
        codes.append(carry_out_command([*command, *days]))
        printed.append(capsys.readouterr().out)

    assert codes == [0, 0, 0, 0]
    assert "call read" in printed[0]
    assert "## Model calls" in printed[1]
    assert 'autointel_seconds{kind="call",name="read",quantile="0.95"} 1.9' in printed[3]
    assert carry_out_command(["perf", "export", "--json", *days]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == {"done": 1, "interrupted": 1}
    assert carry_out_command(["perf", "export"]) == 2


def test_a_check_that_finds_something_ends_in_1(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    monkeypatch.setenv("AUTOINTEL_PERF__CALL_SECONDS", "1")

    assert carry_out_command(["perf", "check", "--days", "3650"]) == 1
    assert "call read: p95 is 1.90 s" in capsys.readouterr().out
