"""The sentences that hold a name."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.fakes.kept import keep_talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.app.lookup import naming


@pytest.mark.parametrize(
    ("name", "limit", "found"),
    [
        ("fares", 3, ["Fares pay for the buses.", "Nobody thinks fares cover the cost."]),
        ("Fares", 1, ["Fares pay for the buses."]),
        ("fare", 3, []),
        ("fares cover", 3, ["Nobody thinks fares cover the cost."]),
    ],
)
def test_only_sentences_with_the_whole_name_are_found(name: str, limit: int, found: list[str], tmp_path: Path) -> None:
    with closing(SqliteCatalogue(keep_talk(tmp_path).catalogue, "default")) as catalogue:
        quotes = naming(catalogue, name, limit)

    assert sorted(each.citation.quote for each in quotes) == found
