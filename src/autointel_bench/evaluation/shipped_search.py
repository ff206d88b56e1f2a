"""The search as it is in use, with the embedder of the settings, over stores in a temporary folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from anyio.from_thread import BlockingPortal

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.adapters.home import Home
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.app.run_context import event_loop
from autointel.app.stores import embedder_of
from autointel.domain.passage import Hit, Passage
from autointel.memory.ask import ask, candidates
from autointel.memory.excerpts import reading
from autointel.memory.findings import WEIGHTS, Found, Stores, Weights
from autointel.memory.search import search
from autointel.ports import Remembered
from autointel.settings import load
from autointel_bench.evaluation.answers import Asked
from autointel_bench.evaluation.recall import Kept

Search = Callable[[str, int], Sequence[Found]]
OpenCatalogue = Callable[[Home, str], Catalogue]
"""The catalogue of a home, or another one, under that name."""
Reading = Callable[[str, int], Sequence[Hit]]


def _in_a_file(home: Home, name: str) -> Catalogue:
    return SqliteCatalogue(home.catalogue, name)


@contextmanager
def search_over(
    name: str,
    kept: Sequence[Kept],
    *,
    weights: Weights = WEIGHTS,
    vectors: bool = True,
    catalogue: OpenCatalogue = _in_a_file,
) -> Iterator[Search]:
    """The best hits for a question, from a catalogue and a memory that hold ``kept`` and nothing else."""
    with _stores_over(name, kept, vectors=vectors, opened=catalogue) as (portal, stores):

        def find(question: str, limit: int) -> Sequence[Found]:
            return portal.call(lambda: search(question, limit, stores, weights=weights)).found

        yield find


@contextmanager
def _stores_over(
    name: str, kept: Sequence[Kept], *, vectors: bool, opened: OpenCatalogue = _in_a_file
) -> Iterator[tuple[BlockingPortal, Stores]]:
    with tempfile.TemporaryDirectory(prefix=f"autointel-{name}-") as folder, event_loop() as portal:
        home, embedder = Home(Path(folder)), embedder_of(load().settings)
        home.prepare()
        memory = SqliteMemory(home.memory, "default", embedder)
        with closing(opened(home, name)) as catalogue:
            for each in kept:
                catalogue.passages.store(each.source, each.transcript, each.passages)
            if vectors:
                portal.call(memory.remember, [_record(passage) for each in kept for passage in each.passages])
            # As the product does: a server is not asked for every sentence of what was found.
            near = embedder if isinstance(embedder, WordLlamaEmbedder) else WordLlamaEmbedder()
            yield portal, Stores(catalogue.passages, catalogue.words, *((memory, near) if vectors else ()))


@contextmanager
def library_over(name: str, kept: Sequence[Kept]) -> Iterator[Callable[[str, int], Asked]]:
    """``autointel search``, and ``ask`` without a model."""
    with _stores_over(name, kept, vectors=True) as (portal, stores):

        def both(question: str, limit: int) -> Asked:
            findings = portal.call(lambda: search(question, limit, stores))
            return Asked(findings, portal.call(lambda: ask(question, limit, stores)))

        yield both


@contextmanager
def reading_over(name: str, kept: Sequence[Kept]) -> Iterator[Reading]:
    """The passages that ``autointel ask`` gives a model for a question, in the order in which it takes them."""
    with _stores_over(name, kept, vectors=True) as (portal, stores):

        def read(question: str, limit: int) -> Sequence[Hit]:
            found = portal.call(lambda: search(question, candidates(5, model=True), stores)).found
            return reading(question, found, stores)[:limit]

        yield read


def _record(passage: Passage) -> Remembered:
    return Remembered(
        record_id=passage.id,
        kind="passage",
        source_id=passage.source_id,
        passage_id=passage.id,
        text=passage.text,
    )
