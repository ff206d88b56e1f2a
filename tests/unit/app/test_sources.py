"""What people type for an address."""

from __future__ import annotations

from pathlib import Path

import pytest

from autointel.app.sources import with_scheme


@pytest.mark.parametrize(
    "typed",
    ["youtube.com/watch?v=abc", "youtu.be/abc", "www.example.org", "m.example.co.uk/a/b?c=d", "show.fm/feed.xml"],
)
def test_an_address_needs_no_scheme(typed: str) -> None:
    assert with_scheme(typed) == f"https://{typed}"


@pytest.mark.parametrize(
    "typed", ["talk.vtt", "-", "https://example.org/x", "notes/talk.txt", "a b.com/c", "./x.org/y", "talk.de.srt"]
)
def test_a_path_or_an_address_stays_as_it_is(typed: str) -> None:
    assert with_scheme(typed) == typed


def test_a_path_that_exists_is_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talks.org").mkdir()

    assert with_scheme("talks.org/one.vtt") == "talks.org/one.vtt"
