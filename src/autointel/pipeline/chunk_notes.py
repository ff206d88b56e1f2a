"""Notes on one chunk as a model writes them, as code accepts them, and joined for the whole transcript."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from pydantic import BaseModel, Field

from autointel.domain.analysis import Dropped, FallacyType
from autointel.domain.citation import Citation, Script
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
from autointel.domain.passage import Chunk
from autointel.domain.value import Confidence
from autointel.pipeline.verifying import NumberedPassage, Pointed, Rejected, at_least, in_words
from autointel.text.near_duplicates import same_claim

N = TypeVar("N", bound=Note)

AGAIN: Final = (
    "Give only these again, mended to what the passage says; leave out what it does not say. The rest stands."
)

_METHOD: Final = "model, quotes found by code"
_SHOWN: Final = 3  # citations of an entity
_KINDS: Final = ("key_points", "claims", "fallacies", "positions")


class PointedFallacy(Pointed):
    """Reasoning that may not hold."""

    type: FallacyType


class PointedPosition(Pointed):
    """Who stands where."""

    holder: str = Field(min_length=1, max_length=60)


class NamedEntity(BaseModel):
    """Somebody or something named."""

    name: str = Field(min_length=1, max_length=60, description="as the passage names it")
    kind: EntityKind


class PointedRelation(BaseModel):
    """Two entities and what joins them. Short keys: each stands three times in every reply."""

    who: str = Field(min_length=1, max_length=60)
    does: str = Field(min_length=1, max_length=60)
    whom: str = Field(min_length=1, max_length=60)
    at: list[int] = at_least(1, 2)


class ChunkNotes(BaseModel):
    """Notes on one passage. ``claims`` stand alone: pronouns resolved, speaker and date named."""

    key_points: list[Pointed] = at_least(1, 5)
    claims: list[Pointed] = at_least(1, 5)
    fallacies: list[PointedFallacy] = Field(max_length=2)
    positions: list[PointedPosition] = Field(max_length=2)
    entities: list[NamedEntity] = at_least(1, 7)
    relations: list[PointedRelation] = Field(max_length=3)


@dataclass(frozen=True)
class Kept:
    """A note of the model's and the sentences that carry it; ``more`` are other places that say the same.

    ``doubt`` is what code has against it, where a model is to decide.
    """

    item: Pointed
    citation: Citation
    more: tuple[Citation, ...] = ()
    doubt: str = ""


@dataclass(frozen=True)
class Reading:
    """The accepted and the rejected notes of one chunk."""

    chunk: Chunk
    kept: dict[str, list[Kept]] = field(default_factory=dict)
    relations: tuple[tuple[PointedRelation, Citation], ...] = ()
    entities: tuple[NamedEntity, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    unaffordable: str = ""
    """Why what was rejected could not be asked about again, where a budget is the reason."""

    @classmethod
    def of(cls, chunk: Chunk, notes: ChunkNotes, passage: NumberedPassage) -> Reading:
        """Each note with the sentences that carry it. Some milliseconds a note: call it off the event loop."""
        kept: dict[str, list[Kept]] = {kind: [] for kind in _KINDS}
        rejected: list[Rejected] = []
        for kind in _KINDS:
            for noted in getattr(notes, kind):
                item = _unlabelled(noted, passage.speakers)
                found = passage.citation(_in_full(item), item.at)
                if isinstance(found, Citation):
                    kept[kind].append(Kept(item, found))
                elif found.doubtful:
                    kept[kind].append(Kept(item, found.doubtful, doubt=in_words(found.reasons)))
                else:
                    rejected.append(Rejected(item.text, found.reasons))
        relations = []
        for relation in notes.relations:
            found = passage.joining(relation.who, relation.does, relation.whom, relation.at)
            if isinstance(found, Citation):
                relations.append((relation, found))
            else:
                rejected.append(found)
        return cls(chunk, kept, tuple(relations), tuple(notes.entities), tuple(rejected))

    def after(self, earlier: Reading) -> Reading:
        """The notes that stood of an earlier answer and those that this one mended; a repeated note counts once."""
        kept = {kind: [*earlier.kept.get(kind, ())] for kind in _KINDS}
        for kind, stood in kept.items():
            texts = {each.item.text for each in stood}
            stood += [each for each in self.kept.get(kind, ()) if each.item.text not in texts]
        relations = {pair[0].model_dump_json(): pair for pair in (*earlier.relations, *self.relations)}
        entities = (*earlier.entities, *self.entities)
        return Reading(self.chunk, kept, tuple(relations.values()), entities, self.rejected)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was noted, not even what was rejected."""
        return not (any(self.kept.values()) or self.relations or self.entities or self.rejected)

    @property
    def problems(self) -> str:
        """The remark for the model; empty where nothing could be mended by asking again."""
        stands = any(self.kept.values())
        wrong = "\n".join(f"- {each}" for each in self.rejected if each.is_mendable or not stands)
        return f"no sentence of the passage says this:\n{wrong}\n{AGAIN}" if wrong else ""


def _unlabelled(item: Pointed, speakers: Collection[str]) -> Pointed:
    """The note without a speaker's name before it, which is often another's: who says it is known from its quote."""
    label, colon, words = item.text.partition(":")
    is_label = colon and words.strip() and label.strip().casefold() in speakers
    return item.model_copy(update={"text": words.strip()}) if is_label else item


def _in_full(item: Pointed) -> str:
    """The text with its holder, who must be there too."""
    if isinstance(item, PointedPosition) and item.holder.casefold() not in item.text.casefold():
        return f"{item.holder}: {item.text}" if item.holder else item.text
    return item.text


def joined(readings: Sequence[Reading], whole: Script, language: str) -> tuple[Notes, dict[str, str]]:
    """One set of notes, in the transcript's order, and by the ids of some what code doubts in them.

    The same claim from several passages is one claim with several quotes. Entities that nobody names are left out.
    """
    entities = tuple(_entities(readings, whole))
    names = {entity.name.casefold(): entity.name for entity in entities}
    dropped = sum((each.dropped for reading in readings for each in reading.rejected), Dropped())
    numbered: dict[str, tuple[Any, ...]] = {}
    doubts: dict[str, str] = {}
    for kind, letter, of in (
        ("key_points", "K", KeyPoint),
        ("claims", "C", Claim),
        ("fallacies", "F", SuspectedFallacy),
        ("positions", "P", Position),
    ):
        unique, repeated = _once([kept for reading in readings for kept in reading.kept.get(kind, ())], language)
        dropped += Dropped(duplicates=len(repeated), sentences=tuple(f"{text} (said before)" for text in repeated))
        numbered[kind] = _numbered(of, letter, unique)
        doubts |= {note.id: kept.doubt for note, kept in zip(numbered[kind], unique, strict=True) if kept.doubt}
    notes = Notes(
        method=_METHOD,
        key_points=numbered["key_points"],
        claims=numbered["claims"],
        fallacies=numbered["fallacies"],
        positions=numbered["positions"],
        entities=entities,
        relations=tuple(_relations(readings, names)),
        dropped=dropped,
    )
    return notes, doubts


def _once(found: Iterable[Kept], language: str) -> tuple[list[Kept], list[str]]:
    """Each statement once, with every place that says it; and the texts that were said before.

    A place of which code doubts that it says the statement counts only where no other does.
    """
    unique: list[Kept] = []
    repeated: list[str] = []
    for kept in found:
        at = next((n for n, first in enumerate(unique) if same_claim(first.item.text, kept.item.text, language)), None)
        if at is None:
            unique.append(kept)
            continue
        first = unique[at]
        if first.doubt and not kept.doubt:
            unique[at] = kept
            repeated.append(first.item.text)
            continue
        repeated.append(kept.item.text)
        if not kept.doubt and kept.citation not in (first.citation, *first.more):
            unique[at] = replace(first, more=(*first.more, kept.citation))
    return unique, repeated


def _numbered(kind: type[N], letter: str, found: Sequence[Kept]) -> tuple[N, ...]:
    return tuple(
        kind(
            id=f"{letter}{number}",
            citation=kept.citation,
            more=kept.more,
            speaker=kept.citation.speaker,
            **kept.item.model_dump(exclude={"at"}),
        )
        for number, kept in enumerate(found, start=1)
    )


def _entities(readings: Sequence[Reading], whole: Script) -> Iterator[EntityMention]:
    """Each entity once, by its first spelling, most mentioned first; counted in the transcript, not by the model."""
    named: dict[str, NamedEntity] = {}
    for reading in readings:
        for entity in reading.entities:
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
    """Relations whose two ends are entities."""
    for reading in readings:
        for relation, citation in reading.relations:
            subject, other = names.get(relation.who.casefold()), names.get(relation.whom.casefold())
            if subject and other:
                yield RelationMention(
                    subject=subject,
                    predicate=relation.does,
                    object=other,
                    confidence=Confidence.MEDIUM,
                    citation=citation,
                )
