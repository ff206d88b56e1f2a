from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel_bench.figures import difference, paired_difference, paired_saving, summary

SECONDS = st.floats(0.01, 1000, allow_nan=False)


@given(st.lists(SECONDS, min_size=1, max_size=20))
def test_the_interval_holds_the_mean_and_stays_within_what_was_measured(values: list[float]) -> None:
    found = summary(values)

    interval = found.mean.interval
    assert min(values) - 1e-6 <= interval.low <= interval.high <= max(values) + 1e-6
    assert interval.low - 1e-6 <= found.mean.value <= interval.high + 1e-6
    assert (found.n, found.least, found.most) == (len(values), min(values), max(values))


def test_the_same_measurements_have_the_same_interval() -> None:
    assert summary([1.0, 2.0, 4.0]) == summary([1.0, 2.0, 4.0])


def test_the_interval_is_about_as_wide_as_theory_says() -> None:
    values = [10 + 0.1 * (n % 11 - 5) for n in range(110)]

    interval = summary(values).mean.interval

    # 1.96 standard errors of a spread of 0.316 over 110 runs.
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 0.3162 / 110**0.5, rel=0.1)


def test_pairs_tell_a_difference_that_the_rounds_would_drown() -> None:
    before = [1.0, 5.0, 9.0, 13.0]
    after = [each - 0.1 for each in before]

    assert paired_difference(before, after).interval.excludes_zero
    assert not difference(before, after).interval.excludes_zero


def test_a_saving_is_the_share_of_time_that_is_gone() -> None:
    saving = paired_saving([10.0, 10.0, 10.0], [4.0, 4.0, 4.0])

    assert saving.value == pytest.approx(0.6)
    assert saving.interval.low == pytest.approx(0.6)


def test_independent_measurements_are_resampled_apart() -> None:
    same = difference([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])

    assert same.value == 0
    assert same.interval.low < 0 < same.interval.high


@pytest.mark.parametrize(("before", "after"), [([], []), ([1.0], [1.0, 2.0])])
def test_what_is_no_pair_cannot_be_compared(before: list[float], after: list[float]) -> None:
    with pytest.raises(ValueError, match="pairs"):
        paired_difference(before, after)


def test_nothing_measured_has_no_summary_and_no_difference() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        summary([])
    with pytest.raises(ValueError, match="nothing was measured"):
        difference([], [1.0])
