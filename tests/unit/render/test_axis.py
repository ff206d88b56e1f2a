from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.render.durations import cells, ticks


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (20.1, [0, 5, 10, 15, 20]),
        (1.0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.043, [0, 0.01, 0.02, 0.03, 0.04]),
        (3600, [0, 1000, 2000, 3000]),
        (0, [0]),
    ],
)
def test_times_on_the_axis_are_round(end: float, expected: list[float]) -> None:
    assert ticks(end) == expected


@given(st.floats(1e-6, 1e7), st.integers(1, 10))
def test_there_are_never_too_many_times_and_none_beyond_the_end(end: float, most: int) -> None:
    times = ticks(end, most)

    assert 1 <= len(times) <= most + 1
    assert times[-1] <= end * (1 + 1e-6)


def test_a_bar_lies_where_its_step_ran() -> None:
    assert cells(5, 10, 20, 40) == (10, 20)


def test_an_axis_without_time_still_shows_a_cell() -> None:
    assert cells(0, 0, 0, 40) == (0, 1)


@given(st.floats(0, 1000), st.floats(0, 1000), st.integers(1, 200))
def test_a_bar_has_a_cell_and_never_leaves_the_axis(started: float, seconds: float, width: int) -> None:
    first, count = cells(started, seconds, started + seconds, width)

    assert count >= 1
    assert 0 <= first < first + count <= width
