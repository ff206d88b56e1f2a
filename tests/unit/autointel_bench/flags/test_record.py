from __future__ import annotations

import math

from tests.fakes.bench_runs import flags_run

from autointel.domain.run import Outcome, StepName
from autointel_bench.flags.cases import ALL_ON
from autointel_bench.flags.record import Inside, RunRecord


def run(**changes: object) -> RunRecord:
    return flags_run(ALL_ON).model_copy(update=changes)


def inside() -> Inside:
    found = flags_run(ALL_ON).inside
    assert found is not None
    return found


def test_a_whole_run_has_no_failure() -> None:
    assert run().failure == ""


def test_a_run_without_a_report_says_what_it_last_said() -> None:
    silent, told = run(inside=None, exit_code=1), run(inside=None, exit_code=3, said="first\nThere is no file.\n")

    assert silent.failure == "exit code 1, no report that can be read: it said nothing"
    assert told.failure == "exit code 3, no report that can be read: There is no file."
    assert math.isnan(told.crew_seconds)


def test_a_run_that_was_killed_says_so() -> None:
    assert run(timed_out=True).failure == "killed: it outlasted its time"


def test_an_exit_code_that_is_not_0_is_a_failure_even_with_a_whole_report() -> None:
    assert run(exit_code=1).failure == "exit code 1 with a whole report"


def test_a_report_that_leaves_a_step_out_is_not_whole() -> None:
    whole = inside()
    short = whole.report.model_copy(update={"steps": whole.report.steps[:-1]})

    assert run(inside=whole.model_copy(update={"report": short})).failure == "no word of brief"


def test_a_step_that_was_switched_off_has_no_span() -> None:
    skipped = flags_run(ALL_ON, outcomes={StepName.GRAPH: Outcome.SKIPPED}).model_copy(update={"exit_code": 0})

    assert skipped.failure == ""
    assert skipped.span(StepName.GRAPH) is None
    assert run(inside=None).span(StepName.READ) is None


def test_a_record_survives_being_written() -> None:
    record = run()

    assert RunRecord.model_validate_json(record.model_dump_json()) == record
