"""The knowledge graph over any backend that speaks the Cypher that ladybug and Neo4j share: queries, rows, one schema.

What they do not share and is therefore not used: ``SET n += $map``, ``datetime()``, ``elementId``, ``type(r)``,
undeclared properties, null inside a list of maps (so an absent number is -1), ``CALL {}``. Tables and constraints are
each backend's own.
"""

from __future__ import annotations

import abc
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final, TypeVar

from typing_extensions import override

from autointel import ports
from autointel.adapters.insertion import Inserted, InsertionLimits, InsertionWriter, raise_failures
from autointel.adapters.store_requests import batches
from autointel.domain.knowledge import Entity, Neighbour, Provenance, Relation, statements
from autointel.domain.performance import InsertionMetrics

Statement = tuple[str, dict[str, Any]]
# Larger of the two, so that the order in which sources arrive leaves no trace.
WRITE_ENTITIES: Final = """
UNWIND $rows AS row
MERGE (e:Entity {id: row.id})
ON CREATE SET e.namespace = row.namespace, e.name = row.name, e.folded = row.folded, e.kind = row.kind,
    e.mentions = row.mentions, e.confidence = row.confidence
ON MATCH SET e.mentions = CASE WHEN e.mentions < row.mentions THEN row.mentions ELSE e.mentions END
"""
WRITE_RELATIONS: Final = """
UNWIND $rows AS row
MATCH (a:Entity {id: row.subject_id}), (b:Entity {id: row.object_id})
MERGE (a)-[r:RELATED {id: row.id}]->(b)
ON CREATE SET r.namespace = row.namespace, r.predicate = row.predicate, r.weight = row.weight,
    r.confidence = row.confidence, r.run_id = row.run_id, r.source_id = row.source_id,
    r.passage_id = row.passage_id, r.quote = row.quote, r.start = row.start, r.paragraph = row.paragraph,
    r.valid_from = row.valid_from, r.contradicted_by = row.contradicted_by
ON MATCH SET
    r.valid_from = CASE WHEN row.valid_from = '' THEN r.valid_from ELSE row.valid_from END,
    r.contradicted_by = CASE WHEN size(row.contradicted_by) = 0 THEN r.contradicted_by ELSE row.contradicted_by END
"""
STORED_ENTITIES: Final = "MATCH (e:Entity) WHERE e.id IN $ids RETURN e.id AS id"
STORED_RELATIONS: Final = "MATCH (:Entity)-[r:RELATED]->(:Entity) WHERE r.id IN $ids RETURN r.id AS id"
_ENTITY: Final = "e.id AS id, e.name AS name, e.kind AS kind, e.mentions AS mentions, e.confidence AS confidence"
FIND: Final = f"""
MATCH (e:Entity) WHERE e.namespace = $namespace AND e.folded CONTAINS $name
RETURN {_ENTITY},
    CASE WHEN e.folded = $name THEN 0 WHEN e.folded STARTS WITH $name THEN 1 ELSE 2 END AS place
ORDER BY place, mentions DESC, name, id
LIMIT $limit
"""
_NEIGHBOURS: Final = f"""
RETURN {_ENTITY}, r.predicate AS predicate, sum(r.weight) AS weight
ORDER BY weight DESC, name, predicate, id
LIMIT $limit
"""
OUTGOING: Final = f"MATCH (:Entity {{id: $id}})-[r:RELATED]->(e:Entity) {_NEIGHBOURS}"
INCOMING: Final = f"MATCH (:Entity {{id: $id}})<-[r:RELATED]-(e:Entity) {_NEIGHBOURS}"
_RELATION: Final = """
    r.id AS id, a.id AS subject_id, b.id AS object_id, r.predicate AS predicate, r.weight AS weight,
    r.confidence AS confidence, r.run_id AS run_id, r.source_id AS source_id, r.passage_id AS passage_id,
    r.quote AS quote, r.start AS start, r.paragraph AS paragraph, r.valid_from AS valid_from,
    r.contradicted_by AS contradicted_by"""
_HEAVIEST: Final = "ORDER BY r.weight DESC, r.source_id, r.start, r.paragraph, r.id"
WHY_OUTGOING: Final = f"""
MATCH (a:Entity {{id: $id}})-[r:RELATED]->(b:Entity) WHERE b.id IN $ids RETURN {_RELATION} {_HEAVIEST}
"""
WHY_INCOMING: Final = f"""
MATCH (a:Entity)-[r:RELATED]->(b:Entity {{id: $id}}) WHERE a.id IN $ids RETURN {_RELATION} {_HEAVIEST}
"""
BETWEEN: Final = f"""
UNWIND $rows AS row
MATCH (a:Entity {{id: row.subject_id}})-[r:RELATED]->(b:Entity {{id: row.object_id}}) RETURN {_RELATION}
"""
FORGET_RELATIONS: Final = """
MATCH (:Entity)-[r:RELATED]->(:Entity) WHERE r.namespace = $namespace AND r.source_id = $source_id DELETE r
"""
FORGET_RELATIONS_BY_ID: Final = "MATCH (:Entity)-[r:RELATED]->(:Entity) WHERE r.id IN $ids DELETE r"
LOOSE: Final = f"""
MATCH (e:Entity) WHERE e.namespace = $namespace AND NOT EXISTS {{ MATCH (e)-[:RELATED]-(:Entity) }}
RETURN {_ENTITY} ORDER BY id
"""
FORGET_ENTITIES: Final = "MATCH (e:Entity) WHERE e.id IN $ids DETACH DELETE e"
EVERY_ENTITY: Final = """
MATCH (e:Entity) RETURN e.id AS id, e.namespace AS namespace, e.name AS name, e.folded AS folded, e.kind AS kind,
    e.mentions AS mentions, e.confidence AS confidence
"""
EVERY_RELATION: Final = """
MATCH (a:Entity)-[r:RELATED]->(b:Entity) RETURN a.id AS subject_id, b.id AS object_id, r.id AS id,
    r.namespace AS namespace, r.predicate AS predicate, r.weight AS weight, r.confidence AS confidence,
    r.run_id AS run_id, r.source_id AS source_id, r.passage_id AS passage_id, r.quote AS quote, r.start AS start,
    r.paragraph AS paragraph, coalesce(r.valid_from, '') AS valid_from,
    coalesce(r.contradicted_by, []) AS contradicted_by
"""
COUNT_ENTITIES: Final = "MATCH (e:Entity) WHERE e.namespace = $namespace RETURN count(e) AS count"
COUNT_RELATIONS: Final = """
MATCH (:Entity)-[r:RELATED]->(:Entity) WHERE r.namespace = $namespace RETURN count(r) AS count
"""
Row = Mapping[str, Any]
_Read = TypeVar("_Read")
# The backends share no null inside a list of maps; times and paragraphs are never negative.
_ABSENT: Final = -1
# Enough to see why; all of them are in the artifacts.
_SHOWN: Final = 5


class CypherGraph(ports.KnowledgeGraph, abc.ABC):
    """Entities and relations of one namespace; each relation keeps the words it comes from.

    A relation is stored once both its ends are. An entity met again keeps its first name and the larger count.
    """

    def __init__(self, namespace: str, store: str, limits: InsertionLimits) -> None:
        self._namespace = namespace
        # One batch at a time: two writers over the same entities lock each other out.
        limits = replace(limits, max_concurrent=1)
        self._writer = InsertionWriter(store, self._write_rows, limits)

    def get_insertion_metrics(self) -> InsertionMetrics:
        """Counters of what was stored since this graph was made, or since the last reset."""
        return self._writer.get_insertion_metrics()

    def reset_metrics(self) -> None:
        """Set the counters to zero."""
        self._writer.reset_metrics()

    async def missing(self, ids: Sequence[str]) -> set[str]:
        """Those entity and relation ids that are not stored; all of them, if the store is not there."""
        wanted = sorted(set(ids))
        stored: set[str] = set()
        for some in batches(wanted):
            for query in (STORED_ENTITIES, STORED_RELATIONS):
                stored |= {row["id"] for row in await self._read(query, ids=some)}
        return set(wanted) - stored

    async def relate(self, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        """Store both. Durable when it returns.

        Writing an id again changes nothing but ``mentions`` that are more, a ``valid_from`` that was unknown, and
        ``contradicted_by`` that is not empty. Raises NotAllStored where the store took only a part, and HomeUnusable.
        """
        layers = (
            (WRITE_ENTITIES, entity_rows(self._namespace, entities)),
            (WRITE_RELATIONS, relation_rows(self._namespace, relations)),
        )
        inserted: Inserted[Statement] = Inserted()
        for query, rows in layers:
            inserted.failures += (await self._writer.insert((query, row) for row in rows)).failures
        raise_failures(inserted, lambda item: str(item[1]["id"]))

    async def _write_rows(self, items: Sequence[Statement]) -> None:
        # A batch holds rows of one kind: entities are sent before the first relation is added.
        await self._write((items[0][0], {"rows": [row for _, row in items]}))

    @override
    async def between(self, pairs: Collection[tuple[str, str]]) -> list[Relation]:
        ways = sorted({way for one, other in pairs for way in ((one, other), (other, one))})
        found: dict[str, Relation] = {}
        for some in batches([{"subject_id": one, "object_id": other} for one, other in ways]):
            found |= {each.id: each for each in ours(relation, await self._read(BETWEEN, rows=some))}
        return list(found.values())

    async def find(self, name: str, limit: int) -> list[Entity]:
        """Entities whose folded name is, starts with, or contains the folded ``name``, in that order."""
        wanted = folded(name)
        if not wanted or limit < 1:
            return []
        return ours(entity, await self._read(FIND, namespace=self._namespace, name=wanted, limit=limit))

    async def neighbours(self, entity_id: str, limit: int) -> list[Neighbour]:
        """One step away, heaviest first, each with a few of the quotes it rests on. Four queries, whatever it finds."""
        if limit < 1:
            return []
        parameters = {"id": entity_id, "limit": limit}
        going, coming = await self._read_both((OUTGOING, parameters), (INCOMING, parameters))
        reasons = {"id": entity_id, "ids": sorted({each.id for each in ours(entity, (*going, *coming))})}
        why_going, why_coming = await self._read_both((WHY_OUTGOING, reasons), (WHY_INCOMING, reasons))
        return neighbours([(True, going, why_going), (False, coming, why_coming)], limit)

    async def forget_source(self, source_id: str) -> None:
        """Remove the relations that rest on a source; entities stay."""
        await self._write((FORGET_RELATIONS, {"namespace": self._namespace, "source_id": source_id}))

    @override
    async def forget_relations(self, ids: Sequence[str]) -> None:
        for some in batches(sorted(set(ids))):
            await self._write((FORGET_RELATIONS_BY_ID, {"ids": some}))

    async def loose(self) -> list[Entity]:
        """Entities that nothing is related to."""
        return ours(entity, await self._read(LOOSE, namespace=self._namespace))

    async def forget(self, entity_ids: Sequence[str]) -> None:
        """Remove entities, and what relates them."""
        for some in batches(sorted(set(entity_ids))):
            await self._write((FORGET_ENTITIES, {"ids": some}))

    async def rebuild(self, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        """Store what is missing of these. A graph in this process is written anew; a server minds its own files."""
        missing = await self.missing([*(each.id for each in entities), *(each.id for each in relations)])
        await self.relate(
            [each for each in entities if each.id in missing], [each for each in relations if each.id in missing]
        )

    async def everything(self) -> tuple[list[Entity], list[Relation]]:
        """All entities and relations of the namespace."""
        entities, relations = await self._read_both((EVERY_ENTITY, {}), (EVERY_RELATION, {}))
        return (
            ours(entity, [row for row in entities if row["namespace"] == self._namespace]),
            ours(relation, [row for row in relations if row["namespace"] == self._namespace]),
        )

    async def compact(self) -> None:
        """Leave nothing of what was removed on this machine's disk. A server minds its own."""

    @override
    async def count(self) -> tuple[int, int]:
        parameters = {"namespace": self._namespace}
        entities, relations = await self._read_both((COUNT_ENTITIES, parameters), (COUNT_RELATIONS, parameters))
        return entities[0]["count"], relations[0]["count"]

    async def _read(self, query: str, **parameters: Any) -> list[Row]:
        return (await self._ask([(query, parameters)]))[0]

    async def _read_both(self, first: Statement, second: Statement) -> tuple[list[Row], list[Row]]:
        one, other = await self._ask([first, second])
        return one, other

    async def _write(self, statement: Statement) -> None:
        await self._ask([statement], write=True)

    @abc.abstractmethod
    async def _ask(self, statements: Sequence[Statement], *, write: bool = False) -> list[list[Row]]:
        """The rows of each statement."""


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


def ours(read: Callable[[Row], _Read], rows: Iterable[Row]) -> list[_Read]:
    """What can be read of the rows: a database is shared, and what another program wrote there may be anything."""
    known: list[_Read] = []
    for row in rows:
        with suppress(ValueError, TypeError):
            known.append(read(row))
    return known


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
    known = [each for _, _, rows in ways for each in ours(relation, rows)]

    def neighbour(row: Row, *, outgoing: bool) -> Neighbour:
        return Neighbour(
            entity=entity(row),
            predicate=row["predicate"],
            outgoing=outgoing,
            weight=row["weight"],
            provenance=statements(_fitting(known, row["id"], row["predicate"], outgoing=outgoing), known),
        )

    found = [each for outgoing, rows, _ in ways for each in ours(partial(neighbour, outgoing=outgoing), rows)]
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
