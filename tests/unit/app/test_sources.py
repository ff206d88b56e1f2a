"""What people type for an address, and what reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autointel.app import sources
from autointel.app.run_context import NetworkAccess
from autointel.app.sources import source_of, with_scheme
from autointel.domain.run import Options
from autointel.settings import Settings


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


def test_a_file_is_read_without_a_connection_to_the_web() -> None:
    outside = NetworkAccess(Settings())

    source_of(Options(source="talk.vtt"), outside, None)

    assert "fetcher" not in vars(outside)


@pytest.mark.parametrize("names", [("file", "web"), ("web", "file")])
def test_the_order_in_which_readers_are_registered_decides_nothing(names: tuple[str, str]) -> None:
    readers = {"file": sources.file, "web": sources.web}

    def wanting(source: str) -> list[str]:
        opening = sources.Opening(Options(source=source), NetworkAccess(Settings()))
        return [name for name in names if readers[name](opening) is not None]

    assert wanting("https://example.org/talk") == ["web"]
    assert wanting("talk.vtt") == wanting("-") == ["file"]
