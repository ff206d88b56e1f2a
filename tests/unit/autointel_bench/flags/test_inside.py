"""When the crew started, whatever was done before it."""

from __future__ import annotations

import pytest
from tests.fakes.bench_runs import flags_run

from autointel.cli.progress import Silent
from autointel.domain.report import Report
from autointel.domain.run import StepName
from autointel_bench.flags.cases import ALL_ON
from autointel_bench.flags.inside import Watching, crew_start


def report() -> Report:
    inside = flags_run(ALL_ON).inside
    assert inside is not None
    return inside.report


def test_the_crew_starts_when_the_source_has_been_found() -> None:
    made = report()
    first, *_ = made.steps
    # The axis begins at 100, whenever the source was found: CrewAI was loading between the two.
    starts = {step.name: 100 + step.started for step in made.steps} | {StepName.TRANSCRIBE: 97.0}

    began, early = crew_start(made, starts)

    assert early == pytest.approx(first.started + first.seconds)
    assert began == pytest.approx(100 + early)


def test_a_run_that_read_nothing_started_no_crew() -> None:
    made = report()

    assert crew_start(made, {StepName.TRANSCRIBE: 100.0}) == (0, 0)
    assert crew_start(made, {}) == (0, 0)


def test_early_work_is_no_part_of_the_crews_time() -> None:
    record = flags_run(ALL_ON)
    assert record.inside is not None

    early = record.model_copy(update={"inside": record.inside.model_copy(update={"early_seconds": 0.4})})

    assert early.crew_seconds == pytest.approx(record.crew_seconds - 0.4)


def test_a_step_that_is_announced_twice_began_when_it_was_first() -> None:
    times = iter((1.0, 2.0, 3.0))
    watching = Watching(Silent(), lambda: next(times))

    watching.step_started(StepName.TRANSCRIBE)
    watching.step_started(StepName.READ)
    watching.step_started(StepName.TRANSCRIBE)

    assert watching.starts == {StepName.TRANSCRIBE: 1.0, StepName.READ: 2.0}
