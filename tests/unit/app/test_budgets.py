"""A budget that ends a run early leaves a briefing that says so; a later run asks only for what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.fakes.model_run import Ended, answered, question, run_over

from autointel_bench.simulated import Fault, FaultKind, Profile, SimulatedModel

pytestmark = pytest.mark.xdist_group("crew")


def twice(server: SimulatedModel, folder: Path, **budget: Any) -> tuple[Ended, Ended, bool]:
    """A run with a budget, one without, and whether the second asked anything that the first had answered."""
    first = run_over(server, folder, **budget)
    asked = list(server.calls.all)
    server.become(Profile())
    second = run_over(server, folder)
    return first, second, bool(answered(asked) & {question(call) for call in server.calls.all[len(asked) :]})


@pytest.mark.uncounted
@pytest.mark.parametrize("dollars", [1.5, 2.0, 2.5])
def test_dollars_are_never_overdrawn_and_what_was_paid_for_is_kept(dollars: float, tmp_path: Path) -> None:
    with SimulatedModel(Profile()) as server:
        first, second, again = twice(server, tmp_path, max_usd=dollars)

    assert first.report
    assert first.code == 7
    assert 0 < (first.report.usage.usd or 0) <= dollars
    unfinished = [step for step in first.report.steps if not step.outcome.is_whole]
    assert all("allowed for this run" in step.reason for step in unfinished)
    assert "allowed for this run" in first.report.briefing.markdown
    assert second.code == 0
    assert not again


def test_where_the_first_call_could_cost_too_much_none_is_made_and_the_page_says_so(tmp_path: Path) -> None:
    with SimulatedModel(Profile()) as server:
        first, second, _ = twice(server, tmp_path, max_usd=0.01)
        asked_by_the_first = [call for call in server.calls.all if call.fault]

    assert first.report
    assert first.code == 7
    assert "allowed for this run" in first.report.briefing.markdown
    assert asked_by_the_first == []
    assert second.code == 0


@pytest.mark.uncounted
@pytest.mark.parametrize(("step", "code"), [("read", 7), ("fallacies", 7), ("fact_check", 7), ("brief", 7)])
def test_seconds_that_would_be_spent_waiting_end_the_step(step: str, code: int, tmp_path: Path) -> None:
    fault = Fault(FaultKind.RATE_LIMITED, step=step, count=None, retry_after="50")
    with SimulatedModel(Profile(faults=(fault,))) as server:
        first, second, again = twice(server, tmp_path, max_seconds=40)

    assert first.code == code
    assert first.report
    assert "40 seconds allowed for this run" in first.report.briefing.markdown
    assert first.waits == ()
    assert second.code == 0
    assert not again


def test_a_key_revoked_while_reading_leaves_what_was_read(tmp_path: Path) -> None:
    fault = Fault(FaultKind.REVOKED_KEY, step="read", first=2, count=None)
    with SimulatedModel(Profile(faults=(fault,))) as server:
        first, second, again = twice(server, tmp_path)

    assert first.code == 7
    assert first.outcomes["read"] == "degraded"
    assert first.report
    assert "not read" in first.report.briefing.markdown
    assert second.code == 0
    assert not again


def test_a_briefing_that_breaks_off_keeps_what_was_shown(tmp_path: Path) -> None:
    cut = Fault(FaultKind.CUT, step="brief", count=1)
    gone = Fault(FaultKind.SERVER_ERROR, step="brief", first=2, count=None)
    with SimulatedModel(Profile(faults=(cut, gone), items=6)) as server:
        ended = run_over(server, tmp_path)

    assert ended.report
    assert ended.code == 7
    assert ended.heard.judgments
    assert list(ended.report.briefing.judgments) == ended.heard.judgments
    assert ended.outcomes["brief"] == "degraded"
    assert f"only {len(ended.heard.judgments)} key judgments" in ended.report.briefing.markdown
