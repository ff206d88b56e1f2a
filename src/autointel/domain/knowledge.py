"""Entities and relations across sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import Final

from pydantic import Field

from autointel.domain.notes import EntityKind
from autointel.domain.value import Confidence, Value

Differ = Callable[[str, str], str | None]
"""How a later quote differs from an earlier one on the same matter; None where no difference is seen."""
_COMPARED: Final = 40
"""Relations of one pair that are compared with each other, the latest: the cost is quadratic."""


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
    """A directed edge between two entities, with its provenance.

    ``valid_from`` is the day on which the source was published, None where that is unknown. ``contradicted_by`` are
    the ids of relations between the same two entities whose quotes differ from this one's: one denies what the other
    says, names the opposite direction, or another number or year. They do not say who is right.
    """

    id: str
    subject_id: str
    predicate: str
    object_id: str
    weight: int = Field(default=1, ge=1)
    confidence: Confidence = Confidence.LOW
    provenance: Provenance
    valid_from: date | None = None
    contradicted_by: tuple[str, ...] = ()


class Statement(Provenance):
    """One source's statement about two entities, its day, and the quotes that differ from it."""

    valid_from: date | None = None
    contradicted_by: tuple[Provenance, ...] = ()


class Neighbour(Value):
    """An adjacent entity, and the relation that connects it."""

    entity: Entity
    predicate: str
    outgoing: bool
    weight: int
    provenance: tuple[Statement, ...] = ()


def contradictions(relations: Iterable[Relation], differ: Differ) -> list[Relation]:
    """The relations whose ``contradicted_by`` grows by what the others say, with what it has grown to."""
    pairs: dict[frozenset[str], dict[str, Relation]] = {}
    for relation in relations:
        pairs.setdefault(frozenset((relation.subject_id, relation.object_id)), {})[relation.id] = relation
    changed: list[Relation] = []
    for between in pairs.values():
        opposed: dict[str, set[str]] = {}
        latest = sorted(between.values(), key=_when)[-_COMPARED:]
        for earlier, later in combinations(latest, 2):
            quotes = earlier.provenance.quote, later.provenance.quote
            if quotes[0] != quotes[1] and differ(*quotes):
                opposed.setdefault(earlier.id, set()).add(later.id)
                opposed.setdefault(later.id, set()).add(earlier.id)
        for id_, others in opposed.items():
            known = set(between[id_].contradicted_by)
            if not others <= known:
                changed.append(between[id_].model_copy(update={"contradicted_by": tuple(sorted(known | others))}))
    return changed


def _when(relation: Relation) -> tuple[date, str, float, str]:
    where = relation.provenance
    place = where.start if where.start is not None else float(where.paragraph or 0)
    return relation.valid_from or date.min, where.source_id, place, relation.id


def statements(relations: Sequence[Relation], known: Iterable[Relation]) -> tuple[Statement, ...]:
    """The relations as a reader sees them. ``known`` are those that may contradict them; others are left out."""
    quotes = {relation.id: relation.provenance for relation in known}
    return tuple(
        Statement(
            **each.provenance.model_dump(),
            valid_from=each.valid_from,
            contradicted_by=tuple(quotes[id_] for id_ in each.contradicted_by if id_ in quotes),
        )
        for each in relations
    )
