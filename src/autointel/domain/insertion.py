"""Counters of insertions into a store."""

from __future__ import annotations

from pydantic import Field

from autointel.domain.value import Value


class InsertionMetrics(Value):
    """Insertions into one store since it was opened or its counters were reset.

    ``total_insertion_time_seconds`` is the time during which at least one batch was in flight; both averages rest on
    it. ``errors`` counts items that were not stored, ``errors_by_kind`` the same by what went wrong.
    ``max_concurrent_insertions`` is the upper limit of batches in flight, ``concurrency`` the limit that an adaptive
    writer had at the end.
    """

    total_items_inserted: int = Field(default=0, ge=0)
    total_insertion_time_seconds: float = Field(default=0.0, ge=0)
    batches_processed: int = Field(default=0, ge=0)
    errors: int = Field(default=0, ge=0)
    average_throughput_items_per_sec: float = Field(default=0.0, ge=0)
    average_latency_seconds_per_item: float = Field(default=0.0, ge=0)
    max_concurrent_insertions: int = Field(default=1, ge=1)
    concurrency: int = Field(default=1, ge=1)
    retries: int = Field(default=0, ge=0)
    errors_by_kind: dict[str, int] = Field(default_factory=dict)


class LayerWrite(Value):
    """What became of one layer of memory in a run. ``new`` items were not stored before; ``error`` is empty if all are.

    The layers are "passages", "episodes" (key points and claims) and "relations" (with their entities).
    """

    layer: str
    items: int = Field(ge=0)
    new: int = Field(default=0, ge=0)
    seconds: float = Field(ge=0)
    error: str = ""
