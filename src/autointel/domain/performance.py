"""How long things took: single measures, and their distribution."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from autointel.domain.value import Value


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
    """What happened in a stretch of time.

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
