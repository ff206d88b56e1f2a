"""The knowledge graph over any backend that speaks the shared Cypher."""

from __future__ import annotations

import abc
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from typing_extensions import override

from autointel import ports
from autointel.adapters.graph import schema
from autointel.adapters.graph.schema import Row, entity, entity_rows, folded, neighbours, relation, relation_rows
from autointel.adapters.insertion.writer import Inserted, InsertionLimits, InsertionWriter, raise_failures
from autointel.domain.knowledge import Entity, Neighbour, Relation
from autointel.domain.performance import InsertionMetrics

Statement = tuple[str, dict[str, Any]]
_LOOK_UP: Final = 1000


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
        for some in _batches(wanted):
            for query in (schema.STORED_ENTITIES, schema.STORED_RELATIONS):
                stored |= {row["id"] for row in await self._read(query, ids=some)}
        return set(wanted) - stored

    async def relate(self, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        """Store both. Durable when it returns.

        Writing an id again changes nothing but ``mentions`` that are more, a ``valid_from`` that was unknown, and
        ``contradicted_by`` that is not empty. Raises NotAllStored where the store took only a part, and HomeUnusable.
        """
        layers = (
            (schema.WRITE_ENTITIES, entity_rows(self._namespace, entities)),
            (schema.WRITE_RELATIONS, relation_rows(self._namespace, relations)),
        )
        inserted: Inserted[Statement] = Inserted()
        for query, rows in layers:
            inserted.failures += (await self._writer.insert((query, row) for row in rows)).failures
        raise_failures(inserted, lambda item: str(item[1]["id"]))

    async def _write_rows(self, items: Sequence[Statement]) -> None:
        # A batch holds rows of one kind: entities are sent before the first relation is added.
        await self._write((items[0][0], {"rows": [row for _, row in items]}))

    async def between(self, pairs: Collection[tuple[str, str]]) -> list[Relation]:
        """All relations of these pairs of entity ids, in either direction; each once."""
        ways = sorted({way for one, other in pairs for way in ((one, other), (other, one))})
        found: dict[str, Relation] = {}
        for some in _batches([{"subject_id": one, "object_id": other} for one, other in ways]):
            found |= {row["id"]: relation(row) for row in await self._read(schema.BETWEEN, rows=some)}
        return list(found.values())

    async def find(self, name: str, limit: int) -> list[Entity]:
        """Entities whose folded name is, starts with, or contains the folded ``name``, in that order."""
        wanted = folded(name)
        if not wanted or limit < 1:
            return []
        rows = await self._read(schema.FIND, namespace=self._namespace, name=wanted, limit=limit)
        return [entity(row) for row in rows]

    async def neighbours(self, entity_id: str, limit: int) -> list[Neighbour]:
        """One step away, heaviest first, each with a few of the quotes it rests on. Four queries, whatever it finds."""
        if limit < 1:
            return []
        parameters = {"id": entity_id, "limit": limit}
        going, coming = await self._read_both((schema.OUTGOING, parameters), (schema.INCOMING, parameters))
        reasons = {"id": entity_id, "ids": sorted({row["id"] for row in (*going, *coming)})}
        why_going, why_coming = await self._read_both((schema.WHY_OUTGOING, reasons), (schema.WHY_INCOMING, reasons))
        return neighbours([(True, going, why_going), (False, coming, why_coming)], limit)

    async def forget_source(self, source_id: str) -> None:
        """Remove the relations that rest on a source; entities stay."""
        await self._write((schema.FORGET_RELATIONS, {"namespace": self._namespace, "source_id": source_id}))

    @override
    async def forget_relations(self, ids: Sequence[str]) -> None:
        """Remove these relations; entities stay. An id that is not stored is fine."""
        for some in _batches(sorted(set(ids))):
            await self._write((schema.FORGET_RELATIONS_BY_ID, {"ids": some}))

    async def loose(self) -> list[Entity]:
        """Entities that nothing is related to."""
        return [entity(row) for row in await self._read(schema.LOOSE, namespace=self._namespace)]

    async def forget(self, entity_ids: Sequence[str]) -> None:
        """Remove entities, and what relates them."""
        for some in _batches(sorted(set(entity_ids))):
            await self._write((schema.FORGET_ENTITIES, {"ids": some}))

    async def rebuild(self, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        """Store what is missing of these. A graph in this process is written anew; a server minds its own files."""
        missing = await self.missing([*(each.id for each in entities), *(each.id for each in relations)])
        await self.relate(
            [each for each in entities if each.id in missing], [each for each in relations if each.id in missing]
        )

    async def everything(self) -> tuple[list[Entity], list[Relation]]:
        """All entities and relations of the namespace."""
        entities, relations = await self._read_both((schema.EVERY_ENTITY, {}), (schema.EVERY_RELATION, {}))
        return (
            [entity(row) for row in entities if row["namespace"] == self._namespace],
            [relation(row) for row in relations if row["namespace"] == self._namespace],
        )

    async def compact(self) -> None:
        """Leave nothing of what was removed on this machine's disk. A server minds its own."""

    async def count(self) -> tuple[int, int]:
        """Entities, relations."""
        parameters = {"namespace": self._namespace}
        entities, relations = await self._read_both(
            (schema.COUNT_ENTITIES, parameters), (schema.COUNT_RELATIONS, parameters)
        )
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


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    return (rows[first : first + _LOOK_UP] for first in range(0, len(rows), _LOOK_UP))
