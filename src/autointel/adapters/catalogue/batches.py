"""Batches by id with the options of their runs, and the addresses that a watch follows."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from autointel.adapters.catalogue.connection import Connection, upsert


class Batches:
    """Every batch, in all namespaces. Blocks. Raises HomeUnusable."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, queue: str, request: str) -> None:
        """Note a batch; one that exists keeps its request."""
        self._connection.write(
            "INSERT INTO batches (queue, created_at, request) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (queue, time.time(), request),
        )

    def request(self, queue: str) -> str | None:
        """The options of the batch as JSON, or None where there is no such batch."""
        rows = self._connection.read("SELECT request FROM batches WHERE queue = ?", (queue,))
        return rows[0]["request"] if rows else None

    def latest(self, limit: int) -> list[tuple[str, float]]:
        """Ids and the Unix times they began at, the newest first."""
        rows = self._connection.read(
            "SELECT queue, created_at FROM batches ORDER BY created_at DESC, queue DESC LIMIT ?", (limit,)
        )
        return [(row["queue"], row["created_at"]) for row in rows]


class Followed:
    """The addresses that one queue follows, with what their servers gave to ask again with. As Batches."""

    def __init__(self, connection: Connection, queue: str) -> None:
        self._connection = connection
        self._queue = queue

    def tag(self, address: str) -> dict[str, str] | None:
        """The validators of the last answer; None for an address that was never read."""
        rows = self._connection.read("SELECT tag FROM followed WHERE queue = ? AND address = ?", (self._queue, address))
        return json.loads(rows[0]["tag"]) if rows else None

    def note(self, address: str, tag: Mapping[str, str]) -> None:
        """The address was read, and its entries are on the queue."""
        self._connection.write(
            upsert("followed", "queue address tag", key=2), (self._queue, address, json.dumps(dict(tag)))
        )
