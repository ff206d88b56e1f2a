"""What becomes of a storing step whose store does not answer: everything it should hold waits in the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from pydantic import BaseModel

from autointel.errors import StoreUnavailable
from autointel.pipeline.step import Done
from autointel.ports import Outbox

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
