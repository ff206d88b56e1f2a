"""When the crew started, whatever was done before it."""

from __future__ import annotations

import pytest
from tests.fakes.bench_runs import flags_run

from autointel.domain.report import Report
from autointel.domain.run import StepName
from autointel_bench.flags.cases import ALL_ON
from autointel_bench.flags.inside import Watching, crew_start
from autointel_bench.quiet import Quiet


def report() -> Report:
    inside = flags_run(ALL_ON).inside
    assert inside is not None
    return inside.report


def test_work_done_before_the_crew_is_told_apart() -> None:
    made = report()
    started = {step.name: step.started for step in made.steps}
    # The axis begins at 100; the source was found in 0.4 s, and then the crew started.
    starts = {StepName.TRANSCRIBE: 100.4 + started[StepName.TRANSCRIBE], StepName.READ: 100 + started[StepName.READ]}

    began, early = crew_start(made, starts)

    assert began == pytest.approx(100.4)
    assert early == pytest.approx(0.4)


def test_without_such_work_the_axis_begins_with_the_crew() -> None:
    made = report()
    starts = {step.name: 100 + step.started for step in made.steps}

    began, early = crew_start(made, starts)

    assert began == pytest.approx(100)
    assert early == pytest.approx(0, abs=1e-9)
    assert crew_start(made, {StepName.TRANSCRIBE: starts[StepName.TRANSCRIBE]})[1] == 0
    assert crew_start(made, {}) == (0, 0)


def test_early_work_is_no_part_of_the_crews_time() -> None:
    record = flags_run(ALL_ON)
    assert record.inside is not None

    early = record.model_copy(update={"inside": record.inside.model_copy(update={"early_seconds": 0.4})})

    assert early.crew_seconds == pytest.approx(record.crew_seconds - 0.4)


def test_a_step_that_is_announced_twice_began_when_it_was_first() -> None:
    times = iter((1.0, 2.0, 3.0))
    watching = Watching(Quiet(), lambda: next(times))

    watching.step_started(StepName.TRANSCRIBE)
    watching.step_started(StepName.READ)
    watching.step_started(StepName.TRANSCRIBE)

    assert watching.starts == {StepName.TRANSCRIBE: 1.0, StepName.READ: 2.0}
