"""A timeline of the recording with the place of each item on the page.

Widths are in per cent and heights in pixels, so the letters keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from autointel.domain.analysis import Finding
from autointel.domain.briefing import KeyJudgment
from autointel.domain.report import Report, ReportedClaim
from autointel.domain.results import Results
from autointel.domain.transcript import Chapter
from autointel.render.html.axis import Axis, Tick, axis_of, place_of
from autointel.render.html.parts import VERDICTS, anchor
from autointel.render.plain_text import plain, shortened

_TITLE: Final = 20  # pixels above a lane, for its name
ROW: Final = 24  # pixels: what a finger hits
_MOST_ROWS: Final = 4
# Per cent between two marks of a row: 24 pixels on the narrowest screen.
_APART: Final = 8.4
_WORDS: Final = 90
_WIDE: Final = 5.0  # per cent; a narrower chapter has no room for its number


@dataclass(frozen=True)
class Mark:
    """A place on the axis. ``label`` says in words what ``sign`` stands for."""

    anchor: str
    sign: str
    label: str
    x: float
    row: int = 0


@dataclass(frozen=True)
class Span:
    """A stretch of the axis."""

    anchor: str
    sign: str
    label: str
    x: float
    width: float


@dataclass(frozen=True)
class Lane:
    """Marks of one kind; ``top`` and ``height`` are in pixels."""

    title: str
    top: int
    height: int
    marks: tuple[Mark, ...] = ()
    spans: tuple[Span, ...] = ()

    def y(self, row: int = 0) -> int:
        """Where a row of marks begins, below the title."""
        return self.top + _TITLE + row * ROW


@dataclass(frozen=True)
class Timeline:
    """All lanes, one under the other."""

    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    timed: bool
    top: int
    height: int


def timeline_of(report: Report, results: Results) -> Timeline | None:
    """The picture, or None where there is nothing to show on it."""
    axis = axis_of(results)
    lanes: list[Lane] = []
    top = _TITLE
    for title, marks, spans in _kinds(report, axis):
        if marks or spans:
            placed = _in_rows(marks)
            rows = max((mark.row for mark in placed), default=0) + 1
            lanes.append(Lane(title, top, _TITLE + rows * ROW, placed, spans))
            top += lanes[-1].height
    return Timeline(axis.ticks(), tuple(lanes), axis.timed, _TITLE, top) if lanes else None


def _kinds(report: Report, axis: Axis) -> Iterator[tuple[str, tuple[Mark, ...], tuple[Span, ...]]]:
    found = report.analysis
    yield "Key judgments", tuple(_numbered("judgment", report.briefing.judgments, axis)), ()
    yield "Claims", tuple(_judged(report.fact_check.claims, axis)), ()
    yield "Reasoning", tuple(_numbered("fallacy", found.fallacies, axis)), ()
    yield "Representative quotes", tuple(_numbered("excerpt", found.excerpts, axis)), ()
    yield "Possible factual claims", tuple(_numbered("statement", found.statements, axis)), ()
    yield "Chapters", (), tuple(_spans(report.transcript.chapters, axis))


def _numbered(kind: str, items: Sequence[Finding | KeyJudgment], axis: Axis) -> Iterator[Mark]:
    for number, item in enumerate(items, 1):
        said = shortened(plain(item.text), _WORDS)
        places = dict.fromkeys(place_of(citation, axis) for citation in item.citations)
        for place in places:
            if place is not None:
                label = f"{kind} {number}, {axis.name(place)}: {said}"
                yield Mark(anchor(kind, number), str(number), label, axis.x(place))


def _judged(claims: Sequence[ReportedClaim], axis: Axis) -> Iterator[Mark]:
    for number, claim in enumerate(claims, 1):
        place = place_of(claim, axis)
        if place is not None:
            sign, word = VERDICTS[claim.verdict]
            label = f"claim {number}, {word}, {axis.name(place)}: {shortened(plain(claim.text), _WORDS)}"
            yield Mark(anchor("claim", number), sign, label, axis.x(place))


def _in_rows(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Each in the first row that has room there; where none has, in the one whose last mark is farthest."""
    reached = [-_APART] * _MOST_ROWS
    placed = []
    for mark in sorted(marks, key=lambda each: each.x):
        free = [row for row in range(_MOST_ROWS) if mark.x - reached[row] >= _APART]
        row = free[0] if free else min(range(_MOST_ROWS), key=reached.__getitem__)
        reached[row] = mark.x
        placed.append(replace(mark, row=row))
    return tuple(placed)


def _spans(chapters: Sequence[Chapter], axis: Axis) -> Iterator[Span]:
    """From each chapter's start to the next one's."""
    begun = [(number, each, place_of(each, axis)) for number, each in enumerate(chapters, 1)]
    known = sorted(
        ((place, number, each) for number, each, place in begun if place is not None), key=lambda begin: begin[:2]
    )
    edges = [*(place for place, _, _ in known), axis.last]
    for (place, number, chapter), (start, end) in zip(known, pairwise(edges), strict=True):
        x, width = axis.x(start), round(axis.x(end) - axis.x(start), 2)
        label = f"chapter {number}, {axis.name(place)}: {shortened(plain(chapter.title), _WORDS)}"
        yield Span(anchor("chapter", number), str(number) if width >= _WIDE else "", label, x, max(0.4, width))
