"""What a store that is down should hold: kept until it is back."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence

from autointel.adapters.catalogue.connection import Connection, atomic
from autointel.domain.catalogue import Undelivered


class Outbox:
    """Things that wait, by kind ("memory", "graph"). Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, *, now: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._now = now

    @atomic
    def add(self, kind: str, namespace: str, payloads: Mapping[str, str]) -> None:
        """Keep payloads by record id; one that waits already is not doubled, and its newest words count."""
        now = self._now()
        self._connection.write_many(
            "INSERT INTO outbox (kind, namespace, record_id, payload, created_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, namespace, record_id) DO UPDATE SET payload = excluded.payload",
            [(kind, namespace, record_id, payload, now) for record_id, payload in payloads.items()],
        )

    def pending(self, kind: str, limit: int, *, after: int = 0) -> list[Undelivered]:
        """The oldest first, in all namespaces; ``after`` is the last id seen, for going on."""
        rows = self._connection.read(
            "SELECT id, namespace, kind, record_id, payload, attempts FROM outbox"
            " WHERE id > ? AND kind = ? ORDER BY id LIMIT ?",
            (after, kind, limit),
        )
        return [Undelivered(**dict(row)) for row in rows]

    def waiting(self, kind: str, namespace: str) -> list[str]:
        """Record ids of that kind, the oldest first."""
        rows = self._connection.read(
            "SELECT record_id FROM outbox WHERE kind = ? AND namespace = ? ORDER BY id", (kind, namespace)
        )
        return [row["record_id"] for row in rows]

    def strike(self, kind: str, namespace: str, record_ids: Collection[str]) -> None:
        """Strike out by record id what has arrived on another way; an id that does not wait is fine."""
        if record_ids and self._connection.read("SELECT 1 FROM outbox WHERE kind = ? LIMIT 1", (kind,)):
            self._connection.write_in(
                "DELETE FROM outbox WHERE kind = ? AND namespace = ? AND record_id IN {keys}",
                list(record_ids),
                (kind, namespace),
            )

    @atomic
    def delivered(self, ids: Sequence[int]) -> None:
        """Strike out what has arrived."""
        self._connection.write_many("DELETE FROM outbox WHERE id = ?", [(id_,) for id_ in sorted(ids)])

    @atomic
    def failed(self, ids: Sequence[int]) -> None:
        """Note one more attempt that did not arrive."""
        self._connection.write_many(
            "UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", [(id_,) for id_ in sorted(ids)]
        )

    def age(self, now: float) -> tuple[int, float, int]:
        """How many wait, for how many seconds the oldest has, and after how many attempts at most."""
        row = self._connection.read(
            "SELECT count(*) AS number, min(created_at) AS oldest, coalesce(max(attempts), 0) AS attempts FROM outbox"
        )[0]
        return int(row["number"]), max(0.0, now - row["oldest"]) if row["number"] else 0.0, int(row["attempts"])

    def counts(self) -> dict[str, int]:
        """How many wait, by kind."""
        rows = self._connection.read("SELECT kind, count(*) AS number FROM outbox GROUP BY kind ORDER BY kind")
        return {row["kind"]: row["number"] for row in rows}
