"""What is broken is reported as broken, and never as faster."""

from __future__ import annotations

import pytest
from tests.fakes.bench_runs import flags_run, schedule

from autointel.domain.run import Outcome, StepName
from autointel_bench.flags.cases import ALL, ALL_OFF, ALL_ON, Combination
from autointel_bench.flags.comparison import Row, first_difference, rows_of
from autointel_bench.flags.ideal import Limits
from autointel_bench.flags.record import RunRecord

ROUNDS = (1, 2, 3)
MEMORY, FACTS, ANALYSIS = ALL[1], ALL[2], ALL[4]


def off_runs() -> list[RunRecord]:
    return [flags_run(ALL_OFF, round_, slower=0.01 * round_) for round_ in ROUNDS]


def row_of(
    combination: Combination, *records: RunRecord, off: list[RunRecord] | None = None, live: bool = False
) -> Row:
    records_of_both = [*(off_runs() if off is None else off), *records]
    (row,) = rows_of(records_of_both, [combination], Limits(), live=live)
    return row


def test_a_faultless_comparison_tells_how_much_less_time_with_its_interval() -> None:
    row = row_of(ALL_ON, *(flags_run(ALL_ON, round_) for round_ in ROUNDS))

    assert row.counted
    assert (row.failures, row.problems, row.equal) == ((), (), True)
    assert row.crew is not None
    assert row.shell is not None
    assert 0.6 < row.crew.saving.value < 0.75
    assert row.crew.saving.interval.low <= row.crew.saving.value <= row.crew.saving.interval.high
    assert row.shell.saving.value < row.crew.saving.value
    assert row.crew.difference.value == pytest.approx(row.crew.seconds.mean.value - off_mean())


def off_mean() -> float:
    return sum(run.crew_seconds for run in off_runs()) / len(ROUNDS)


@pytest.mark.parametrize("combination", ALL, ids=lambda each: each.name)
def test_every_combination_that_does_what_it_says_is_counted(combination: Combination) -> None:
    row = row_of(combination, *(flags_run(combination, round_) for round_ in ROUNDS if combination is not ALL_OFF))

    assert row.problems == ()
    assert row.counted


def test_all_off_is_no_faster_than_itself() -> None:
    row = row_of(ALL_OFF)

    assert row.crew is not None
    assert row.crew.saving.value == 0
    assert not row.crew.saving.interval.excludes_zero


def test_a_flag_that_does_nothing_is_no_saving_however_fast_the_run() -> None:
    off = schedule(ALL_OFF)
    hasty = {name: (started / 2, seconds / 2) for name, (started, seconds) in off.items()}

    row = row_of(ANALYSIS, *(flags_run(ANALYSIS, round_, spans=hasty) for round_ in ROUNDS))

    assert not row.counted
    assert row.crew is None
    assert "a flag did nothing: insights and fallacies never overlapped" in row.problems


def test_claims_judged_one_by_one_although_the_flag_is_on_are_told() -> None:
    row = row_of(FACTS, *(flags_run(FACTS, round_, claims_at_once=False) for round_ in ROUNDS))

    assert row.problems == ("a flag did nothing: 5 claims were judged one by one",)
    assert not row.counted


def test_claims_judged_at_once_although_the_flag_is_off_are_told() -> None:
    row = row_of(MEMORY, *(flags_run(MEMORY, round_, claims_at_once=True) for round_ in ROUNDS))

    assert row.problems == ("5 claims were judged at once, which it does not allow",)
    assert not row.counted


def test_an_overlap_that_is_not_allowed_disqualifies() -> None:
    row = row_of(MEMORY, *(flags_run(MEMORY, round_, spans=schedule(ALL_ON)) for round_ in ROUNDS))

    assert not row.counted
    assert "insights and fallacies overlapped, which it does not allow" in row.problems


def test_a_step_that_fails_fast_is_a_failure_and_never_fast() -> None:
    spans = {**schedule(ALL_ON), StepName.FACT_CHECK: (1.1, 0.01)}
    failing = [
        flags_run(ALL_ON, round_, spans=spans, outcomes={StepName.FACT_CHECK: Outcome.FAILED}) for round_ in ROUNDS
    ]

    row = row_of(ALL_ON, *failing)

    assert not row.counted
    assert row.crew is None
    assert row.ideal_over_wall is None
    assert row.failures == ("fact_check failed: fact_check was doctored",) * 3


def test_one_failure_among_good_runs_is_counted_as_one_and_not_timed() -> None:
    good = [flags_run(ALL_ON, round_) for round_ in (1, 2)]
    fast = flags_run(ALL_ON, 3, slower=-4.0, outcomes={StepName.MEMORY: Outcome.DEGRADED})

    row = row_of(ALL_ON, *good, fast)

    assert row.crew is not None
    assert row.crew.seconds.n == 2
    assert row.crew.seconds.least == good[0].crew_seconds
    assert (row.runs, len(row.failures)) == (3, 1)


def test_results_that_differ_are_no_faster_way_to_the_same() -> None:
    row = row_of(ALL_ON, *(flags_run(ALL_ON, round_, title="Another talk") for round_ in ROUNDS))

    assert row.equal is False
    assert not row.counted
    where = 'report.source.title: "The Cost of Free Transit" against "Another talk"'
    assert row.problems == (f"its results differ from those of all off at {where}",)


def test_a_live_comparison_claims_no_equality_and_knows_no_ideal() -> None:
    row = row_of(ALL_ON, *(flags_run(ALL_ON, round_, title=f"Talk {round_}") for round_ in ROUNDS), live=True)

    assert row.counted
    assert row.equal is None
    assert row.ideal_seconds is None


def test_without_a_good_run_of_all_off_there_is_nothing_to_compare_with() -> None:
    broken = [flags_run(ALL_OFF, round_, outcomes={StepName.GRAPH: Outcome.FAILED}) for round_ in ROUNDS]

    row = row_of(ALL_ON, *(flags_run(ALL_ON, round_) for round_ in ROUNDS), off=broken)

    assert not row.counted
    assert row.problems == ("no round in which both it and all off succeeded",)


def test_a_problem_of_some_runs_says_of_how_many() -> None:
    row = row_of(ALL_ON, flags_run(ALL_ON, 1), flags_run(ALL_ON, 2), flags_run(ALL_ON, 3, claims_at_once=False))

    assert row.problems == ("a flag did nothing: 5 claims were judged one by one (in 1 of 3 runs)",)
    assert not row.counted


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"a": [1, 2]}, {"a": [1, 2]}, ""),
        ({"a": [1, 2]}, {"a": [1, 3]}, "report.a[1]: 2 against 3"),
        ({"a": [1]}, {"a": [1, 2]}, "report.a: [1] against [1, 2]"),
        ({"a": 1}, {"a": 1, "b": 2}, "report.b: null against 2"),
        ({"a": 1, "b": 2}, {"a": 1}, "report.b: 2 against null"),
        ("x" * 200, "y", f'report: "{"x" * 78}… against "y"'),
    ],
)
def test_the_first_place_where_two_results_part_is_named(one: object, other: object, found: str) -> None:
    assert first_difference(one, other) == found
