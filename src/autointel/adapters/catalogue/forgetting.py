"""A source taken out of the catalogue, without leaving its words in a corner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from autointel.adapters.catalogue.connection import Connection, atomic
from autointel.adapters.catalogue.knowledge import Knowledge, Verdicts
from autointel.adapters.catalogue.outbox import Outbox
from autointel.adapters.catalogue.passages import Passages
from autointel.pipeline.storing import ENTITIES

_CACHES: Final = ("step_cache", "model_cache")


class Forgetting:
    """Removes what one namespace holds. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(
        self,
        connection: Connection,
        namespace: str,
        *,
        passages: Passages,
        verdicts: Verdicts,
        knowledge: Knowledge,
        outbox: Outbox,
    ) -> None:
        self._connection = connection
        self._namespace = namespace
        self._passages = passages
        self._verdicts = verdicts
        self._knowledge = knowledge
        self._outbox = outbox

    @atomic
    def source(self, source_id: str, runs: Sequence[str] = ()) -> None:
        """Remove a source, its ``runs`` by id, and all that was made of it; all or nothing.

        Cached results that bear no source go too: they may know its words.
        """
        connection, where = self._connection, (self._namespace, source_id)
        self._passages.forget(source_id)
        self._verdicts.forget(source_id)
        self._knowledge.forget(source_id)
        # The keys of a job stay, as digests: what is forgotten is not briefed again.
        connection.write(
            "UPDATE jobs SET source = '', episode = NULL, title = '', reason = '', run_id = NULL"
            " WHERE run_id IN (SELECT id FROM runs WHERE namespace = ? AND source_id = ?)",
            where,
        )
        connection.write("DELETE FROM runs WHERE namespace = ? AND source_id = ?", where)
        connection.write_many("DELETE FROM runs WHERE id = ?", [(run,) for run in runs])
        self._waiting_entities(source_id)
        for place in (("source_id",), ("provenance", "source_id")):
            named = connection.json_field("payload", *place)
            connection.write(f"DELETE FROM outbox WHERE namespace = ? AND {named} = ?", where)  # noqa: S608
        connection.write("DELETE FROM fetched WHERE namespace = ? AND source_id = ?", where)
        for table in _CACHES:
            connection.write(
                f"DELETE FROM {table} WHERE source_id IS NULL OR (namespace = ? AND source_id = ?)",  # noqa: S608
                where,
            )

    def quoting(self, source_id: str, quotes: Callable[[str], bool]) -> None:
        """Remove what was made of other sources and quotes this one: cached results, and verdicts.

        ``quotes`` says whether a text does.
        """
        connection, where = self._connection, (self._namespace, source_id)
        for table, key in ((_CACHES[0], "key"), (_CACHES[1], "key"), ("claims", "id")):
            rows = connection.read(f"SELECT {key} FROM {table} WHERE namespace = ? AND source_id <> ?", where)  # noqa: S608
            for row in rows:
                # One by one: a cache may be larger than memory.
                value = connection.read(f"SELECT value FROM {table} WHERE {key} = ?", (row[key],))  # noqa: S608
                if value and quotes(value[0]["value"]):
                    connection.write(f"DELETE FROM {table} WHERE {key} = ?", (row[key],))  # noqa: S608

    @atomic
    def namespace(self) -> None:
        """Remove what is left of the namespace when its sources are gone."""
        for table in ("runs", "records", "claims", "knowledge", "fetched", "outbox", *_CACHES):
            self._connection.write(f"DELETE FROM {table} WHERE namespace = ?", (self._namespace,))  # noqa: S608

    def _waiting_entities(self, source_id: str) -> None:
        """They do not say where they come from; those go that no other source names."""
        rows = self._connection.read(
            f"SELECT id, {self._connection.json_field('payload', 'name')} AS name FROM outbox"  # noqa: S608
            " WHERE namespace = ? AND kind = ?",
            (self._namespace, ENTITIES),
        )
        said = self._passages.saying([row["name"] for row in rows], not_sources=[source_id])
        self._outbox.delivered([row["id"] for row in rows if row["name"] not in said])
