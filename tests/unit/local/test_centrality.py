from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autointel.local.picking import centrality, centred, diverse


def rows(*values: tuple[float, ...]) -> NDArray[np.float32]:
    vectors = np.asarray(values, dtype=np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def test_what_resembles_the_others_is_central() -> None:
    scores = centrality(rows((1, 0.2, 0), (1, 0, 0.2), (1, 0.1, 0.1), (0, 0, 1)))

    assert int(np.argmax(scores)) in {0, 1, 2}
    assert int(np.argmin(scores)) == 3
    assert scores.max() == 1.0


def test_rows_like_no_other_are_equally_central() -> None:
    assert centrality(np.eye(4, dtype=np.float32)).tolist() == [1.0, 1.0, 1.0, 1.0]


def test_one_row_is_central() -> None:
    assert centrality(rows((1, 0))).tolist() == [1.0]


def test_zeros_are_survived() -> None:
    assert np.isfinite(centrality(np.zeros((3, 4), dtype=np.float32))).all()


def test_more_rows_than_a_block_are_ranked_in_parts() -> None:
    generator = np.random.default_rng(1)
    vectors = rows(*[tuple(row) for row in generator.normal(size=(5_100, 4))])

    scores = centrality(vectors)

    assert scores.shape == (5_100,)
    assert (scores == 1.0).sum() >= 3


def test_the_second_choice_is_unlike_the_first() -> None:
    vectors = rows((1, 0), (1, 0.7), (0, 1))

    assert diverse(vectors, [1.0, 0.9, 0.8], 2) == [0, 2]


def test_what_says_the_same_is_never_chosen_twice() -> None:
    assert diverse(rows((1, 0), (1, 0), (1, 0.01)), [0.1, 0.9, 0.5], 3) == [1]


def test_ties_go_to_the_earlier_row() -> None:
    assert diverse(np.eye(3, dtype=np.float32), [0.5, 0.5, 0.5], 3) == [0, 1, 2]


def test_nothing_is_chosen_of_nothing() -> None:
    assert diverse(np.zeros((0, 3), dtype=np.float32), [], 5) == []


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=12),
    st.integers(0, 5),
)
def test_choices_are_distinct_rows_within_the_limit(values: list[tuple[float, float, float]], limit: int) -> None:
    vectors = centred(np.asarray(values, dtype=np.float32))

    chosen = diverse(vectors, list(centrality(vectors)), limit)

    assert len(set(chosen)) == len(chosen) <= limit


def test_centring_takes_away_what_all_share() -> None:
    vectors = centred(rows((1, 0.1), (1, -0.1)))

    assert vectors[0] @ vectors[1] == pytest.approx(-1.0)
    assert not centred(rows((1, 0), (1, 0))).any()
