"""Who speaks when: a lane for each speaker with their share, the chapters above, and a dot for each claim.

Widths are in per cent and heights in pixels, so the letters keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from autointel.domain.analysis import Statement
from autointel.domain.report import Report, ReportedClaim, Results
from autointel.domain.transcript import Chapter, Segment, word_count
from autointel.render.html.axis import Axis, Tick, axis_of, place_of
from autointel.render.html.parts import VERDICTS, anchor
from autointel.render.plain_text import plain, shortened
from autointel.render.sheet import duration_in_words

ROW: Final = 24  # pixels: what a finger hits
_MOST_ROWS: Final = 5
_APART: Final = 8.4  # per cent between two dots of a row: 24 pixels on the narrowest screen
_WORDS: Final = 90
_MOST_SPEAKERS: Final = 8
_NAME: Final = 40
_JOINED: Final = 0.25  # per cent; a shorter silence between two stretches is not to be seen


@dataclass(frozen=True)
class Stretch:
    """A part of a lane, in per cent."""

    x: float
    width: float


@dataclass(frozen=True)
class Lane:
    """One speaker. ``share`` is of the time spoken, or of the words where no times are known, from 0 to 1."""

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


def strip_of(report: Report, results: Results, chapters: Sequence[Chapter]) -> Strip | None:
    """The picture, or None where there is nothing to show on it."""
    axis = axis_of(results)
    lanes = tuple(_lanes(results.transcript.segments, axis))
    named = any(segment.speaker for segment in results.transcript.segments)
    claims = report.fact_check.claims
    dots = _in_rows([*_claims(claims, axis)] or [*_statements(report.analysis.statements, axis)])
    marks = tuple(_chapters(chapters, axis))
    if not (named or marks or dots):
        return None
    return Strip(axis.ticks(), lanes if named else (), marks, dots, axis.timed, named)


def _lanes(segments: Sequence[Segment], axis: Axis) -> Iterator[Lane]:
    amounts: dict[str, float] = {}
    places: dict[str, list[tuple[float, float]]] = {}
    for segment in segments:
        name = shortened(plain(segment.speaker or ""), _NAME) or "not named"
        start, end = _extent(segment)
        length = end - start if axis.timed else word_count(segment.text)
        amounts[name] = amounts.get(name, 0.0) + length
        places.setdefault(name, []).append((start, end))
    whole = sum(amounts.values()) or 1.0
    ranked = sorted(amounts, key=lambda name: -amounts[name])
    rest = ranked[_MOST_SPEAKERS:]
    for name in ranked[:_MOST_SPEAKERS]:
        yield Lane(name, amounts[name] / whole, _amount(amounts[name], axis), _joined(places[name], axis))
    if rest:
        amount = sum(amounts[name] for name in rest)
        held = sorted(place for name in rest for place in places[name])
        yield Lane(f"{len(rest)} others", amount / whole, _amount(amount, axis), _joined(held, axis))


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
