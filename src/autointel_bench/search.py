"""The cost of a search and of a question by the size of memory: alone, twenty at once, and asked again."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path
from statistics import fmean, median
from typing import Final, Self

import anyio

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.adapters.home import Home
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.app.answering import ask_memory
from autointel.cli.progress import Silent
from autointel.domain.performance import percentile
from autointel.domain.run import Engine
from autointel.domain.value import Value
from autointel.memory.findings import WEIGHTS, Filters, Stores
from autointel.memory.search import search
from autointel.memory.strategies import Pool, side_by_side, understand
from autointel.settings import Settings
from autointel_bench.figures import on_machine, table
from autointel_bench.machine import Machine, machine, now
from autointel_bench.simulated.profile import PROFILES
from autointel_bench.simulated.server import SimulatedModel
from autointel_bench.slo import fill, made_up_sentences

SIZES: Final = (0, 100, 1_000, 20_000, 100_000)
PROMISED: Final = 0.060
"""Seconds that the 95th percentile of one search may take at ``AT`` passages."""
AT: Final = 20_000
TOGETHER: Final = 1.2
"""The strategies together may take so many times the slowest of them."""
AVERAGE: Final = 3.0
MOST: Final = 5.0
"""Seconds that a question may take with a model of typical latencies."""
AGAIN: Final = 10.0
"""The same question again is at least so many times faster."""
_AT_ONCE: Final = 20
_QUESTIONS: Final = 6
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_TODAY: Final = date(2026, 3, 2)


class Size(Value):
    """Times in seconds at one size of memory; ``cpu`` is of one search, ``resident`` the bytes that opening took.

    ``together`` is the time of the strategies side by side over that of the slowest one, at the median.
    """

    passages: int
    opening: float
    median: float
    p95: float
    cpu: float
    at_once_median: float
    at_once_p95: float
    together: float
    resident: int


class Asks(Value):
    """Seconds of questions to a simulated model, from opening the stores to the answer.

    ``again`` is the median of the same questions asked once more, ``faster`` that of each question's first time over
    its second; ``calls_again`` counts what the model was asked the second time.
    """

    passages: int
    average: float
    most: float
    at_once_average: float
    at_once_most: float
    again: float
    faster: float
    calls_again: int

    @property
    def kept(self) -> bool:
        """Whether every promise about a question holds."""
        within = max(self.average, self.at_once_average) <= AVERAGE and max(self.most, self.at_once_most) <= MOST
        return within and self.faster >= AGAIN and not self.calls_again

    @classmethod
    def of(cls, passages: int, first: Sequence[float], second: Sequence[float], at_once: Sequence[float]) -> Self:
        """From the seconds of each question. ``calls_again`` is 0."""
        return cls(
            passages=passages,
            average=fmean(first),
            most=max(first),
            at_once_average=fmean(at_once),
            at_once_most=max(at_once),
            again=median(second),
            faster=median(one / other for one, other in zip(first, second, strict=True)),
            calls_again=0,
        )


class Searches(Value):
    """One row a size; of ``asks`` none where nothing was read."""

    kind: str = "search"
    command: str
    made: str
    machine: Machine
    sizes: tuple[Size, ...]
    asks: tuple[Asks, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether the promises about searches hold at ``AT`` passages, where that was measured."""
        return all(size.p95 <= PROMISED and size.together <= TOGETHER for size in self._at)

    @property
    def verdict(self) -> str:
        """The promises' outcome in words."""
        if not self._at:
            return "not measured"
        return "kept" if self.kept else "**not kept**"

    @property
    def _at(self) -> list[Size]:
        return [size for size in self.sizes if size.passages == AT]


def measure_search(
    sizes: Sequence[int], rounds: int, *, command: str, on_progress: Callable[[str], None], profile: str = "typical"
) -> Searches:
    """Fill one home up to each size in turn, reopen it, search it ``rounds`` times, and ask it a few questions.

    ``profile`` is that of the simulated model which answers.
    """
    measured, asks = [], []
    with tempfile.TemporaryDirectory(prefix="autointel-search-") as folder:
        home = Home(Path(folder))
        home.prepare()
        sentences, sources, held = made_up_sentences(), 0, 0
        for size in sorted(set(sizes)):
            held, sources = anyio.run(_fill, home, size, held, sources, sentences)
            measured.append(anyio.run(_measured, home, held, rounds))
            if held:
                asks.append(_asked(home, held, profile))
            on_progress(f"{held:,} passages measured")
    return Searches(command=command, made=now(), machine=machine(), sizes=tuple(measured), asks=tuple(asks))


async def _fill(home: Home, size: int, held: int, sources: int, sentences: Iterator[str]) -> tuple[int, int]:
    memory = SqliteMemory(home.memory, "default", WordLlamaEmbedder())
    try:
        with closing(SqliteCatalogue(home.catalogue)) as catalogue:
            return await fill(catalogue, memory, size, sentences, held=held, sources=sources)
    finally:
        await memory.close()


async def _measured(home: Home, held: int, rounds: int) -> Size:
    embedder = WordLlamaEmbedder()
    embedder.embed(["loaded before the clock starts"])
    questions = [f"Did Speaker 1 say {' '.join(text.split()[1:12:4])}?" for text in islice(made_up_sentences(), rounds)]
    resident, began = _resident(), time.perf_counter()
    memory = SqliteMemory(home.memory, "default", embedder)
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        try:
            stores = Stores(catalogue.passages, catalogue.words, memory, embedder)
            await search(questions[0], 10, stores)
            opening = time.perf_counter() - began
            cpu, alone = time.process_time(), [await _timed(question, stores) for question in questions]
            cpu = (time.process_time() - cpu) / rounds
            at_once: list[float] = []
            for first in range(0, rounds, _AT_ONCE):
                async with anyio.create_task_group() as tasks:
                    for question in questions[first : first + _AT_ONCE]:
                        tasks.start_soon(_noted, question, stores, at_once)
            together = [await _together(question, stores) for question in questions]
            return Size(
                passages=held,
                opening=opening,
                median=percentile(sorted(alone), 50),
                p95=percentile(sorted(alone), 95),
                cpu=cpu,
                at_once_median=percentile(sorted(at_once), 50),
                at_once_p95=percentile(sorted(at_once), 95),
                together=percentile(sorted(together), 50),
                resident=max(0, _resident() - resident),
            )
        finally:
            await memory.close()


def _asked(home: Home, held: int, profile: str) -> Asks:
    """Some questions one after the other, the same once more, and twenty others at once."""
    with SimulatedModel(PROFILES[profile]) as model:
        settings = Settings.model_validate(
            {"home": home.folder, "model": {"base_url": model.base_url, "name": "simulated"}}
        )

        def seconds(question: str) -> float:
            began = time.perf_counter()
            answered = ask_memory(settings, "default", question, 5, Silent(), engine=Engine.LLM)
            if answered is None or not answered.sentences:
                raise AssertionError(f"no answer to {question}: there is nothing to measure")
            return time.perf_counter() - began

        texts = [" ".join(text.split()[1::4]) for text in islice(made_up_sentences(), _QUESTIONS + _AT_ONCE)]
        questions = [f"Why did they speak of {text}?" for text in texts]
        first = [seconds(question) for question in questions[:_QUESTIONS]]
        calls = len(model.calls.all)
        second = [seconds(question) for question in questions[:_QUESTIONS]]
        calls = len(model.calls.all) - calls
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            at_once = list(pool.map(seconds, questions[_QUESTIONS:]))
    return Asks.of(held, first, second, at_once).model_copy(update={"calls_again": calls})


async def _timed(question: str, stores: Stores) -> float:
    began = time.perf_counter()
    await search(question, 10, stores)
    return time.perf_counter() - began


async def _noted(question: str, stores: Stores, into: list[float]) -> None:
    into.append(await _timed(question, stores))


async def _together(question: str, stores: Stores) -> float:
    """The strategies' time side by side over the slowest one's own."""
    asked, pool = understand(question, stores, Filters(), None, _TODAY), Pool()
    began = time.perf_counter()
    await side_by_side(asked, stores, WEIGHTS, pool)
    return (time.perf_counter() - began) / max(pool.seconds.values())


def _resident() -> int:
    """Bytes of this process in memory; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except OSError:
        return 0


def search_markdown(searches: Searches) -> str:
    """A table with a row for each size."""
    rows = [
        [
            f"{size.passages:,}",
            f"{size.opening:.2f}",
            f"{size.median * 1000:.0f}",
            f"{size.p95 * 1000:.0f}",
            f"{size.cpu * 1000:.0f}",
            f"{size.at_once_median * 1000:.0f}",
            f"{size.at_once_p95 * 1000:.0f}",
            f"{size.together:.2f}",
            f"{size.resident / 1e6:.0f}",
        ]
        for size in searches.sizes
    ]
    heads = [
        "passages",
        "opening and first search s",
        "median ms",
        "p95 ms",
        "CPU ms",
        "20 at once: median ms",
        "p95 ms",
        "together / slowest",
        "memory MB",
    ]
    promise = (
        f"Promised at {AT:,} passages: p95 at most {PROMISED * 1000:.0f} ms alone, and the strategies together at most "
        f"{TOGETHER} times the slowest: {searches.verdict}."
    )
    asked = [
        [
            f"{each.passages:,}",
            f"{each.average:.2f}",
            f"{each.most:.2f}",
            f"{each.at_once_average:.2f}",
            f"{each.at_once_most:.2f}",
            f"{each.again * 1000:.0f}",
            f"{each.faster:.0f}",
            f"{each.calls_again}",
            "yes" if each.kept else "**no**",
        ]
        for each in searches.asks
    ]
    asking = [
        "passages",
        "average s",
        "most s",
        "20 at once: average s",
        "most s",
        "again ms",
        "times faster",
        "calls again",
        "kept",
    ]
    asks = (
        "A question, with a *simulated* model that takes a second to begin, from opening the stores to the answer. "
        f"Promised: average {AVERAGE:.0f} s, most {MOST:.0f} s, the same question again {AGAIN:.0f} times faster.\n\n"
        f"{table(asking, asked)}\n"
        if asked
        else ""
    )
    return (
        "## Search\n\n"
        f"`{searches.command}`, {searches.made}. In process, embedded stores, made-up talks; each question has a "
        "name and three words, so keywords, vectors and names are looked for side by side.\n\n"
        f"{table(heads, rows)}\n{promise}\n\n{asks}{on_machine(searches.machine)}.\n"
    )
