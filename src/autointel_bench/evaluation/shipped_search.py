"""The search as it is in use, over stores in a temporary folder: for measuring how much of the evidence it finds."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from anyio.from_thread import start_blocking_portal

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.embedders.wordllama import WordLlamaEmbedder
from autointel.adapters.home import Home
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.domain.passage import Passage
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
from autointel.memory.findings import Found, Stores
from autointel.memory.ranking import WEIGHTS, Weights
from autointel.memory.search import search
from autointel.ports import Remembered


class Kept(Protocol):
    """A source as memory keeps it."""

    @property
    def source(self) -> Source:
        """Where the words come from."""
        ...

    @property
    def transcript(self) -> Transcript:
        """The words."""
        ...

    @property
    def passages(self) -> tuple[Passage, ...]:
        """What is found."""
        ...


Search = Callable[[str, int], Sequence[Found]]


@contextmanager
def search_over(
    name: str, kept: Sequence[Kept], *, weights: Weights = WEIGHTS, vectors: bool = True
) -> Iterator[Search]:
    """The best hits for a question, from a catalogue and a memory that hold ``kept`` and nothing else."""
    with tempfile.TemporaryDirectory(prefix=f"autointel-{name}-") as folder, start_blocking_portal() as portal:
        home, embedder = Home(Path(folder)), WordLlamaEmbedder()
        home.prepare()
        memory = SqliteMemory(home.memory, "default", embedder)
        with closing(SqliteCatalogue(home.catalogue)) as catalogue:
            for each in kept:
                catalogue.passages.store(each.source, each.transcript, each.passages)
            if vectors:
                portal.call(memory.remember, [_record(passage) for each in kept for passage in each.passages])
            spoken = catalogue.words
            stores = Stores(catalogue.passages, spoken, *((memory, embedder) if vectors else ()))

            def ask(question: str, limit: int) -> Sequence[Found]:
                return portal.call(lambda: search(question, limit, stores, weights=weights)).found

            yield ask


def _record(passage: Passage) -> Remembered:
    return Remembered(
        record_id=passage.id,
        kind="passage",
        source_id=passage.source_id,
        passage_id=passage.id,
        text=passage.text,
    )
