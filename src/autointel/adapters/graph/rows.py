"""Values of the domain as rows of the graph, and back."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from autointel.domain.knowledge import Entity, Neighbour, Provenance, Relation, statements

Row = Mapping[str, Any]
# The backends share no null inside a list of maps; times and paragraphs are never negative.
_ABSENT: Final = -1
# Enough to see why; all of them are in the artifacts.
_SHOWN: Final = 5


def folded(name: str) -> str:
    """A name without case, accents and extra white space, for finding it however it is typed."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def entity_rows(namespace: str, entities: Sequence[Entity]) -> list[dict[str, Any]]:
    """Sorted by id: writers that take locks in one order do not block each other for good."""
    return _sorted(
        {
            "id": entity.id,
            "namespace": namespace,
            "name": entity.name,
            "folded": folded(entity.name),
            "kind": str(entity.kind),
            "mentions": entity.mentions,
            "confidence": str(entity.confidence),
        }
        for entity in entities
    )


def relation_rows(namespace: str, relations: Sequence[Relation]) -> list[dict[str, Any]]:
    """Sorted by id."""
    return _sorted(
        {
            "id": relation.id,
            "namespace": namespace,
            "subject_id": relation.subject_id,
            "predicate": relation.predicate,
            "object_id": relation.object_id,
            "weight": relation.weight,
            "confidence": str(relation.confidence),
            **_why(relation.provenance),
            "valid_from": relation.valid_from.isoformat() if relation.valid_from else "",
            "contradicted_by": list(relation.contradicted_by),
        }
        for relation in relations
    )


def entity(row: Row) -> Entity:
    """An entity as it was stored."""
    return Entity(**{name: row[name] for name in ("id", "name", "kind", "mentions", "confidence")})


def relation(row: Row) -> Relation:
    """A relation as it was stored, perhaps by a version that knew neither its day nor what contradicts it."""
    return Relation(
        **{name: row[name] for name in ("id", "subject_id", "predicate", "object_id", "weight", "confidence")},
        provenance=_because(row),
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        contradicted_by=tuple(row["contradicted_by"] or ()),
    )


def neighbours(ways: Sequence[tuple[bool, Sequence[Row], Sequence[Row]]], limit: int) -> list[Neighbour]:
    """Both directions together, heaviest first. A way is: outgoing?, the neighbours, the relations to them."""
    known = [relation(row) for _, _, rows in ways for row in rows]
    found = [
        Neighbour(
            entity=entity(row),
            predicate=row["predicate"],
            outgoing=outgoing,
            weight=row["weight"],
            provenance=statements(_fitting(known, row["id"], row["predicate"], outgoing=outgoing), known),
        )
        for outgoing, rows, _ in ways
        for row in rows
    ]
    found.sort(key=lambda each: (-each.weight, each.entity.name, each.predicate, each.entity.id, not each.outgoing))
    return found[:limit]


def _fitting(known: Sequence[Relation], entity_id: str, predicate: str, *, outgoing: bool) -> list[Relation]:
    """Up to five relations with that neighbour; both ends may be the entity itself."""
    fitting = (
        each
        for each in known
        if each.predicate == predicate and (each.object_id if outgoing else each.subject_id) == entity_id
    )
    return list({each.id: each for each in fitting}.values())[:_SHOWN]


def _because(row: Row) -> Provenance:
    return Provenance(
        run_id=row["run_id"],
        source_id=row["source_id"],
        passage_id=row["passage_id"],
        quote=row["quote"],
        start=None if row["start"] == _ABSENT else row["start"],
        paragraph=None if row["paragraph"] == _ABSENT else row["paragraph"],
    )


def _why(provenance: Provenance) -> dict[str, Any]:
    return {
        "run_id": provenance.run_id,
        "source_id": provenance.source_id,
        "passage_id": provenance.passage_id,
        "quote": provenance.quote,
        "start": float(_ABSENT if provenance.start is None else provenance.start),
        "paragraph": _ABSENT if provenance.paragraph is None else provenance.paragraph,
    }


def _sorted(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    # A batch with the same id twice would be merged twice.
    return [row for _, row in sorted({row["id"]: row for row in rows}.items())]
