"""The benchmark of searches: a row for each size, and whether the promise is kept."""

from __future__ import annotations

import pytest

from autointel_bench.machine import machine
from autointel_bench.search import AT, Asks, Searches, Size, measure_search, search_markdown


def searches(**changed: float) -> Searches:
    size = Size(
        passages=AT,
        opening=0.4,
        median=0.03,
        p95=0.05,
        cpu=0.04,
        at_once_median=0.4,
        at_once_p95=0.6,
        together=1.1,
        resident=20_000_000,
    )
    return Searches(
        command="autointel bench search", made="now", machine=machine(), sizes=(size.model_copy(update=changed),)
    )


@pytest.mark.slow
def test_an_empty_memory_and_a_small_one_are_measured() -> None:
    told: list[str] = []

    measured = measure_search([60, 0], 20, command="autointel bench search", on_progress=told.append, profile="instant")

    assert measured.sizes[0].passages == 0
    assert measured.sizes[1].passages >= 60
    assert measured.kept
    assert len(told) == 2
    assert [(asked.passages >= 60, asked.calls_again) for asked in measured.asks] == [(True, 0)]


@pytest.mark.parametrize(("changed", "kept"), [({}, True), ({"p95": 0.07}, False), ({"together": 1.3}, False)])
def test_a_promise_that_is_not_kept_is_said(changed: dict[str, float], kept: bool) -> None:  # noqa: FBT001
    measured = searches(**changed)

    assert measured.kept is kept
    assert ("**not kept**" in search_markdown(measured)) is not kept
    assert "| 20,000 | 0.40 | 30 |" in search_markdown(measured)


def test_a_promise_about_a_size_that_was_not_measured_is_neither_kept_nor_broken() -> None:
    said = search_markdown(searches(passages=100_000, p95=9.0))

    assert "times the slowest: not measured." in said


def test_a_question_is_compared_with_itself_asked_again() -> None:
    asks = Asks.of(1_000, first=[2.0, 3.0, 1.0], second=[0.1, 0.1, 0.2], at_once=[2.0, 4.0])

    assert (asks.average, asks.most, asks.at_once_average, asks.at_once_most) == (2.0, 3.0, 3.0, 4.0)
    assert (asks.again, asks.faster) == (0.1, 20.0)
    assert asks.kept


@pytest.mark.parametrize(
    "changed", [{"average": 3.1}, {"at_once_most": 5.1}, {"faster": 9.9}, {"calls_again": 1}], ids=str
)
def test_a_promise_about_questions_that_is_not_kept_is_said(changed: dict[str, float]) -> None:
    asks = Asks.of(1_000, first=[2.0], second=[0.1], at_once=[2.0]).model_copy(update=changed)
    page = search_markdown(searches().model_copy(update={"asks": (asks,)}))

    assert not asks.kept
    assert "| **no** |" in page
