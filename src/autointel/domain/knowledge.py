"""Entities and relations across sources."""

from __future__ import annotations

from pydantic import Field

from autointel.domain.notes import EntityKind
from autointel.domain.value import Confidence, Value


class Entity(Value):
    """One entity; ``id`` is a uuid5 of namespace, kind and folded name."""

    id: str
    name: str
    kind: EntityKind
    mentions: int = Field(ge=1)
    confidence: Confidence = Confidence.LOW


class Provenance(Value):
    """The quote and the run that a relation comes from."""

    run_id: str
    source_id: str
    passage_id: str
    quote: str
    start: float | None = None
    paragraph: int | None = None


class Relation(Value):
    """A directed edge between two entities, with its provenance."""

    id: str
    subject_id: str
    predicate: str
    object_id: str
    weight: int = Field(default=1, ge=1)
    confidence: Confidence = Confidence.LOW
    provenance: Provenance


class Neighbour(Value):
    """An adjacent entity, and the relation that connects it."""

    entity: Entity
    predicate: str
    outgoing: bool
    weight: int
    provenance: tuple[Provenance, ...] = ()
