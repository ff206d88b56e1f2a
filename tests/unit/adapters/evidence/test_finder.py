from __future__ import annotations

from datetime import date

import pytest

from autointel.adapters.evidence.finder import day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-09", date(2024, 3, 9)),
        ("2024-03-09T23:10:00Z", date(2024, 3, 9)),
        ("Mon, 11 Nov 2024 09:00:00 GMT", date(2024, 11, 11)),
        ("2024-13-40", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_day_is_read_from_what_engines_send(text: str | None, expected: date | None) -> None:
    assert day(text) == expected
