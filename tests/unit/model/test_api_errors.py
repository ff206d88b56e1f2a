from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.model.server_words import retry_after

TODAY = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, None),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30),
        ({"retry-after": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "soon", "retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30),
    ],
)
def test_a_wait_is_read_as_seconds_or_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, TODAY) == seconds


@given(st.text(), st.text())
def test_any_header_is_a_wait_or_none(exact: str, given_: str) -> None:
    wait = retry_after({"retry-after-ms": exact, "retry-after": given_}, TODAY)

    assert wait is None or wait >= 0 or wait != wait  # noqa: PLR0124 - "nan" is a number
