"""What the embedded stores cost at a given size: opening, asking one after another, twenty at once, memory, disk.

Usage: search_at_size.py [PASSAGES …]   (1000 and 20000 unless given). Made-up passages of 60 words over a vocabulary of
5,000, in a home of their own: catalogue and vectors with the search that ``autointel search`` uses, and the graph with
an entity and a relation for each tenth passage, which is what long talks have.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

import anyio

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.adapters.graph.ladybug import LadybugGraph
from autointel.adapters.home import Home
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.domain.knowledge import Entity, Provenance, Relation
from autointel.domain.notes import EntityKind
from autointel.domain.passage import cut
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.memory.findings import Stores
from autointel.memory.search import search
from autointel.ports import Remembered

_WORDS, _QUESTIONS, _A_SOURCE, _A_RELATION = 60, 100, 500, 10


def _word(number: int) -> str:
    """A pronounceable word for a number, so that the embedder has something to work on."""
    letters = ("ka", "lo", "mi", "ne", "ru", "sa", "to", "vi", "pe", "do")
    return "".join(letters[int(digit)] for digit in f"{number:04}")


async def measure(passages: int) -> None:
    """Fill, reopen, ask, print."""
    draw = random.Random(7)  # noqa: S311  made-up words, not secrets
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder, "home"))
        home.prepare()
        embedder = WordLlamaEmbedder()
        began = time.perf_counter()
        await _fill(home, embedder, passages, draw)
        filled = time.perf_counter() - began

        began = time.perf_counter()
        catalogue = SqliteCatalogue(home.catalogue)
        memory = SqliteMemory(home.memory, "default", embedder)
        stores = Stores(catalogue.passages, catalogue.words, memory)
        await search("the first question of all", 10, stores)
        opened = time.perf_counter() - began

        seconds, used = [], time.process_time()
        for _ in range(_QUESTIONS):
            question = " ".join(_word(draw.randrange(5000)) for _ in range(5))
            began = time.perf_counter()
            await search(question, 10, stores)
            seconds.append(time.perf_counter() - began)
        cpu = (time.process_time() - used) / _QUESTIONS * 1e3
        began = time.perf_counter()
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(search, " ".join(_word(draw.randrange(5000)) for _ in range(5)), 10, stores)
        together = time.perf_counter() - began
        await memory.close()
        catalogue.close()
        disk = sum(path.stat().st_size for path in home.folder.rglob("*") if path.is_file()) / 1e6
        cuts = quantiles(seconds, n=20)
        sys.stdout.write(
            f"{passages:>7,} passages: filled in {filled:.1f} s, opened in {opened:.2f} s, p50 {cuts[9] * 1e3:.0f} ms, "
            f"p95 {cuts[18] * 1e3:.0f} ms, CPU {cpu:.0f} ms a search, 20 at once {together:.2f} s, "
            f"peak {_peak():.0f} MB, disk {disk:.0f} MB\n"
        )
        await _measure_graph(home, max(1, passages // _A_RELATION), draw)


async def _measure_graph(home: Home, size: int, draw: random.Random) -> None:
    """So many entities and relations: fill, reopen, find an entity by its name with its neighbours, print."""
    graph = LadybugGraph(home.graph, "default", locks=home.locks)
    began = time.perf_counter()
    for first in range(0, size, _A_SOURCE):
        numbers = range(first, min(size, first + _A_SOURCE))
        entities = [
            Entity(id=f"e{n}", name=f"{_word(n % 10_000)} {n}", kind=EntityKind.PERSON, mentions=1) for n in numbers
        ]
        said = Provenance(run_id="r", source_id=f"source-{first}", passage_id=f"p{first}", quote="words of a talk")
        relations = [
            Relation(
                id=f"r{n}", subject_id=f"e{n}", predicate="met", object_id=f"e{draw.randrange(n + 1)}", provenance=said
            )
            for n in numbers
        ]
        await graph.relate(entities, relations)
    await graph.close()
    filled = time.perf_counter() - began

    graph, seconds = LadybugGraph(home.graph, "default", locks=home.locks), []
    used = time.process_time()
    for _ in range(_QUESTIONS + 1):
        began, number = time.perf_counter(), draw.randrange(size)
        found = await graph.find(f"{_word(number % 10_000)} {number}", 5)
        await graph.neighbours(found[0].id, 20)
        seconds.append(time.perf_counter() - began)
    opened = seconds.pop(0)
    cpu = (time.process_time() - used) / _QUESTIONS * 1e3
    await graph.close()
    disk = sum(path.stat().st_size for path in home.graph.rglob("*") if path.is_file()) / 1e6
    cuts = quantiles(seconds, n=20)
    sys.stdout.write(
        f"        graph of {size:,} entities and relations: filled in {filled:.1f} s, opened in {opened:.2f} s, "
        f"p50 {cuts[9] * 1e3:.0f} ms, p95 {cuts[18] * 1e3:.0f} ms, CPU {cpu:.0f} ms, "
        f"peak {_peak():.0f} MB, disk {disk:.0f} MB\n"
    )


def _peak() -> float:
    """Megabytes that this process had at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def _fill(home: Home, embedder: WordLlamaEmbedder, passages: int, draw: random.Random) -> None:
    catalogue = SqliteCatalogue(home.catalogue)
    memory = SqliteMemory(home.memory, "default", embedder)
    for first in range(0, passages, _A_SOURCE):
        count = min(_A_SOURCE, passages - first)
        texts = [" ".join(_word(int(draw.paretovariate(0.6)) % 5000) for _ in range(_WORDS)) for _ in range(count)]
        segments = tuple(Segment(text=f"{text}.", start=9.0 * n, end=9.0 * n + 9) for n, text in enumerate(texts))
        source = Source(id=f"source-{first}", kind=SourceKind.VTT, path=f"{first}.vtt", title=f"Talk {first}")
        transcript = Transcript(segments=segments)
        cuts = cut(source, transcript, target_words=_WORDS - 1)
        catalogue.passages.store(source, transcript, cuts)
        await memory.remember(
            [
                Remembered(record_id=p.id, kind="passage", source_id=p.source_id, passage_id=p.id, text=p.text)
                for p in cuts
            ]
        )
    await memory.close()
    catalogue.close()


if __name__ == "__main__":
    for size in [int(word) for word in sys.argv[1:]] or [1000, 20000]:
        anyio.run(measure, size)
