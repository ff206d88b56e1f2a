"""Layers and stores written one after the other, and side by side, against stated latencies."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

import anyio

from autointel.domain.value import Value
from autointel.errors import AutointelError, StoreUnavailable
from autointel.pipeline.store import Layer, write_layers
from autointel_bench.figures import on_machine, table
from autointel_bench.insertion import SimulatedStore
from autointel_bench.machine import Machine, machine, now
from autointel_bench.simulated.profile import StoreLatency

_ITEMS: Final = 10
RAW_TARGET: Final = 0.1
"""Seconds for 10 raw passages."""
# Seconds that each write to a store takes: as stated by the systems that this follows.
_CASES: Final[Mapping[str, tuple[Mapping[str, float], float]]] = {
    "three stores": ({"vectors": 0.05, "graph": 0.05, "catalogue": 0.05}, 2.7),
    "three layers": ({"passages": 0.13, "episodes": 0.135, "relations": 0.135}, 2.7),
    "four layers": ({"passages": 0.12, "episodes": 0.125, "entities": 0.125, "relations": 0.13}, 3.3),
}


class Overlap(Value):
    """The same writes one after the other and side by side, in seconds; ``within`` where one fails."""

    name: str
    writes: int
    one_by_one: float
    side_by_side: float
    target: float

    @property
    def gain(self) -> float:
        """How many times as fast."""
        return self.one_by_one / self.side_by_side


class Layers(Value):
    """The whole benchmark. ``raw_seconds`` is for 10 raw passages; ``isolated``: a failed layer cost no other."""

    kind: str = "layers"
    command: str
    made: str
    machine: Machine
    overlaps: tuple[Overlap, ...]
    raw_seconds: float
    isolated: bool

    @property
    def within_targets(self) -> bool:
        """Whether every promise is kept."""
        return (
            self.isolated and self.raw_seconds < RAW_TARGET and all(each.gain >= each.target for each in self.overlaps)
        )


def measure_layers(*, command: str) -> Layers:
    """Every case in this process. Blocks."""
    overlaps = [anyio.run(_overlap, name, *case) for name, case in _CASES.items()]
    raw, isolated = anyio.run(_raw), anyio.run(_isolated)
    return Layers(
        command=command, made=now(), machine=machine(), overlaps=tuple(overlaps), raw_seconds=raw, isolated=isolated
    )


async def _overlap(name: str, seconds: Mapping[str, float], target: float) -> Overlap:
    # A layer asks what is missing, stores, and reads back: three requests, each a third of the stated time.
    began = time.perf_counter()
    for layer, stated in seconds.items():
        _whole(await write_layers({layer: _layer(SimulatedStore(_latency(stated)))}))
    one_by_one = time.perf_counter() - began
    began = time.perf_counter()
    _whole(await write_layers({layer: _layer(SimulatedStore(_latency(stated))) for layer, stated in seconds.items()}))
    side_by_side = time.perf_counter() - began
    return Overlap(name=name, writes=len(seconds), one_by_one=one_by_one, side_by_side=side_by_side, target=target)


def _latency(stated: float) -> StoreLatency:
    return StoreLatency(request_seconds=stated / 3, item_seconds=0)


async def _raw() -> float:
    """Without read-back, as its target was stated."""
    store = SimulatedStore(StoreLatency(request_seconds=0.05, item_seconds=0.0001))
    began = time.perf_counter()
    await store.store(range(_ITEMS))
    return time.perf_counter() - began


async def _isolated() -> bool:
    async def down(_: object) -> set[str]:
        raise StoreUnavailable("Nobody is there.", down=True)

    broken = Layer([str(at) for at in range(_ITEMS)], down, _nothing)
    written = await write_layers({"passages": _layer(SimulatedStore(_latency(0.03))), "relations": broken})
    return not written["passages"].lost and len(written["relations"].lost) == _ITEMS


async def _nothing(_: set[str]) -> None:
    """A store that is never reached."""


def _layer(store: SimulatedStore) -> Layer:
    async def missing(ids: Sequence[str]) -> set[str]:
        return {str(each) for each in await store.missing([int(each) for each in ids])}

    async def keep(ids: set[str]) -> None:
        await store.store([int(each) for each in ids])

    return Layer([str(at) for at in range(_ITEMS)], missing, keep)


def _whole(written: Mapping[str, object]) -> None:
    for each in written.values():
        if getattr(each, "lost", True):
            raise AutointelError("Not all items arrived.", "Run it again with --debug.")


def layers_markdown(layers: Layers) -> str:
    """The result as a section of the page."""
    rows = [
        [
            each.name,
            str(each.writes),
            f"{each.one_by_one * 1000:.0f} ms",
            f"{each.side_by_side * 1000:.0f} ms",
            f"{each.gain:.2f}×",
            f"{each.target:g}×",
        ]
        for each in layers.overlaps
    ]
    isolated = "cost no other layer" if layers.isolated else "cost others"
    return (
        "## Layers side by side\n\n"
        f"`{layers.command}`, {layers.made}. {_ITEMS} items into each of several *simulated* stores: asked what is "
        "missing, stored, and read back.\n\n"
        + table(["", "writes", "one by one", "side by side", "gain", "target"], rows)
        + f"\n{_ITEMS} raw passages in one request: {layers.raw_seconds * 1000:.0f} ms (target: under "
        f"{RAW_TARGET * 1000:.0f} ms). A layer whose store is down {isolated}.\n\n"
        f"{on_machine(layers.machine)}.\n"
    )
