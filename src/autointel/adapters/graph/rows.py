"""Values of the domain as rows of the graph, and back."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from autointel.domain.knowledge import Entity, Neighbour, Provenance, Relation

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
        }
        for relation in relations
    )


def entity(row: Row) -> Entity:
    """An entity as it was stored."""
    return Entity(**{name: row[name] for name in ("id", "name", "kind", "mentions", "confidence")})


def neighbours(ways: Sequence[tuple[bool, Sequence[Row], Sequence[Row]]], limit: int) -> list[Neighbour]:
    """Both directions together, heaviest first. A way is: outgoing?, the neighbours, why each is one."""
    found = [
        Neighbour(
            entity=entity(row),
            predicate=row["predicate"],
            outgoing=outgoing,
            weight=row["weight"],
            provenance=_provenance(reasons, row["id"], row["predicate"]),
        )
        for outgoing, rows, reasons in ways
        for row in rows
    ]
    found.sort(key=lambda each: (-each.weight, each.entity.name, each.predicate, each.entity.id, not each.outgoing))
    return found[:limit]


def _provenance(reasons: Sequence[Row], entity_id: str, predicate: str) -> tuple[Provenance, ...]:
    fitting = [row for row in reasons if row["id"] == entity_id and row["predicate"] == predicate]
    return tuple(_because(row) for row in fitting[:_SHOWN])


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
