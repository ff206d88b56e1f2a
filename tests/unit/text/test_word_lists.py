from __future__ import annotations

from importlib.resources import files

import pytest

from autointel.text.word_lists import base_language, stop_words, word_list

NAMES = sorted(
    entry.name.removesuffix(".txt")
    for entry in (files("autointel.text") / "words").iterdir()
    if entry.name.endswith(".txt")
)


@pytest.mark.parametrize("name", NAMES)
def test_entries_are_folded_and_comments_are_none(name: str) -> None:
    entries = word_list(name)

    assert entries
    assert all(entry == entry.lower() and "_" not in entry and "#" not in entry for entry in entries)


def test_an_underscore_is_a_space() -> None:
    assert "new york" in word_list("places")


@pytest.mark.parametrize("language", ["en", "de-AT", "fr", "es", "it", "pt_BR", "nl", "hi", "bn", "ar", "nb"])
def test_a_language_with_a_list_finds_it(language: str) -> None:
    words = stop_words(language)

    assert words is not None
    assert len(words) > 80


@pytest.mark.parametrize("language", ["xx", "", None])
def test_a_language_without_a_list_has_none(language: str | None) -> None:
    assert stop_words(language) is None


def test_a_region_is_no_part_of_a_language() -> None:
    assert base_language("pt_BR") == "pt"
