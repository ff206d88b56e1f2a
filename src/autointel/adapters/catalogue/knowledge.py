"""Entities and relations of every source, as the graph should hold them: it is rebuilt from here."""

from __future__ import annotations

from collections.abc import Sequence

from autointel.adapters.catalogue.connection import Connection, atomic
from autointel.domain.knowledge import Entity, Relation


class Knowledge:
    """The entities and relations of one namespace. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection = connection
        self._namespace = namespace

    @atomic
    def keep(self, source_id: str, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        """Keep both; an id that is kept already keeps its first value, an entity the larger count of mentions."""
        self._connection.write_many(
            "INSERT INTO knowledge (namespace, source_id, id, passage_id, weight, value)"
            " VALUES (?, ?, ?, NULL, ?, ?)"
            " ON CONFLICT (namespace, source_id, id) DO UPDATE SET value = excluded.value, weight = excluded.weight"
            " WHERE excluded.weight > knowledge.weight",
            [(self._namespace, source_id, each.id, each.mentions, each.model_dump_json()) for each in entities],
        )
        self._connection.write_many(
            "INSERT INTO knowledge (namespace, source_id, id, passage_id, weight, value)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                (self._namespace, source_id, each.id, each.provenance.passage_id, each.weight, each.model_dump_json())
                for each in relations
            ],
        )

    def of_source(self, source_id: str) -> tuple[list[Entity], list[Relation]]:
        """The entities and relations of a source, in the order of their ids."""
        rows = self._connection.read(
            "SELECT passage_id IS NULL AS is_entity, value FROM knowledge WHERE namespace = ? AND source_id = ?"
            " ORDER BY id",
            (self._namespace, source_id),
        )
        entities = [Entity.model_validate_json(row["value"]) for row in rows if row["is_entity"]]
        return entities, [Relation.model_validate_json(row["value"]) for row in rows if not row["is_entity"]]

    def sources(self) -> set[str]:
        """Ids of the sources of which anything is kept here."""
        rows = self._connection.read("SELECT DISTINCT source_id FROM knowledge WHERE namespace = ?", (self._namespace,))
        return {row["source_id"] for row in rows}

    @atomic
    def forget(self, source_id: str, passages: Sequence[str] | None = None) -> list[str]:
        """Remove all of a source, or only the relations that rest on ``passages``; ids of the relations removed."""
        entities, relations = self.of_source(source_id)
        gone = [each.id for each in relations if passages is None or each.provenance.passage_id in passages]
        removed = gone if passages is not None else [*gone, *(each.id for each in entities)]
        self._connection.write_in(
            "DELETE FROM knowledge WHERE namespace = ? AND source_id = ? AND id IN {keys}",
            removed,
            (self._namespace, source_id),
        )
        return gone
