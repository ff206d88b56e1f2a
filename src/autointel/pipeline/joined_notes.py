"""Notes of the whole from the notes of its chunks: numbered in order, every quote in the transcript's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from autointel.domain.citation import Citation
from autointel.domain.notes import (
    Claim,
    EntityKind,
    EntityMention,
    KeyPoint,
    Note,
    Notes,
    Position,
    RelationMention,
    SuspectedFallacy,
)
from autointel.domain.script import Script
from autointel.domain.value import Confidence
from autointel.pipeline.passage_notes import ChunkNotes, NamedEntity, Quoted, Reading

N = TypeVar("N", bound=Note)

_METHOD: Final = "model, quotes found in the transcript"
_SHOWN: Final = 3  # citations of an entity


def joined(readings: Sequence[Reading], whole: Script) -> Notes:
    """One set of notes. Quotes that were never said are left out and counted; so are entities nobody named."""
    entities = tuple(_entities(readings, whole))
    names = {entity.name.casefold(): entity.name for entity in entities}
    return Notes(
        method=_METHOD,
        key_points=_numbered(KeyPoint, "K", readings, lambda notes: notes.key_points),
        claims=_numbered(Claim, "C", readings, lambda notes: notes.claims),
        fallacies=_numbered(SuspectedFallacy, "F", readings, lambda notes: notes.fallacies),
        positions=_numbered(Position, "P", readings, lambda notes: notes.positions),
        entities=entities,
        relations=tuple(_relations(readings, names)),
        dropped=sum(len(reading.invented) for reading in readings),
    )


def _numbered(
    kind: type[N], letter: str, readings: Sequence[Reading], of: Callable[[ChunkNotes], Sequence[Quoted]]
) -> tuple[N, ...]:
    found = [
        (item, citation, _speaker(reading, citation))
        for reading in readings
        for item in of(reading.notes)
        if (citation := reading.finder.find(item.quote)) is not None
    ]
    return tuple(
        kind(id=f"{letter}{number}", citation=citation, speaker=speaker, **_fields(item))
        for number, (item, citation, speaker) in enumerate(found, start=1)
    )


def _fields(item: Quoted) -> dict[str, Any]:
    return item.model_dump(exclude={"quote"})


def _speaker(reading: Reading, citation: Citation) -> str | None:
    """Who really said it: by the quote's place, whatever the model thought."""
    return next(
        (
            segment.speaker
            for segment in reading.chunk.segments
            if (segment.start, segment.paragraph) == (citation.start, citation.paragraph)
        ),
        None,
    )


def _entities(readings: Sequence[Reading], whole: Script) -> Iterator[EntityMention]:
    """Each entity once, by its first spelling, most mentioned first; counted in the transcript, not by the model."""
    named: dict[str, NamedEntity] = {}
    for reading in readings:
        for entity in reading.notes.entities:
            named.setdefault(" ".join(entity.name.casefold().split()), entity)
    found = [(entity, _places(entity.name, whole)) for entity in named.values()]
    for entity, places in sorted(found, key=lambda item: -len(item[1])):
        if places:
            yield EntityMention(
                name=" ".join(entity.name.split()),
                kind=EntityKind(entity.kind),
                mentions=len(places),
                confidence=Confidence.MEDIUM,
                citations=tuple(places[:_SHOWN]),
            )


def _places(name: str, whole: Script) -> list[Citation]:
    pattern = r"(?<!\w)" + r"\s+".join(re.escape(word) for word in name.split()) + r"(?!\w)"
    return [whole.cite(*match.span()) for match in re.finditer(pattern, whole.text, re.IGNORECASE)]


def _relations(readings: Sequence[Reading], names: dict[str, str]) -> Iterator[RelationMention]:
    """Relations whose two ends are entities and whose quote was said."""
    for reading in readings:
        for relation in reading.notes.relations:
            subject, other = names.get(relation.subject.casefold()), names.get(relation.object.casefold())
            citation = reading.finder.find(relation.quote)
            if subject and other and citation:
                yield RelationMention(
                    subject=subject,
                    predicate=relation.predicate,
                    object=other,
                    confidence=Confidence.MEDIUM,
                    citation=citation,
                )
