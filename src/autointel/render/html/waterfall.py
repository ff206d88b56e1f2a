"""Where the time went: a bar for every step on one axis that begins with the crew's start."""

from __future__ import annotations

from dataclasses import dataclass

from autointel.domain.report import Report
from autointel.domain.run import Outcome, StepReport
from autointel.render.figures import seconds
from autointel.render.html.axis import Tick
from autointel.render.timing_chart import ticks


@dataclass(frozen=True)
class Bar:
    """A step. ``x`` and ``width`` are in per cent; ``width`` is 0 where nothing ran."""

    step: StepReport
    x: float
    width: float
    took: str
    critical: bool


@dataclass(frozen=True)
class Waterfall:
    """All steps, in the crew's order."""

    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]


def waterfall_of(report: Report) -> Waterfall:
    """The picture of a run's time."""
    end = max((step.started + step.seconds for step in report.steps), default=0.0)
    return Waterfall(
        # What is written near the right edge would be cut off.
        tuple(Tick(_share(each, end), f"{each:g} s") for each in ticks(end) if each <= end * 0.9),
        tuple(_bar(step, end, critical=step.name in report.timing.critical_path) for step in report.steps),
    )


def _bar(step: StepReport, end: float, *, critical: bool) -> Bar:
    ran = step.seconds > 0 and step.outcome not in {Outcome.SKIPPED, Outcome.DECLINED}
    if not ran:
        return Bar(step, 0.0, 0.0, "", critical=False)
    x = min(99.4, _share(step.started, end))
    # A bar that is too short to be seen is drawn all the same.
    return Bar(step, x, max(0.6, _share(step.seconds, end)), seconds(step.seconds), critical)


def _share(time: float, end: float) -> float:
    return round(100 * time / end, 2) if end > 0 else 0.0
