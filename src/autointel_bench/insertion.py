"""Inserting many items into a store: item by item and in batches, one and many in flight, against a stated latency."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import anyio

from autointel.adapters.graph.cypher import CypherGraph
from autointel.adapters.graph.ladybug import LadybugGraph
from autointel.adapters.insertion import InsertionLimits, InsertionWriter
from autointel.adapters.vectors.records import EmbeddingMemory
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.domain.knowledge import Entity
from autointel.domain.notes import EntityKind
from autointel.domain.value import Value, content_id
from autointel.errors import AutointelError, StoreUnavailable
from autointel.ports import Remembered
from autointel_bench.figures import on_machine, table
from autointel_bench.machine import Machine, machine, now
from autointel_bench.simulated.profile import StoreLatency

ITEMS: Final = 100
CONCURRENCY: Final = (1, 5, 10, 20, 50)
BATCHES: Final = (10, 20, 50, 100)
LATENCY: Final = StoreLatency(request_seconds=0.05, item_seconds=0.0005)
ONE_BY_ONE_TARGET: Final = 9.0
"""Times as fast as one item after the other, with 10 in flight."""
BATCHED_TARGET: Final = 50.0
_REAL_ITEMS: Final = 1000
_REAL_BATCHES: Final = (1, 10, 50, 200)
_ADAPTIVE: Final = "adaptive, up to 50"
_ROOM: Final = ((120.0, 20), (120.0, 10), (120.0, 5))
_WAIT: Final = 1.0  # the least that a Retry-After can ask for
_CROWDED: Final = StoreLatency(request_seconds=0.2, item_seconds=0)
_MINUTES: Final = 6
_RECOMMENDED: Final = """
What to set, by situation (`memory.batch_size`, `memory.max_concurrent_memory_insertions`):

| situation | batch | in flight |
| --- | --- | --- |
| stores in files under the home (no server) | 50; 200 to rebuild a large library | one, whatever is set |
| a server on this machine or in the same network | 50 to 200 | 10 |
| a server far away (50 ms and more) | 50 | 10; 20 for records in the thousands |
| a server that refuses (429), or is shared | 50 | 10, adaptive (the default) |
| records that fail by the batch, to see which | 1 | 10 |
"""
Answer = TypeVar("Answer")


class Insertion(Value):
    """``items`` inserted in ``seconds``; ``seconds_to_read_back`` is for asking whether all of them are there."""

    store: str
    batch: int
    concurrency: int
    items: int
    seconds: float
    seconds_to_read_back: float | None = None

    @property
    def each(self) -> float:
        """Milliseconds an item."""
        return self.seconds / self.items * 1000


class Pushback(Value):
    """Items stored within a stated time by a store whose room changes, and how many requests it refused."""

    limit: str
    items: int
    refused: int


class Insertions(Value):
    """The whole benchmark. The first of ``simulated`` is one item after the other."""

    kind: str = "insert"
    command: str
    made: str
    machine: Machine
    simulated: tuple[Insertion, ...]
    real: tuple[Insertion, ...]
    pushback: tuple[Pushback, ...]

    @property
    def baseline(self) -> Insertion:
        """One item after the other."""
        return self.simulated[0]

    def gain(self, insertion: Insertion) -> float:
        """How many times as fast as one item after the other."""
        return self.baseline.seconds / insertion.seconds

    @property
    def one_by_one(self) -> float:
        """The gain with 10 items in flight, each in a request of its own."""
        return next(self.gain(each) for each in self.simulated if (each.batch, each.concurrency) == (1, 10))

    @property
    def batched(self) -> float:
        """The largest gain of those in batches, 10 of them in flight."""
        return max(self.gain(each) for each in self.simulated if each.batch > 1 and each.concurrency == 10)  # noqa: PLR2004

    @property
    def adaptive_gain(self) -> float:
        """How many times as many items the adaptive limit stores as the best fixed one."""
        fixed = max(each.items for each in self.pushback if each.limit != _ADAPTIVE)
        return next(each.items for each in self.pushback if each.limit == _ADAPTIVE) / fixed

    @property
    def within_targets(self) -> bool:
        """Whether all three promises are kept."""
        return self.one_by_one >= ONE_BY_ONE_TARGET and self.batched >= BATCHED_TARGET and self.adaptive_gain > 1


class SimulatedStore:
    """Takes the stated time for a request and for each item in it; keeps what it is given."""

    def __init__(self, latency: StoreLatency = LATENCY) -> None:
        self._latency = latency
        self._kept: set[int] = set()

    async def store(self, items: Sequence[int]) -> None:
        """A request with so many items."""
        await anyio.sleep(self._latency.writing(len(items)))
        self._kept.update(items)

    async def missing(self, items: Sequence[int]) -> set[int]:
        """A request that asks."""
        await anyio.sleep(self._latency.reading())
        return set(items) - self._kept


class CrowdedStore:
    """A store with room for some requests at once, and for fewer while others keep it busy.

    One request too many, and everything is refused for ``wait`` seconds, with a 429 that asks to wait so long: what
    gateways do. ``room`` pairs seconds with requests, over and over; ``clock`` gives seconds.
    """

    def __init__(
        self, room: Sequence[tuple[float, int]], wait: float, latency: StoreLatency, clock: Callable[[], float]
    ) -> None:
        self._room = room
        self._wait = wait
        self._latency = latency
        self._clock = clock
        self._in_flight = 0
        self._closed_until = 0.0
        self.refused = 0

    async def store(self, items: Sequence[int]) -> None:
        """A request with so many items. Raises StoreUnavailable."""
        now = self._clock()
        if self._in_flight >= self._room_at(now):
            self._closed_until = now + self._wait
        if now < self._closed_until:
            self.refused += 1
            await anyio.sleep(self._latency.request_seconds / 10)
            raise StoreUnavailable("Too many requests.", passing=True, wait=self._wait)
        self._in_flight += 1
        try:
            await anyio.sleep(self._latency.writing(len(items)))
        finally:
            self._in_flight -= 1

    def _room_at(self, now: float) -> int:
        at = now % sum(seconds for seconds, _ in self._room)
        for seconds, room in self._room:
            if at < seconds:
                return room
            at -= seconds
        return self._room[-1][1]


def measure_insertions(
    *, neo4j: str | None, command: str, on_progress: Callable[[str], object], items: int = _REAL_ITEMS
) -> Insertions:
    """Everything in one run, in this process. ``neo4j`` is the URI of a server without a password, whose namespace
    "bench" is written to; each real store is given ``items``. Blocks. Raises StoreUnavailable.
    """
    simulated = anyio.run(_sweep, on_progress)
    pushback = [_crowded(concurrency, on_progress) for concurrency in (5, 10, 20, 50, None)]
    with tempfile.TemporaryDirectory(prefix="autointel-bench-") as folder:
        real = anyio.run(_real, Path(folder), neo4j, on_progress, items)
    return Insertions(
        command=command,
        made=now(),
        machine=machine(),
        simulated=tuple(simulated),
        real=tuple(real),
        pushback=tuple(pushback),
    )


async def _sweep(on_progress: Callable[[str], object]) -> list[Insertion]:
    return [await _once(batch, concurrency, on_progress) for batch in (1, *BATCHES) for concurrency in CONCURRENCY]


async def _once(batch: int, concurrency: int, on_progress: Callable[[str], object]) -> Insertion:
    on_progress(f"simulated: {ITEMS} items, {batch} a request, {concurrency} in flight")
    store = SimulatedStore()
    limits = InsertionLimits(batch_size=batch, max_concurrent=concurrency, adaptive=False)
    writer = InsertionWriter("The simulated store", store.store, limits)
    began = time.perf_counter()
    inserted = await writer.insert(range(ITEMS))
    seconds = time.perf_counter() - began
    missing = await store.missing(range(ITEMS))
    if inserted.stored != ITEMS or missing:
        raise AutointelError(f"{len(missing)} of {ITEMS} items did not arrive.", "Run it again with --debug.")
    return Insertion(
        store="simulated",
        batch=batch,
        concurrency=concurrency,
        items=ITEMS,
        seconds=seconds,
        seconds_to_read_back=time.perf_counter() - began - seconds,
    )


def _crowded(concurrency: int | None, on_progress: Callable[[str], object]) -> Pushback:
    name = _ADAPTIVE if concurrency is None else f"fixed, {concurrency}"
    on_progress(f"simulated 429s: {name}")

    async def stored() -> Pushback:
        clock = asyncio.get_running_loop().time
        store = CrowdedStore(_ROOM, _WAIT, _CROWDED, clock)
        limits = InsertionLimits(batch_size=1, max_concurrent=concurrency or 50, adaptive=concurrency is None)
        writer = InsertionWriter("The crowded store", store.store, limits, clock=clock)
        with anyio.move_on_after(60 * _MINUTES):
            await writer.insert(iter(range(10**9)))
        return Pushback(limit=name, items=writer.get_insertion_metrics().total_items_inserted, refused=store.refused)

    return in_simulated_time(stored)


async def _real(folder: Path, neo4j: str | None, on_progress: Callable[[str], object], items: int) -> list[Insertion]:
    from autointel.adapters.embedders import WordLlamaEmbedder

    embedder = WordLlamaEmbedder()
    embedder.embed(["The weights are loaded before the clock starts."])
    found = []
    for batch in _REAL_BATCHES:
        limits = InsertionLimits(batch_size=batch)
        memory = SqliteMemory(folder / f"memory-{batch}", "bench", embedder, limits=limits)
        graph = LadybugGraph(folder / f"graph-{batch}", "bench", locks=folder / "locks", limits=limits)
        stores: list[tuple[str, EmbeddingMemory | CypherGraph]] = [
            ("SQLite, with embedding", memory),
            ("ladybug", graph),
        ]
        if neo4j:
            from autointel.adapters.graph.neo4j import Neo4jGraph

            stores.append(("Neo4j", Neo4jGraph(neo4j, "bench", limits=limits)))
        for name, store in stores:
            on_progress(f"{name}: {items} items, {batch} a request")
            found.append(await _into(name, store, batch, items))
            await store.close()
    return found


async def _into(name: str, store: EmbeddingMemory | CypherGraph, batch: int, items: int) -> Insertion:
    ids = [content_id("bench", name, str(batch), str(at)) for at in range(items)]
    await store.missing(ids[:1])  # opens it
    write: Callable[[], Awaitable[None]]
    if isinstance(store, CypherGraph):
        entities = [Entity(id=id_, name=f"Entity {id_}", kind=EntityKind.OTHER, mentions=1) for id_ in ids]
        write = lambda: store.relate(entities, [])  # noqa: E731
    else:
        records = [
            Remembered(record_id=id_, kind="passage", source_id="bench", passage_id=id_, text=f"Bus {at} runs late.")
            for at, id_ in enumerate(ids)
        ]
        write = lambda: store.remember(records)  # noqa: E731
    began = time.perf_counter()
    await write()
    seconds = time.perf_counter() - began
    if await store.missing(ids):
        raise AutointelError(f"Not all items arrived in {name}.", "Run it again with --debug.")
    metrics = store.get_insertion_metrics()
    if isinstance(store, CypherGraph):
        await store.forget(ids)
    return Insertion(
        store=name,
        batch=batch,
        concurrency=metrics.max_concurrent_insertions,
        items=items,
        seconds=seconds,
        seconds_to_read_back=time.perf_counter() - began - seconds,
    )


def insertions_markdown(insertions: Insertions) -> str:
    """The result as a section of the page."""
    by = {(each.batch, each.concurrency): each for each in insertions.simulated}
    rows = [
        [
            "item by item" if batch == 1 else f"{batch} a request",
            *(_shown(insertions, by[batch, concurrency]) for concurrency in CONCURRENCY),
        ]
        for batch in (1, *BATCHES)
    ]
    real = [
        [each.store, str(each.batch), str(each.concurrency), f"{each.each:.2f} ms", f"{each.items / each.seconds:,.0f}"]
        for each in insertions.real
    ]
    pushback = [[each.limit, f"{each.items:,}", f"{each.refused:,}"] for each in insertions.pushback]
    read_back = max(each.seconds_to_read_back or 0 for each in insertions.simulated)
    room = ", then ".join(f"{room} for {seconds:g} s" for seconds, room in _ROOM)
    return (
        "## Inserting into a store\n\n"
        f"`{insertions.command}`, {insertions.made}. {ITEMS} items into a *simulated* store of "
        f"{LATENCY.request_seconds * 1000:g} ms a request and {LATENCY.item_seconds * 1000:g} ms an item: milliseconds "
        "an item, and how many times as fast as one after the other, by requests in flight.\n\n"
        + table(["", *map(str, CONCURRENCY)], rows)
        + f"\nItem by item with 10 in flight: **{insertions.one_by_one:.1f}×** (target: {ONE_BY_ONE_TARGET:g}×); "
        f"batched: **{insertions.batched:.0f}×** (target: {BATCHED_TARGET:g}×). "
        f"Reading back takes {read_back * 1000:.0f} ms more.\n\n"
        f"One item a request, {_MINUTES} *simulated* minutes, into a *simulated* store of "
        f"{_CROWDED.request_seconds * 1000:g} ms a request that has room for {room}. One request too many, and "
        f"everything is refused for {_WAIT:g} s with a 429:\n\n"
        + table(["limit", "items stored", "requests refused"], pushback)
        + f"\nAdaptive against the best fixed limit: **{insertions.adaptive_gain:.2f}×**.\n\n"
        f"{_REAL_ITEMS:,} items into real stores on this machine, which the writer gives one batch at a time:\n\n"
        + table(["store", "batch", "in flight", "an item", "items/s"], real)
        + _RECOMMENDED
        + f"\n{on_machine(insertions.machine)}.\n"
    )


def _shown(insertions: Insertions, insertion: Insertion) -> str:
    return f"{insertion.each:.2f} ms ({insertions.gain(insertion):.1f}×)"


class SimulatedTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer: minutes of waiting take no time, and every run is the same.

    For work that only waits for timers; threads and sockets would be overtaken.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now

    def _run_once(self) -> None:
        # The standard library's own queues: callbacks that are due, and timers by their time.
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self._now = max(self._now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def in_simulated_time(work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
    """The answer of ``work``, with ``asyncio.get_running_loop().time`` as its only clock."""
    with asyncio.Runner(loop_factory=SimulatedTimeLoop) as runner:
        return runner.run(work())
