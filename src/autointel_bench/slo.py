"""Service levels: what a piece of work costs in process, beside a memory of 20,000 passages."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from typing import Final

import anyio

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.adapters.home import Home
from autointel.adapters.locking import alive
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.domain.catalogue import RunStatus, StoredStep
from autointel.domain.passage import Passage, cut
from autointel.domain.performance import percentile
from autointel.domain.run import Options, Outcome, RunId, StepName, StepReport
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.domain.value import Value, content_id
from autointel.memory.findings import Stores
from autointel.memory.search import search
from autointel.pipeline.store import passage_record
from autointel_bench.figures import on_machine, table
from autointel_bench.machine import Machine, machine, now

LEVELS: Final = {"create": 0.050, "step": 0.020, "complete": 0.500, "retrieve": 0.100}
"""Seconds that the 95th percentile may take."""
_WHAT: Final = {
    "create": "note a run and hold its mark",
    "step": "note a finished step and cache its result",
    "complete": "store a source of some 50 passages, write the report, note the end",
    "retrieve": "search all passages, keywords and vectors",
}
_SENTENCES: Final = 200  # of a source: some 50 passages
_WORDS: Final = 80
_VOCABULARY: Final = 20_000
_STEP: Final = "x" * 4_000


class Level(Value):
    """One operation's times in seconds, and the promise."""

    name: str
    n: int
    median: float
    p95: float
    most: float
    promised: float

    @property
    def kept(self) -> bool:
        """Whether the 95th percentile is within the promise."""
        return self.p95 <= self.promised


class ServiceLevels(Value):
    """All four levels."""

    kind: str = "slo"
    command: str
    made: str
    machine: Machine
    passages: int
    levels: tuple[Level, ...]


def measure_slo(passages: int, rounds: int, *, command: str, on_progress: Callable[[str], None]) -> ServiceLevels:
    """Each operation ``rounds`` times, in a home of its own that holds ``passages`` embedded passages."""
    with tempfile.TemporaryDirectory(prefix="autointel-slo-") as folder:
        home = Home(Path(folder))
        home.prepare()
        with closing(SqliteCatalogue(home.catalogue)) as catalogue:
            held, times = anyio.run(_measured, home, catalogue, passages, rounds, on_progress)
    levels = tuple(level_of(name, some, LEVELS[name]) for name, some in times.items())
    return ServiceLevels(command=command, made=now(), machine=machine(), passages=held, levels=levels)


def level_of(name: str, seconds: Sequence[float], promised: float) -> Level:
    """The 95th percentile is by nearest rank."""
    ranked = sorted(seconds)
    return Level(
        name=name,
        n=len(ranked),
        median=ranked[len(ranked) // 2],
        p95=percentile(ranked, 95),
        most=ranked[-1],
        promised=promised,
    )


async def _measured(
    home: Home, catalogue: SqliteCatalogue, passages: int, rounds: int, on_progress: Callable[[str], None]
) -> tuple[int, dict[str, list[float]]]:
    sentences = made_up_sentences()
    memory = SqliteMemory(home.memory, "default", WordLlamaEmbedder())
    try:
        held, _ = await fill(catalogue, memory, passages, sentences)
        on_progress(f"{held:,} passages stored")
        retrievals = await _retrievals(catalogue, memory, rounds)
        on_progress(f"{rounds} searches done")
        return held, {**_work(home, catalogue, sentences, rounds), "retrieve": retrievals}
    finally:
        await memory.close()


async def fill(
    catalogue: SqliteCatalogue,
    memory: SqliteMemory,
    passages: int,
    sentences: Iterator[str],
    *,
    held: int = 0,
    sources: int = 0,
) -> tuple[int, int]:
    """Store made-up sources up to so many passages; how many are ``held`` then, of how many ``sources``."""
    while held < passages:
        source, transcript, cuts = made_up_source(sources, sentences)
        catalogue.passages.store(source, transcript, cuts)
        await memory.remember([passage_record(passage) for passage in cuts])
        held, sources = held + len(cuts), sources + 1
    return held, sources


def made_up_source(number: int, sentences: Iterator[str]) -> tuple[Source, Transcript, tuple[Passage, ...]]:
    """A talk of three speakers, some 50 passages long."""
    source = Source(
        id=content_id("slo", str(number)), kind=SourceKind.VTT, path=f"{number}.vtt", title=f"Talk {number}"
    )
    some = islice(sentences, _SENTENCES)
    segments = tuple(
        Segment(text=text, speaker=f"Speaker {at % 3}", start=at * 5.0, end=at * 5.0 + 5)
        for at, text in enumerate(some)
    )
    transcript = Transcript(segments=segments)
    return source, transcript, tuple(cut(source, transcript, _WORDS))


def _work(home: Home, catalogue: SqliteCatalogue, sentences: Iterator[str], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"create": [], "step": [], "complete": []}
    for number in range(rounds):
        run = RunId(id=f"slo-{number}", created_at=datetime.now(UTC))
        source, transcript, cuts = made_up_source(1_000_000 + number, sentences)
        began = time.perf_counter()
        with alive(home.alive(run.id)):
            catalogue.runs.begin(run, Options(source=source.path or ""))
            times["create"].append(time.perf_counter() - began)
            began = time.perf_counter()
            stored = StoredStep(step=StepName.READ, outcome=Outcome.DONE, value=_STEP)
            catalogue.step_cache.save(f"slo-{number}", stored, run_id=run.id)
            catalogue.runs.step(run.id, StepReport(name=StepName.READ, outcome=Outcome.DONE, seconds=1.0))
            times["step"].append(time.perf_counter() - began)
            began = time.perf_counter()
            catalogue.passages.store(source, transcript, cuts)
            home.write_artifact(run.id, "report.json", _STEP.encode())
            catalogue.runs.end(run.id, RunStatus.DONE)
            times["complete"].append(time.perf_counter() - began)
    return times


def made_up_sentences() -> Iterator[str]:
    """Sentences without end, always the same: a third function words, the rest made-up words as rare as words are.

    The word of rank r occurs 1 / r times as often as the first (Zipf, 1949): a question's words stand in some passages,
    and not in all, as in a library of real talks.
    """
    random = Random(5)  # noqa: S311  a benchmark, always the same
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    words = ["".join(random.choices(syllables, k=random.randint(2, 4))) for _ in range(_VOCABULARY)]
    weights = list(accumulate(1 / rank for rank in range(1, _VOCABULARY + 1)))
    small = "the of and to in that is was for it with as on be at by this had not are".split()
    while True:
        rare = random.choices(words, cum_weights=weights, k=10)
        common = random.choices(small, k=10)
        yield " ".join(word for pair in zip(common, rare, strict=True) for word in pair).capitalize() + "."


async def _retrievals(catalogue: SqliteCatalogue, memory: SqliteMemory, rounds: int) -> list[float]:
    stores = Stores(catalogue.passages, catalogue.words, memory)
    questions = [" ".join(text.split()[1::4]) + "?" for text in islice(made_up_sentences(), 7, 7 + rounds * 3, 3)]
    await search(questions[-1], 10, stores)  # opens the vectors; a process does so once
    times = []
    for question in questions:
        began = time.perf_counter()
        await search(question, 10, stores)
        times.append(time.perf_counter() - began)
    return times


def slo_markdown(levels: ServiceLevels) -> str:
    """A table with the promise beside each figure."""
    rows = [
        [
            level.name,
            _WHAT[level.name],
            f"{level.n:,}",
            f"{level.median * 1000:.1f}",
            f"{level.p95 * 1000:.1f}",
            f"{level.most * 1000:.1f}",
            f"{level.promised * 1000:.0f}",
            "yes" if level.kept else "**no**",
        ]
        for level in levels.levels
    ]
    heads = ["operation", "what it does", "n", "median ms", "p95 ms", "most ms", "promised ms", "kept"]
    return (
        "## Service levels\n\n"
        f"`{levels.command}`, {levels.made}. In process, in a home of its own that holds {levels.passages:,} embedded "
        "passages when it is searched; every write is durable when it returns.\n\n"
        f"{table(heads, rows)}\n{on_machine(levels.machine)}.\n"
    )
