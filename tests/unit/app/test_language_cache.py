from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.app.caches import LanguageCache


@pytest.mark.parametrize("language", ["de", None])
def test_the_language_of_a_text_is_told_once(language: str | None, tmp_path: Path) -> None:
    asked: list[str] = []

    def detect(sample: str) -> str | None:
        asked.append(sample)
        return language

    with closing(SqliteCatalogue(tmp_path / "catalogue.sqlite3")) as catalogue:
        told = [LanguageCache(catalogue.step_cache, "default", detect)(text) for text in ("one", "one", "two")]

    assert told == [language] * 3
    assert asked == ["one", "two"]
