from __future__ import annotations

import pytest

from autointel.render.plain_text import count, dollars, rounded, seconds


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0 ms"),
        (0.0004, "0 ms"),
        (0.012, "12 ms"),
        (0.0949, "95 ms"),
        (0.1, "0.1 s"),
        (20.06, "20.1 s"),
        (312.4, "312 s"),
    ],
)
def test_times_have_the_figures_that_matter(value: float, words: str) -> None:
    assert seconds(value) == words


@pytest.mark.parametrize(("number", "words"), [(0, "0"), (912, "912"), (58_000, "58k"), (1_240_000, "1.2M")])
def test_large_numbers_are_rounded(number: int, words: str) -> None:
    assert rounded(number) == words


@pytest.mark.parametrize(
    ("usd", "words"), [(None, "cost unknown"), (0.0, "$0.00"), (0.0214, "$0.021"), (12.4, "$12.40")]
)
def test_an_unknown_price_is_not_free(usd: float | None, words: str) -> None:
    assert dollars(usd) == words


def test_one_is_not_many() -> None:
    assert (count(1, "call"), count(0, "call"), count(1204, "segment")) == ("1 call", "0 calls", "1,204 segments")
