"""A catalogue with two talks, and a vector memory that holds the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from tests.fakes.material import talk
from tests.fakes.memory import FakeMemory

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.memory.findings import Stores
from autointel.ports import Remembered

Fill = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqliteCatalogue]:
    opened = SqliteCatalogue(tmp_path / "catalogue.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def memory() -> FakeMemory:
    return FakeMemory()


@pytest.fixture
def stores(catalogue: SqliteCatalogue, memory: FakeMemory) -> Stores:
    return Stores(catalogue.passages, catalogue.words, memory)


@pytest.fixture
def keep(catalogue: SqliteCatalogue, memory: FakeMemory) -> Fill:
    async def kept(
        sentences: Sequence[str],
        name: str = "talk",
        said_on: date | None = None,
        url: str | None = None,
        language: str | None = None,
    ) -> list[str]:
        """Keep a talk, one passage a sentence, in both stores; the ids of its passages."""
        source, transcript, passages = talk(sentences, name)
        place = {"url": url, "path": None} if url else {}
        source = source.model_copy(update={"published_at": said_on, **place})
        transcript = transcript.model_copy(update={"language": language})
        catalogue.passages.store(source, transcript, passages)
        await memory.remember(
            [
                Remembered(record_id=each.id, kind="passage", source_id=source.id, passage_id=each.id, text=each.text)
                for each in passages
            ]
        )
        return [passage.id for passage in passages]

    return kept
