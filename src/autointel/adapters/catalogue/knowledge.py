"""What memory and graph are rebuilt from: entities, relations, key points, claims and their verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from autointel.adapters.catalogue.connection import Connection, atomic, parsed, upsert
from autointel.ports import Remembered

if TYPE_CHECKING:
    from autointel.domain.analysis import CheckedClaim
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
        from autointel.domain.knowledge import Entity, Relation

        rows = self._connection.read(
            "SELECT passage_id IS NULL AS is_entity, value FROM knowledge WHERE namespace = ? AND source_id = ?"
            " ORDER BY id",
            (self._namespace, source_id),
        )
        entities = [parsed(Entity, row["value"]) for row in rows if row["is_entity"]]
        return entities, [parsed(Relation, row["value"]) for row in rows if not row["is_entity"]]

    def ids(self, among: Sequence[str], *, not_sources: Collection[str] = ()) -> set[str]:
        """Those of the ids ``among`` under which an entity or relation of any other source is kept."""
        rows = self._connection.read_in(
            "SELECT id, source_id FROM knowledge WHERE namespace = ? AND id IN {keys}", among, (self._namespace,)
        )
        return {row["id"] for row in rows if row["source_id"] not in not_sources}

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


class Verdicts:
    """Records and checked claims of one namespace. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, namespace: str, *, now: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._namespace = namespace
        self._now = now

    @atomic
    def keep(self, records: Sequence[Remembered]) -> None:
        """Keep the words of key points and claims; passages have a table of their own and are left out."""
        self._connection.write_many(
            upsert("records", "namespace id kind source_id passage_id text", key=2),
            [
                (self._namespace, record.record_id, record.kind, record.source_id, record.passage_id, record.text)
                for record in records
                if record.kind != "passage"
            ],
        )

    def records(self, ids: Sequence[str]) -> dict[str, Remembered]:
        """The key points and claims that are kept, by id."""
        rows = self._connection.read_in(
            "SELECT id, kind, source_id, passage_id, text FROM records WHERE namespace = ? AND id IN {keys}",
            ids,
            (self._namespace,),
        )
        return {row["id"]: Remembered(record_id=row["id"], **_but_id(dict(row))) for row in rows}

    def records_of(self, source_id: str) -> list[Remembered]:
        """The key points and claims of a source, in the order of their ids."""
        rows = self._connection.read(
            "SELECT id, kind, source_id, passage_id, text FROM records"
            " WHERE namespace = ? AND source_id = ? ORDER BY id",
            (self._namespace, source_id),
        )
        return [Remembered(record_id=row["id"], **_but_id(dict(row))) for row in rows]

    def counts(self) -> dict[str, dict[str | None, int]]:
        """How many claims of each source have each verdict, by the source's id; None is for claims without one."""
        rows = self._connection.read(
            "SELECT source_id, verdict, count(*) AS number FROM claims WHERE namespace = ? GROUP BY source_id, verdict",
            (self._namespace,),
        )
        found: dict[str, dict[str | None, int]] = {}
        for row in rows:
            found.setdefault(row["source_id"], {})[row["verdict"]] = row["number"]
        return found

    def count(self) -> int:
        """Key points and claims kept."""
        rows = self._connection.read("SELECT count(*) AS number FROM records WHERE namespace = ?", (self._namespace,))
        return int(rows[0]["number"])

    @atomic
    def judge(self, source_id: str, claims: Mapping[str, CheckedClaim]) -> None:
        """Keep what became of claims, by record id; a later judgment replaces an earlier one."""
        self._connection.write_many(
            upsert("claims", "namespace id source_id value verdict checked_at", key=2),
            [
                (self._namespace, record_id, source_id, claim.model_dump_json(), claim.verdict, self._now())
                for record_id, claim in claims.items()
            ],
        )

    def claims(self, ids: Sequence[str]) -> dict[str, CheckedClaim]:
        """The judgments that are kept, by record id."""
        from autointel.domain.analysis import CheckedClaim

        rows = self._connection.read_in(
            "SELECT id, value FROM claims WHERE namespace = ? AND id IN {keys}", ids, (self._namespace,)
        )
        return {row["id"]: parsed(CheckedClaim, row["value"]) for row in rows}

    @atomic
    def forget_passages(self, source_id: str, passages: Collection[str]) -> frozenset[str]:
        """Remove the records of a source that rest on these passages; returns their ids."""
        gone = frozenset(each.record_id for each in self.records_of(source_id) if each.passage_id in passages)
        for table in ("records", "claims"):
            self._connection.write_in(
                f"DELETE FROM {table} WHERE namespace = ? AND id IN {{keys}}",  # noqa: S608  one of two names
                sorted(gone),
                (self._namespace,),
            )
        return gone

    def by_source(self) -> dict[str, list[CheckedClaim]]:
        """Every judgment, by source id."""
        from autointel.domain.analysis import CheckedClaim

        rows = self._connection.read(
            "SELECT source_id, value FROM claims WHERE namespace = ? ORDER BY source_id, id", (self._namespace,)
        )
        found: dict[str, list[CheckedClaim]] = {}
        for row in rows:
            found.setdefault(row["source_id"], []).append(parsed(CheckedClaim, row["value"]))
        return found

    @atomic
    def forget(self, source_id: str) -> frozenset[str]:
        """Remove a source's records and judgments; returns the ids of its records."""
        where = (self._namespace, source_id)
        rows = self._connection.read("SELECT id FROM records WHERE namespace = ? AND source_id = ?", where)
        self._connection.write("DELETE FROM records WHERE namespace = ? AND source_id = ?", where)
        self._connection.write("DELETE FROM claims WHERE namespace = ? AND source_id = ?", where)
        return frozenset(row["id"] for row in rows)


def _but_id(row: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name != "id"}
