"""The time of a recording as pictures: its axis, the strip of who speaks when, and the steps of the run.

The axis is in seconds, or in paragraphs where times are unknown. The strip has a lane for each speaker with their
share, the chapters above, and a dot for each claim. Widths are in per cent and heights in pixels, so the letters keep
their size on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Final

from autointel.domain.analysis import Statement
from autointel.domain.citation import Citation
from autointel.domain.report import Report, ReportedClaim, Results
from autointel.domain.run import Outcome, StepReport
from autointel.domain.transcript import Chapter, Segment, word_count
from autointel.render.durations import ticks
from autointel.render.html.parts import VERDICTS, anchor
from autointel.render.plain_text import plain, seconds, shortened
from autointel.render.sheet import duration_in_words, moment

ROW: Final = 24  # pixels: what a finger hits
_MOST_ROWS: Final = 5
_APART: Final = 8.4  # per cent between two dots of a row: 24 pixels on the narrowest screen
_WORDS: Final = 90
_MOST_SPEAKERS: Final = 8
_NAME: Final = 40
_JOINED: Final = 0.25  # per cent; a shorter silence between two stretches is not to be seen
# Round for people who read clocks; above the last, its multiples.
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000)
_PARAGRAPHS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_MOST_TICKS: Final = 5
# Per cent kept free at both ends, so that a mark at the very beginning is not cut in two.
_MARGIN: Final = 2.0
Placed = Citation | ReportedClaim | Chapter


@dataclass(frozen=True)
class Stretch:
    """A part of a lane, in per cent."""

    x: float
    width: float


@dataclass(frozen=True)
class Lane:
    """One speaker. ``share`` is of the words, from 0 to 1; ``amount`` is time where times are known."""

    name: str
    share: float
    amount: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class ChapterMark:
    """A chapter on the axis."""

    anchor: str
    title: str
    label: str
    x: float
    width: float


@dataclass(frozen=True)
class Dot:
    """A claim on the axis. ``tone`` names its colour; ``label`` says in words what ``sign`` stands for."""

    anchor: str
    sign: str
    tone: str
    label: str
    x: float
    row: int = 0


@dataclass(frozen=True)
class Strip:
    """All lanes over one axis. ``named`` where the source names its speakers."""

    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    chapters: tuple[ChapterMark, ...]
    dots: tuple[Dot, ...]
    timed: bool
    named: bool

    @property
    def height(self) -> int:
        """Pixels that the dots need."""
        return ROW * (1 + max((dot.row for dot in self.dots), default=0))


def strip_of(report: Report, results: Results) -> Strip | None:
    """The picture, or None where there is nothing to show on it."""
    axis = axis_of(results)
    lanes = tuple(_lanes(results.transcript.segments, axis))
    named = any(segment.speaker for segment in results.transcript.segments)
    claims = report.fact_check.claims
    dots = _in_rows([*_claims(claims, axis)] or [*_statements(report.analysis.statements, axis)])
    marks = tuple(_chapters(results.chapters, axis))
    if not (named or marks or dots):
        return None
    return Strip(axis.ticks(), lanes if named else (), marks, dots, axis.timed, named)


def _lanes(segments: Sequence[Segment], axis: Axis) -> Iterator[Lane]:
    amounts: dict[str, float] = {}
    words: dict[str, int] = {}
    places: dict[str, list[tuple[float, float]]] = {}
    for segment in segments:
        name = shortened(plain(segment.speaker or ""), _NAME) or "not named"
        start, end = _extent(segment)
        said = word_count(segment.text)
        words[name] = words.get(name, 0) + said
        amounts[name] = amounts.get(name, 0.0) + (end - start if axis.timed else said)
        places.setdefault(name, []).append((start, end))
    whole = sum(words.values()) or 1
    ranked = sorted(words, key=lambda name: -words[name])
    rest = ranked[_MOST_SPEAKERS:]
    for name in ranked[:_MOST_SPEAKERS]:
        yield Lane(name, words[name] / whole, _amount(amounts[name], axis), _joined(places[name], axis))
    if rest:
        amount = sum(amounts[name] for name in rest)
        held = sorted(place for name in rest for place in places[name])
        share = sum(words[name] for name in rest) / whole
        yield Lane(f"{len(rest)} others", share, _amount(amount, axis), _joined(held, axis))


def _extent(segment: Segment) -> tuple[float, float]:
    if segment.start is not None and segment.end is not None:
        return segment.start, segment.end
    place = float(segment.paragraph or 1)
    return place, place + 1


def _amount(amount: float, axis: Axis) -> str:
    return (duration_in_words(amount) or "0 s") if axis.timed else f"{amount:,.0f} words"


def _joined(places: Sequence[tuple[float, float]], axis: Axis) -> tuple[Stretch, ...]:
    spans: list[list[float]] = []
    for start, end in places:
        left, right = axis.x(start), axis.x(end)
        if spans and left - spans[-1][1] <= _JOINED:
            spans[-1][1] = max(spans[-1][1], right)
        else:
            spans.append([left, right])
    return tuple(Stretch(left, round(max(0.3, right - left), 2)) for left, right in spans)


def _claims(claims: Sequence[ReportedClaim], axis: Axis) -> Iterator[Dot]:
    for number, claim in enumerate(claims, 1):
        place = place_of(claim, axis)
        if place is not None:
            sign, word = VERDICTS[claim.verdict]
            label = f"claim {number}, {word}, {axis.name(place)}: {shortened(plain(claim.text), _WORDS)}"
            yield Dot(anchor("claim", number), sign, tone(claim.verdict), label, axis.x(place))


def _statements(statements: Sequence[Statement], axis: Axis) -> Iterator[Dot]:
    for number, statement in enumerate(statements, 1):
        place = place_of(statement.citations[0], axis)
        if place is not None:
            label = f"possible claim {number}, {axis.name(place)}: {shortened(plain(statement.text), _WORDS)}"
            yield Dot(anchor("statement", number), "●", "none", label, axis.x(place))


def tone(verdict: str | None) -> str:
    """The class that colours a verdict."""
    return (verdict or "none").split("_")[0].lower()


def _in_rows(dots: Sequence[Dot]) -> tuple[Dot, ...]:
    """Each in the first row that has room there; where none has, in the one whose last dot is farthest."""
    reached = [-_APART] * _MOST_ROWS
    placed = []
    for dot in sorted(dots, key=lambda each: each.x):
        free = [row for row in range(_MOST_ROWS) if dot.x - reached[row] >= _APART]
        row = free[0] if free else min(range(_MOST_ROWS), key=reached.__getitem__)
        reached[row] = dot.x
        placed.append(replace(dot, row=row))
    return tuple(placed)


def _chapters(chapters: Sequence[Chapter], axis: Axis) -> Iterator[ChapterMark]:
    """From each chapter's start to the next one's."""
    begun = [(number, each, place_of(each, axis)) for number, each in enumerate(chapters, 1)]
    known = sorted(
        ((place, number, each) for number, each, place in begun if place is not None), key=lambda begin: begin[:2]
    )
    edges = [*(place for place, _, _ in known), max(axis.last, axis.first)]
    for (place, number, chapter), (start, end) in zip(known, pairwise(edges), strict=True):
        x, width = axis.x(start), round(axis.x(end) - axis.x(start), 2)
        title = shortened(plain(chapter.title), _WORDS)
        label = f"chapter {number}, {axis.name(place)}: {title}"
        yield ChapterMark(anchor("chapter", number), title, label, x, max(0.4, width))


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
        """The position of a place in per cent of the width; a place outside is moved to the nearer end."""
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
    """The place on the axis; None where it is not known."""
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
