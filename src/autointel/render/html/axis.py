"""The axis of a recording (seconds, or paragraphs where times are unknown), and that of the run's own steps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Final

from autointel.domain.citation import Citation
from autointel.domain.report import Report, ReportedClaim, Results
from autointel.domain.run import Outcome, StepReport
from autointel.domain.transcript import Chapter
from autointel.render.plain_text import seconds
from autointel.render.sheet import moment
from autointel.render.timing_chart import ticks

# Round for people who read clocks; above the last, its multiples.
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000)
_PARAGRAPHS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_MOST_TICKS: Final = 5
# Per cent kept free at both ends, so that a mark at the very beginning is not cut in two.
_MARGIN: Final = 2.0

Placed = Citation | ReportedClaim | Chapter


@dataclass(frozen=True)
class Tick:
    """A place that is written on the axis; ``x`` is in per cent."""

    x: float
    text: str


@dataclass(frozen=True)
class Axis:
    """From ``first`` to ``last``, in seconds if ``timed``, else in paragraphs."""

    first: float
    last: float
    timed: bool

    def x(self, place: float) -> float:
        """Where a place stands, in per cent of the width; what lies outside is moved to the nearer end."""
        length = self.last - self.first
        share = (place - self.first) / length if length > 0 else 0.0
        return round(_MARGIN + (100 - 2 * _MARGIN) * min(1.0, max(0.0, share)), 2)

    def ticks(self) -> tuple[Tick, ...]:
        """Round places, six at most."""
        steps = _STEPS if self.timed else _PARAGRAPHS
        length = self.last - self.first
        step = next((each for each in steps if length / each <= _MOST_TICKS), 0)
        if not step:
            step = steps[-1] * -int(-length // (steps[-1] * _MOST_TICKS))
        first = 0 if self.timed else step
        places = chain(() if self.timed else (1,), range(first, int(self.last) + 1, step))
        return tuple(Tick(self.x(each), self.name(each)) for each in dict.fromkeys(places))

    def name(self, place: float) -> str:
        """The place as people write it."""
        return moment(place, None) if self.timed else moment(None, int(place))


def axis_of(results: Results) -> Axis:
    """The whole recording, from its beginning to the last second or paragraph that is known."""
    transcript = results.transcript
    if transcript.timed:
        return Axis(0.0, max(results.source.duration_seconds or 0.0, transcript.duration or 0.0), timed=True)
    return Axis(1.0, float(max(segment.paragraph or 1 for segment in transcript.segments)), timed=False)


def place_of(placed: Placed, axis: Axis) -> float | None:
    """Where it stands on the axis, or None where that is not known."""
    place = placed.start if axis.timed else placed.paragraph
    return None if place is None else float(place)


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
