"""Numbers with what they count."""

from __future__ import annotations

import pytest

from autointel.memory.differences import Quantity, quantities, years


@pytest.mark.parametrize(
    ("text", "value", "unit", "thing"),
    [
        ("It cost $3.5 million.", 3_500_000, "dollar", set()),
        ("It cost ten million euros a year.", 10_000_000, "euro", set()),
        ("Up by 14 percent.", 14, "percent", set()),
        ("Up by 14 per cent.", 14, "percent", set()),
        ("They lost 1,400 fishing jobs.", 1400, "", {"fish", "job"}),
        ("Twenty-two trams ran.", 22, "", {"tram", "ran"}),
    ],
)
def test_a_number_is_read_with_its_unit_and_thing(text: str, value: float, unit: str, thing: set[str]) -> None:
    assert quantities(text) == [Quantity(value, unit, frozenset(thing))]


def test_years_count_nothing() -> None:
    assert quantities("In 2013 one of them left.") == []
    assert years("In 2013, and again in 2015, after 12 months.") == {"2013", "2015"}
