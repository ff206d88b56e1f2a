"""How long things took: single measures, their distribution, the critical path, and counters of insertions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from pydantic import Field

from autointel.domain.run import StepName, Timing
from autointel.domain.value import Value

Name = TypeVar("Name", bound=str)


class Measure(Value):
    """One call of the model, query of memory or write to a store. ``name`` is the step or the search strategy.

    ``at`` is in Unix seconds; 0 until it is kept. ``cached`` where the answer was kept from before.
    """

    kind: Literal["call", "query", "store"]
    name: str
    seconds: float = Field(ge=0)
    failed: bool = False
    cached: bool = False
    at: float = 0.0


class Spread(Value):
    """How the times of one thing are spread, in seconds. Percentiles are by nearest rank: each was really measured."""

    kind: str
    name: str
    count: int
    average: float
    least: float
    most: float
    p95: float
    p99: float
    failed: int = 0
    cached: int = 0
    tokens: int = 0
    usd: float | None = 0.0

    @classmethod
    def of(cls, kind: str, name: str, seconds: Sequence[float], **more: object) -> Spread:
        """At least one time."""
        ranked = sorted(seconds)
        return cls.model_validate(
            {
                "kind": kind,
                "name": name,
                "count": len(ranked),
                "average": math.fsum(ranked) / len(ranked),
                "least": ranked[0],
                "most": ranked[-1],
                "p95": percentile(ranked, 95),
                "p99": percentile(ranked, 99),
                **more,
            }
        )


class Performance(Value):
    """Runs, calls and times of a stretch of time.

    ``runs`` counts runs by how they ended. ``hourly`` are runs begun in each hour, the oldest first. ``waiting`` counts
    what the outbox holds, ``waiting_hours`` is the age of the oldest. ``queued`` are the sources of batches by state.
    """

    since: datetime
    until: datetime
    runs: dict[str, int]
    hourly: tuple[int, ...]
    spreads: tuple[Spread, ...]
    model_calls: int = 0
    cached_calls: int = 0
    tokens: int = 0
    usd: float | None = 0.0
    waiting: int = 0
    waiting_hours: float = 0.0
    attempts: int = 0
    queued: dict[str, int] = Field(default_factory=dict)

    @property
    def cache_share(self) -> float | None:
        """The part of the model's answers that came from the cache; None where nothing was asked."""
        asked = self.model_calls + self.cached_calls
        return self.cached_calls / asked if asked else None

    @property
    def failed_share(self) -> float | None:
        """The part of ended runs that failed; None where none ended."""
        ended = sum(count for state, count in self.runs.items() if state != "running")
        return self.runs.get("failed", 0) / ended if ended else None


def percentile(ranked: Sequence[float], share: float) -> float:
    """The least value that ``share`` percent of ``ranked``, in ascending order, do not exceed."""
    return ranked[max(0, math.ceil(share / 100 * len(ranked)) - 1)]


def sparkline(values: Iterable[float]) -> str:
    """A chart one line high: a sign for each value, blank for 0."""
    some = list(values)
    most = max(some, default=0)
    signs = "▁▂▃▄▅▆▇█"
    return "".join(signs[math.ceil(each / most * len(signs)) - 1] if each > 0 else " " for each in some)


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
    """How one layer of memory was written in a run.

    ``new`` items were not stored before; ``error`` is empty where all are. The layers are "passages",
    "episodes" (key points and claims) and "relations" (with their entities).
    """

    layer: str
    items: int = Field(ge=0)
    new: int = Field(default=0, ge=0)
    seconds: float = Field(ge=0)
    error: str = ""


@dataclass(frozen=True)
class Interval:
    """When a step ran, in seconds after the crew's start."""

    started: float
    seconds: float

    @property
    def ended(self) -> float:
        """Seconds after the crew's start."""
        return self.started + self.seconds


def critical_path(
    seconds: Mapping[Name, float], needs: Mapping[Name, Sequence[Name]]
) -> tuple[tuple[Name, ...], float]:
    """The chain of steps, each needing the one before, whose measured seconds sum to the most; and that sum.

    ``needs`` is ordered: every step stands after those it needs. A step that was not measured took no time, and one
    that took no time is not named. Of equal chains the one named first wins, so that the answer is always the same.
    """
    longest: dict[Name, tuple[tuple[Name, ...], float]] = {}
    for name, needed in needs.items():
        names, before = max((longest[need] for need in needed), key=lambda chain: chain[1], default=((), 0.0))
        own = seconds.get(name, 0.0)
        longest[name] = ((*names, name) if own > 0 else names, before + own)
    return max(longest.values(), key=lambda chain: chain[1], default=((), 0.0))


def covered(intervals: Iterable[Interval]) -> float:
    """Seconds in which at least one step ran: overlaps count once."""
    total, reached = 0.0, 0.0
    for interval in sorted(intervals, key=lambda each: each.started):
        total += max(0.0, interval.ended - max(interval.started, reached))
        reached = max(reached, interval.ended)
    return total


def timing_of(
    steps: Mapping[StepName, Interval],
    needs: Mapping[StepName, Sequence[StepName]],
    *,
    wall_seconds: float,
    startup_seconds: float,
) -> Timing:
    """Where a run's time went, from its steps."""
    path, longest = critical_path({name: step.seconds for name, step in steps.items()}, needs)
    crew_seconds = max(0.0, wall_seconds - startup_seconds)
    return Timing(
        wall_seconds=wall_seconds,
        startup_seconds=startup_seconds,
        steps_seconds=sum(step.seconds for step in steps.values()),
        critical_path_seconds=longest,
        critical_path=path,
        efficiency=longest / crew_seconds if crew_seconds else 0.0,
        framework_seconds=max(0.0, crew_seconds - covered(steps.values())),
    )
