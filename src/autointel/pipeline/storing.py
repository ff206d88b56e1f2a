"""Layers of memory, written side by side; what a store that does not answer should hold waits in the outbox.

Each layer has a result of its own, and none waits for another.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, TypeVar

import anyio
from pydantic import BaseModel

from autointel.domain.performance import LayerWrite
from autointel.errors import NotAllStored, StoreUnavailable
from autointel.pipeline.step import Done
from autointel.ports import Outbox

PASSAGES: Final = "passages"
EPISODES: Final = "episodes"
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Layer:
    """Items by id, and the store that should hold them.

    ``missing`` says which ids are not stored; ``store`` stores those, durably. Both raise StoreUnavailable.
    """

    ids: Sequence[str]
    missing: Callable[[Sequence[str]], Awaitable[set[str]]]
    store: Callable[[set[str]], Awaitable[None]]


@dataclass(frozen=True)
class Written:
    """What became of a layer. ``lost`` are the ids that are not stored, and ``error`` says why."""

    write: LayerWrite
    lost: frozenset[str] = field(default_factory=frozenset)
    error: StoreUnavailable | None = None


async def write_layers(layers: Mapping[str, Layer]) -> dict[str, Written]:
    """Write all layers at the same time; a result for each, in the order of ``layers``.

    What a layer did not store before is stored and read back: it counts as stored once the store says that it is there.
    Errors of stores stay with their layer. Any other error is raised as it is, the first in the order of ``layers``,
    once every layer has ended.
    """
    written: dict[str, Written] = {}
    failures: dict[str, Exception] = {}

    async def write(name: str, layer: Layer) -> None:
        try:
            written[name] = await _write(name, layer)
        except Exception as error:  # noqa: BLE001  the task group would wrap it, and end the other layers
            failures[name] = error

    async with anyio.create_task_group() as tasks:
        for name, layer in layers.items():
            tasks.start_soon(write, name, layer)
    for name in layers:
        if name in failures:
            raise failures[name]
    return {name: written[name] for name in layers}


async def _write(name: str, layer: Layer) -> Written:
    began = perf_counter()
    new: set[str] = set()
    lost: frozenset[str] = frozenset()
    failure: StoreUnavailable | None = None
    try:
        if layer.ids:
            new = await layer.missing(layer.ids)
        if new:
            await layer.store(new)
            lost = frozenset(await layer.missing(sorted(new)))
        if lost:
            failure = StoreUnavailable(
                f"{len(lost)} {name} were sent and did not arrive.", "See the store's log, or try again."
            )
    except NotAllStored as error:
        lost, failure = error.lost, error
    except StoreUnavailable as error:
        # Before the store has said what it lacks, all of it may be lacking.
        lost, failure = frozenset(new or layer.ids), error
    seconds = perf_counter() - began
    write = LayerWrite(
        layer=name, items=len(layer.ids), new=len(new), seconds=seconds, error=failure.message if failure else ""
    )
    _log.info("layer %s: %d items, %d new, %d lost, %.0f ms", name, write.items, write.new, len(lost), seconds * 1000)
    return Written(write, lost, failure)


V = TypeVar("V", bound=BaseModel)

MEMORY: Final = "memory"
ENTITIES: Final = "entities"
RELATIONS: Final = "relations"
STALE_RECORDS: Final = "stale records"
STALE_RELATIONS: Final = "stale relations"
"""The kinds of what waits; entities before relations, which are stored between them. Stale ones are to be removed."""


async def kept_for_later(
    value: V, waiting: Mapping[str, Mapping[str, BaseModel]], outbox: Outbox, error: StoreUnavailable
) -> Done[V]:
    """The step's value, degraded. ``waiting`` has the records of each kind by their id. Raises HomeUnusable."""
    for kind, records in waiting.items():
        await outbox.put(kind, {record_id: record.model_dump_json() for record_id, record in records.items()})
    waits = " and ".join(f"{len(records):,} {_NAMES[kind]}" for kind, records in waiting.items() if records)
    return Done(
        value,
        shortfall=f"{error.message.rstrip('.')}; {waits} wait in the outbox",
        hint=f"{error.hint} Then autointel drain stores them.".lstrip(),
    )


_NAMES: Final = {MEMORY: "records", ENTITIES: "entities", RELATIONS: "relations"}
