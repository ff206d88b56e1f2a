"""A source taken out of the catalogue, without leaving its words in a corner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.pipeline.outbox_fallback import ENTITIES

_CACHES: Final = ("step_cache", "model_cache")


def forget(catalogue: Catalogue, source_id: str, namespace: str, runs: Sequence[str] = ()) -> None:
    """Remove a source of the catalogue's namespace, its ``runs`` by id, and all that was made of it.

    All or nothing. Cached results that bear no source go too: they may know its words. ``compact`` overwrites what
    was removed. Raises HomeUnusable.
    """
    connection, where = catalogue.connection, (namespace, source_id)
    with connection.transaction():
        catalogue.passages.forget(source_id)
        catalogue.verdicts.forget(source_id)
        catalogue.knowledge.forget(source_id)
        # The keys of a job stay, as digests: what is forgotten is not briefed again.
        connection.write(
            "UPDATE jobs SET source = '', episode = NULL, title = '', reason = '', run_id = NULL"
            " WHERE run_id IN (SELECT id FROM runs WHERE namespace = ? AND source_id = ?)",
            where,
        )
        connection.write("DELETE FROM runs WHERE namespace = ? AND source_id = ?", where)
        connection.write_many("DELETE FROM runs WHERE id = ?", [(run,) for run in runs])
        _forget_waiting_entities(catalogue, source_id, namespace)
        for place in ("$.source_id", "$.provenance.source_id"):
            connection.write(
                "DELETE FROM outbox WHERE namespace = ? AND json_extract(payload, ?) = ?", (namespace, place, source_id)
            )
        connection.write("DELETE FROM fetched WHERE namespace = ? AND source_id = ?", where)
        for table in _CACHES:
            connection.write(
                f"DELETE FROM {table} WHERE source_id IS NULL OR (namespace = ? AND source_id = ?)",  # noqa: S608
                where,
            )


def quoting(catalogue: Catalogue, source_id: str, quotes: Callable[[str], bool]) -> None:
    """Remove what was made of other sources of the namespace and quotes this one: cached results, and verdicts.

    ``quotes`` tells whether a text does. Raises HomeUnusable.
    """
    connection, where = catalogue.connection, (catalogue.namespace, source_id)
    for table, key in ((_CACHES[0], "key"), (_CACHES[1], "key"), ("claims", "id")):
        rows = connection.read(f"SELECT {key} FROM {table} WHERE namespace = ? AND source_id <> ?", where)  # noqa: S608
        for row in rows:
            # One by one: a cache may be larger than memory.
            value = connection.read(f"SELECT value FROM {table} WHERE {key} = ?", (row[key],))  # noqa: S608
            if value and quotes(value[0]["value"]):
                connection.write(f"DELETE FROM {table} WHERE {key} = ?", (row[key],))  # noqa: S608


def forget_namespace(catalogue: Catalogue) -> None:
    """Remove what is left of the catalogue's namespace when its sources are gone. Raises HomeUnusable."""
    connection = catalogue.connection
    with connection.transaction():
        for table in ("runs", "records", "claims", "knowledge", "fetched", "outbox", *_CACHES):
            connection.write(f"DELETE FROM {table} WHERE namespace = ?", (catalogue.namespace,))  # noqa: S608


def _forget_waiting_entities(catalogue: Catalogue, source_id: str, namespace: str) -> None:
    """They don't tell where they come from; those go that no other source names."""
    connection = catalogue.connection
    rows = connection.read(
        "SELECT id, json_extract(payload, '$.name') AS name FROM outbox WHERE namespace = ? AND kind = ?",
        (namespace, ENTITIES),
    )
    said = catalogue.passages.saying([row["name"] for row in rows], not_sources=[source_id])
    catalogue.outbox.delivered([row["id"] for row in rows if row["name"] not in said])


def compact(catalogue: Catalogue) -> None:
    """Give back the room of what was removed, and overwrite it: SQLite and its index only mark it as free."""
    connection = catalogue.connection
    connection.write("INSERT INTO passage_index (passage_index) VALUES ('optimize')")
    connection.write("VACUUM")
    connection.read("PRAGMA wal_checkpoint(TRUNCATE)")
