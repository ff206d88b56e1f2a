"""The critical path: the longest chain of dependent steps, and the time outside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """When a step ran, in seconds after the crew's start."""

    started: float
    seconds: float

    @property
    def ended(self) -> float:
        """Seconds after the crew's start."""
        return self.started + self.seconds


@dataclass(frozen=True)
class Breakdown:
    """A run's time, in seconds.

    ``wall_seconds`` runs from the process's start, ``startup_seconds`` until the crew starts. ``efficiency`` is the
    critical path over the time the crew had: 1 means that nothing but data kept anything waiting.
    ``framework_seconds`` is what neither start-up nor any step accounts for.
    """

    wall_seconds: float
    startup_seconds: float
    steps_seconds: float
    critical_path_seconds: float
    critical_path: tuple[str, ...]
    efficiency: float
    framework_seconds: float


def critical_path(seconds: Mapping[str, float], needs: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], float]:
    """The chain of steps, each needing the one before, whose measured seconds sum to the most; and that sum.

    ``needs`` is ordered: every step stands after those it needs. A step that was not measured took no time, and one
    that took no time is not named. Of equal chains the one named first wins, so that the answer is always the same.
    """
    longest: dict[str, tuple[tuple[str, ...], float]] = {}
    for name, needed in needs.items():
        names, before = max((longest[need] for need in needed), key=lambda chain: chain[1], default=((), 0.0))
        own = seconds.get(name, 0.0)
        longest[name] = ((*names, name) if own > 0 else names, before + own)
    return max(longest.values(), key=lambda chain: chain[1], default=((), 0.0))


def slack(seconds: Mapping[str, float], needs: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """How much longer each step could have taken without making the longest chain longer: 0 on the critical path.

    ``needs`` is ordered, as for ``critical_path``.
    """
    done: dict[str, float] = {}
    for name, needed in needs.items():
        done[name] = max((done[need] for need in needed), default=0.0) + seconds.get(name, 0.0)
    end = max(done.values(), default=0.0)
    latest: dict[str, float] = {}
    for name in reversed(list(needs)):
        readers = [reader for reader, needed in needs.items() if name in needed]
        latest[name] = min((latest[reader] - seconds.get(reader, 0.0) for reader in readers), default=end)
    return {name: max(0.0, latest[name] - done[name]) for name in needs}


def covered(intervals: Iterable[Interval]) -> float:
    """Seconds in which at least one step ran: overlaps count once."""
    total, reached = 0.0, 0.0
    for interval in sorted(intervals, key=lambda each: each.started):
        total += max(0.0, interval.ended - max(interval.started, reached))
        reached = max(reached, interval.ended)
    return total


def timing_of(
    steps: Mapping[str, Interval],
    needs: Mapping[str, Sequence[str]],
    *,
    wall_seconds: float,
    startup_seconds: float,
) -> Breakdown:
    """The breakdown of a run from its steps; its fields are those of ``domain.run.Timing``."""
    path, longest = critical_path({name: step.seconds for name, step in steps.items()}, needs)
    crew_seconds = max(0.0, wall_seconds - startup_seconds)
    return Breakdown(
        wall_seconds=wall_seconds,
        startup_seconds=startup_seconds,
        steps_seconds=sum(step.seconds for step in steps.values()),
        critical_path_seconds=longest,
        critical_path=path,
        efficiency=longest / crew_seconds if crew_seconds else 0.0,
        framework_seconds=max(0.0, crew_seconds - covered(steps.values())),
    )
