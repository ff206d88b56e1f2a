"""Entities as a picture: a dot for each, as large as it is often named, and an arc between those that are related.

An arc diagram (Saaty, 1964; Wattenberg, 2002) keeps every name on a line of its own, where a network of circles would
put them on top of each other. It needs no random start, so that the same run gives the same picture.
Each name leads to its quotes, each arc to the quote that it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from autointel.domain.citation import Citation
from autointel.domain.notes import RelationMention
from autointel.domain.report import Report, Results, TopEntity, top_entities
from autointel.domain.value import Confidence
from autointel.render.plain_text import plain, shortened

WIDTH: Final = 320
_ROW: Final = 22
_RADII: Final = (2.0, 8.0)
_GAP: Final = 14  # between a name and its dot
_LETTER: Final = 7  # about as wide as a letter of 12 pixels is, in most fonts; an ideograph is a square
_IDEOGRAPH: Final = 12
_FIRST_IDEOGRAPH: Final = "\u2e80"
_NAME: Final = 24
_MOST: Final = 25
_MOST_ARCS: Final = 60
_MOST_QUOTES: Final = 3


@dataclass(frozen=True)
class Dot:
    """An entity; ``mates`` are those it is joined to, strongest first, with their numbers. ``number`` is from 1."""

    number: int
    name: str
    short: str
    kind: str
    mentions: int
    y: int
    radius: float
    mates: tuple[tuple[int, str], ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Arc:
    """A relation between two dots, by their numbers, and the quote that it rests on. ``number`` is from 1."""

    number: int
    path: str
    width: float
    label: str
    subject: int
    object: int
    predicate: str
    weight: int
    citation: Citation


@dataclass(frozen=True)
class Picture:
    """Everything in a box of ``WIDTH`` by ``height``; ``doubtful`` if no name is surer than low confidence."""

    dots: tuple[Dot, ...]
    arcs: tuple[Arc, ...]
    spine: int
    height: int
    doubtful: bool
    width: int = WIDTH


def picture_of(report: Report, results: Results) -> Picture | None:
    """The picture, or None where no entity is known."""
    entities = (report.graph.top_entities or top_entities(results.notes))[:_MOST]
    if not entities:
        return None
    rows = {entity.name: _ROW // 2 + index * _ROW for index, entity in enumerate(entities)}
    joined = sorted(
        (
            each
            for each in results.notes.relations
            if each.subject in rows and each.object in rows and each.subject != each.object
        ),
        key=lambda each: (-each.weight, rows[each.subject], rows[each.object], each.predicate),
    )
    cited = {mention.name: mention.citations for mention in results.notes.entities}
    dots = tuple(_dots(entities, rows, joined, cited))
    # The dots stand where the longest name ends; what is left is for the arcs.
    spine = max(_wide(dot.short) for dot in dots) + _GAP
    return Picture(
        dots,
        tuple(_arcs(joined[:_MOST_ARCS], rows, spine)),
        spine,
        height=len(entities) * _ROW,
        doubtful=all(entity.confidence is Confidence.LOW for entity in entities),
    )


def _wide(text: str) -> int:
    return sum(_IDEOGRAPH if letter >= _FIRST_IDEOGRAPH else _LETTER for letter in text)


def _dots(
    entities: Sequence[TopEntity],
    rows: dict[str, int],
    joined: Sequence[RelationMention],
    cited: Mapping[str, tuple[Citation, ...]],
) -> Iterator[Dot]:
    most = max(entity.mentions for entity in entities)
    small, large = _RADII
    numbers = {name: number for number, name in enumerate(rows, 1)}
    for entity in entities:
        mates = [
            each.object if each.subject == entity.name else each.subject
            for each in joined
            if entity.name in {each.subject, each.object}
        ]
        yield Dot(
            number=numbers[entity.name],
            name=entity.name,
            short=shortened(plain(entity.name), _NAME),
            kind=entity.kind,
            mentions=entity.mentions,
            y=rows[entity.name],
            # By area: what is named four times as often looks four times as large.
            radius=round(max(small, large * sqrt(entity.mentions / most)), 1),
            mates=tuple((numbers[name], name) for name in dict.fromkeys(mates)),
            citations=cited.get(entity.name, ())[:_MOST_QUOTES],
        )


def _arcs(joined: Sequence[RelationMention], rows: dict[str, int], spine: int) -> Iterator[Arc]:
    reach = (WIDTH - spine) * 0.95
    numbers = {name: number for number, name in enumerate(rows, 1)}
    longest = max((abs(rows[each.subject] - rows[each.object]) for each in joined), default=1)
    for number, each in enumerate(joined, 1):
        top, bottom = sorted((rows[each.subject], rows[each.object]))
        # Between neighbours a wide arc would be a needle.
        across = round(min(reach * sqrt((bottom - top) / longest), 2.0 * (bottom - top)), 1)
        times = f", {each.weight} times" if each.weight > 1 else ""
        yield Arc(
            number=number,
            path=f"M{spine} {top}A{across} {(bottom - top) / 2:g} 0 0 1 {spine} {bottom}",
            width=min(4.0, 1 + 0.5 * (each.weight - 1)),
            label=f"{plain(each.subject)} {plain(each.predicate)} {plain(each.object)}{times}",
            subject=numbers[each.subject],
            object=numbers[each.object],
            predicate=each.predicate,
            weight=each.weight,
            citation=each.citation,
        )
