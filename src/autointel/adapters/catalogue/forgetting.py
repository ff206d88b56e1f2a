"""A source taken out of the catalogue, without leaving its words in a corner."""

from __future__ import annotations

from collections.abc import Sequence

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.pipeline.outbox_fallback import ENTITIES


def forget(catalogue: Catalogue, source_id: str, namespace: str, runs: Sequence[str] = ()) -> None:
    """Remove a source of the catalogue's namespace, its ``runs`` by id, and all that was made of it.

    All or nothing. Raises HomeUnusable.

    What is cached knows the words of many sources and cannot be told apart by source, so all of it goes.
    """
    connection, where = catalogue.connection, (namespace, source_id)
    with connection.transaction():
        catalogue.passages.forget(source_id)
        catalogue.verdicts.forget(source_id)
        catalogue.knowledge.forget(source_id)
        connection.write("DELETE FROM runs WHERE namespace = ? AND source_id = ?", where)
        connection.write_many("DELETE FROM runs WHERE id = ?", [(run,) for run in runs])
        _forget_waiting_entities(catalogue, source_id, namespace)
        for place in ("$.source_id", "$.provenance.source_id"):
            connection.write(
                "DELETE FROM outbox WHERE namespace = ? AND json_extract(payload, ?) = ?", (namespace, place, source_id)
            )
        catalogue.step_cache.clear()
        catalogue.model_cache.clear()
    compact(catalogue)


def _forget_waiting_entities(catalogue: Catalogue, source_id: str, namespace: str) -> None:
    """They don't tell where they come from; those go that no other source names."""
    connection = catalogue.connection
    rows = connection.read(
        "SELECT id, json_extract(payload, '$.name') AS name FROM outbox WHERE namespace = ? AND kind = ?",
        (namespace, ENTITIES),
    )
    said = catalogue.passages.saying([row["name"] for row in rows], not_source=source_id)
    catalogue.outbox.delivered([row["id"] for row in rows if row["name"] not in said])


def compact(catalogue: Catalogue) -> None:
    """Give back the room of what was removed, and overwrite it: SQLite and its index only mark it as free."""
    connection = catalogue.connection
    connection.write("INSERT INTO passage_index (passage_index) VALUES ('optimize')")
    connection.write("VACUUM")
    connection.read("PRAGMA wal_checkpoint(TRUNCATE)")
