"""The adaptive limit: slow start, backing off once for each trouble, and never outside of its bounds."""

from __future__ import annotations

import pytest

from autointel.adapters.store_requests import ConcurrencyLimit


def test_a_fixed_limit_stays() -> None:
    limit = ConcurrencyLimit(10, adaptive=False)
    limit.refused(0.0, 1.0)
    limit.answered(1, 99.0, 2.0)

    assert limit.now == 10


def test_it_begins_low_and_grows_with_every_answer_up_to_the_limit() -> None:
    limit = ConcurrencyLimit(10)
    grown = [limit.now]
    for at in range(10):
        limit.answered(1, 0.05, float(at))
        grown.append(limit.now)

    assert grown == [4, 5, 6, 7, 8, 9, 10, 10, 10, 10, 10]


def test_a_small_limit_is_never_exceeded() -> None:
    assert ConcurrencyLimit(1).now == 1


def test_requests_that_were_under_way_together_cut_it_once() -> None:
    limit = ConcurrencyLimit(50)
    for at in range(46):
        limit.answered(1, 0.05, float(at))
    for _ in range(20):
        limit.refused(100.0, 100.1)

    assert limit.now == 40


def test_answers_that_take_longer_and_longer_cut_it() -> None:
    limit = ConcurrencyLimit(20)
    for at in range(16):
        limit.answered(1, 0.05, float(at))
    limit.answered(1, 0.5, 100.0)

    assert limit.now == 16


def test_a_larger_batch_may_take_longer() -> None:
    limit = ConcurrencyLimit(20)
    for at in range(16):
        limit.answered(1, 0.05, float(at))
    limit.answered(50, 0.5, 100.0)

    assert limit.now == 20


@pytest.mark.parametrize("refusals", [1, 10, 100])
def test_one_request_may_always_be_in_flight(refusals: int) -> None:
    limit = ConcurrencyLimit(10)
    for at in range(refusals):
        limit.refused(float(at), at + 0.5)

    assert limit.now >= 1


def test_after_a_refusal_it_returns_to_just_below_what_was_refused_stays_there_and_tries_more_later() -> None:
    limit = ConcurrencyLimit(50)
    for at in range(16):
        limit.answered(1, 0.05, float(at))
    limit.refused(100.0, 100.0)
    grown = []
    for later in (100.5, 102.0, 105.0, 107.0, 110.0, 113.0, 130.0):
        limit.answered(1, 0.05, later)
        grown.append(limit.now)

    assert grown == [16, 19, 19, 19, 20, 25, 50]
