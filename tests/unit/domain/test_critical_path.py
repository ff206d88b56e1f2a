from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.domain.performance import Interval, covered, critical_path, timing_of
from autointel.domain.run import StepName
from autointel.pipeline.stages import NEEDS

DIAMOND = {"start": (), "left": ("start",), "right": ("start",), "end": ("left", "right")}


def test_the_slower_branch_is_on_the_path() -> None:
    assert critical_path({"start": 1, "left": 2, "right": 3, "end": 1}, DIAMOND) == (("start", "right", "end"), 5)


def test_a_step_that_was_not_measured_or_took_no_time_is_not_named() -> None:
    assert critical_path({"start": 1, "left": 0, "end": 1}, DIAMOND) == (("start", "end"), 2)


def test_the_longest_chain_need_not_reach_the_last_step() -> None:
    assert critical_path({"start": 1, "left": 2}, DIAMOND) == (("start", "left"), 3)


def test_no_steps_have_no_path() -> None:
    assert critical_path({}, {}) == ((), 0.0)
    assert critical_path({}, DIAMOND) == ((), 0.0)


def test_of_equal_chains_the_first_is_named() -> None:
    assert critical_path({"start": 1, "left": 2, "right": 2, "end": 1}, DIAMOND)[0] == ("start", "left", "end")


def test_overlapping_steps_are_covered_once_and_gaps_not_at_all() -> None:
    assert covered([Interval(5, 1), Interval(0, 2), Interval(1, 2), Interval(1.5, 0.5)]) == 4


def test_side_by_side_steps_make_an_efficient_run() -> None:
    start, left, right, end = StepName.READ, StepName.INSIGHTS, StepName.GRAPH, StepName.BRIEF
    steps = {start: Interval(0, 1), left: Interval(1, 2), right: Interval(1, 3), end: Interval(4, 1)}
    needs = {start: (), left: (start,), right: (start,), end: (left, right)}

    timing = timing_of(steps, needs, wall_seconds=6.5, startup_seconds=1)

    assert timing.critical_path == (start, right, end)
    assert timing.steps_seconds == 7
    assert timing.critical_path_seconds == 5
    assert timing.efficiency == pytest.approx(5 / 5.5)
    assert timing.framework_seconds == pytest.approx(0.5)


def test_a_run_that_never_reached_its_crew_has_no_efficiency() -> None:
    timing = timing_of({}, NEEDS, wall_seconds=1, startup_seconds=1)

    assert (timing.efficiency, timing.framework_seconds, timing.critical_path) == (0.0, 0.0, ())


def test_the_houses_needs_are_in_an_order_that_the_path_can_follow() -> None:
    names = [name.value for name in NEEDS]

    assert all(names.index(need.value) < names.index(name.value) for name, needed in NEEDS.items() for need in needed)


intervals = st.builds(Interval, st.floats(0, 100), st.floats(0, 100))


@given(st.lists(intervals, max_size=8))
def test_what_is_covered_lies_between_the_longest_step_and_the_sum(steps: list[Interval]) -> None:
    longest = max((step.seconds for step in steps), default=0.0)

    assert longest - 1e-6 <= covered(steps) <= sum(step.seconds for step in steps) + 1e-6
