"""The words of key points and claims that memory holds, and what became of the claims."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence

from autointel.adapters.catalogue.connection import Connection, atomic, upsert
from autointel.domain.analysis import CheckedClaim
from autointel.ports import Remembered


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
        rows = self._connection.read_in(
            "SELECT id, value FROM claims WHERE namespace = ? AND id IN {keys}", ids, (self._namespace,)
        )
        return {row["id"]: CheckedClaim.model_validate_json(row["value"]) for row in rows}

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
        rows = self._connection.read(
            "SELECT source_id, value FROM claims WHERE namespace = ? ORDER BY source_id, id", (self._namespace,)
        )
        found: dict[str, list[CheckedClaim]] = {}
        for row in rows:
            found.setdefault(row["source_id"], []).append(CheckedClaim.model_validate_json(row["value"]))
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
