"""A line that no process can be given is a bad source like any other."""

from __future__ import annotations

import pytest

from autointel.app.children import Children


@pytest.mark.parametrize("line", ["x\0y", "y" * 3_000_000])
def test_a_line_that_cannot_be_handed_over_fails_alone(line: str) -> None:
    heard: list[str] = []

    ended = Children({}).run(["run", line], heard.append)

    assert ended.code == 2
    assert heard
    assert heard[0].startswith("This line cannot be a source: ")
