"""A copy under another name or address replaces what was read; a quotation, or another talk, replaces nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.fakes.material import talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.app.versions import retire_older, same_page
from autointel.domain.source import Source

VOCABULARY = [f"{a}{b}{c}" for a in ("ka", "lo", "mi", "ne") for b in ("ru", "sa", "to", "vi") for c in ("x", "n", "l")]


def sentences(seed: int, count: int = 30) -> list[str]:
    draw = random.Random(seed)  # noqa: S311  made-up words
    return [" ".join(draw.choices(VOCABULARY, k=14)).capitalize() + "." for _ in range(count)]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqliteCatalogue]:
    with closing(SqliteCatalogue(tmp_path / "catalogue.sqlite3", "default")) as opened:
        yield opened


def read(catalogue: SqliteCatalogue, said: list[str], name: str, url: str | None = None) -> list[str]:
    """Store a source; the titles of those that it replaces."""
    source, transcript, passages = talk(said, name)
    if url:
        source = Source(id=source.id, kind=source.kind, url=url, title=source.title)
    catalogue.passages.store(source, transcript, passages)
    return [each.title for each in retire_older(catalogue, source, transcript)]


@pytest.mark.parametrize(
    "other",
    [
        "http://example.org/talk",
        "https://www.example.org/talk/",
        "https://m.example.org/talk?utm_source=news&utm_medium=mail",
        "https://EXAMPLE.org:443/talk?fbclid=x#t=4",
        "https://example.org/talk/index.html",
    ],
)
def test_an_edited_page_replaces_itself_whatever_led_to_it(catalogue: SqliteCatalogue, other: str) -> None:
    said = sentences(1)

    assert read(catalogue, said, "first", "https://example.org/talk") == []
    assert read(catalogue, said[:20] + sentences(2, 10), "second", other) == ["The first"]
    assert [source.url for source in catalogue.passages.sources()] == [other]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/talk?id=1", "https://example.org/talk?id=2"),
        ("https://example.org/talk", "https://example.org/talks"),
        ("https://example.org/talk", "https://example.com/talk"),
        ("https://example.org/talk", "https://example.org:8080/talk"),
    ],
)
def test_other_pages_are_other_pages(one: str, other: str) -> None:
    assert same_page(one) != same_page(other)


@pytest.mark.parametrize("url", [None, "https://mirror.example/copies/17"], ids=["renamed file", "mirror"])
def test_nearly_the_same_words_under_another_name_or_address_replace_what_was_read(
    catalogue: SqliteCatalogue, url: str | None
) -> None:
    said = sentences(1, 60)

    read(catalogue, said, "original")
    replaced = read(catalogue, ["An advertisement stands before it.", *said], "copy", url)

    assert replaced == ["The original"]
    assert [source.title for source in catalogue.passages.sources()] == ["The copy"]


def test_a_long_quotation_and_another_talk_replace_nothing(catalogue: SqliteCatalogue) -> None:
    said = sentences(1, 60)
    read(catalogue, said, "original")

    assert read(catalogue, said[:20], "excerpt") == []
    assert read(catalogue, [*sentences(2, 40), *said[:30]], "report") == []
    assert read(catalogue, sentences(3, 60), "other") == []
    assert len(catalogue.passages.sources()) == 4


def test_namespaces_replace_nothing_of_each_other(catalogue: SqliteCatalogue, tmp_path: Path) -> None:
    with closing(SqliteCatalogue(tmp_path / "catalogue.sqlite3", "elsewhere")) as other:
        read(other, sentences(1), "original")

        assert read(catalogue, sentences(1), "copy") == []
        assert len(other.passages.sources()) == 1
