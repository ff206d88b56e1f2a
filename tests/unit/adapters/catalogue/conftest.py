"""A catalogue in an empty folder, and a source to put into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autointel.adapters.catalogue.sqlite import SqliteCatalogue


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.sqlite3"


@pytest.fixture
def catalogue(path: Path) -> Iterator[SqliteCatalogue]:
    opened = SqliteCatalogue(path)
    yield opened
    opened.close()
