"""Replies of the model, so that the same question is paid for once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from autointel.adapters.catalogue.connection import Connection

_CAP: Final = 256 * 1024 * 1024
"""Bytes kept; about 50,000 replies."""
# Noting each use would make every reading a writing; an hour's order is enough to tell what is still used.
_USE_GRAIN: Final = 3600.0
# A look at the total walks an index; once in so many additions is enough.
_LOOK_EVERY: Final = 64


class SqliteModelCache:
    """Replies by key, the least recently used leave first. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(
        self,
        connection: Connection,
        *,
        cap: int = _CAP,
        look_every: int = _LOOK_EVERY,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._connection = connection
        self._cap = cap
        self._look_every = look_every
        self._now = now
        self._added = 0

    def get(self, key: str) -> str | None:
        """The reply kept under ``key``, unless it has expired."""
        now = self._now()
        rows = self._connection.read(
            "SELECT value, used_at FROM model_cache WHERE key = ? AND expires_at > ?", (key, now)
        )
        if not rows:
            return None
        if now - rows[0]["used_at"] > _USE_GRAIN:
            self._connection.write("UPDATE model_cache SET used_at = ? WHERE key = ?", (now, key))
        return str(rows[0]["value"])

    def put(self, key: str, value: str, ttl: float) -> None:
        """Keep a reply for ``ttl`` seconds. One larger than the whole cache is not kept."""
        size = len(key.encode()) + len(value.encode())
        if size > self._cap:
            return
        now = self._now()
        with self._connection.transaction():
            self._connection.write(
                "INSERT OR REPLACE INTO model_cache VALUES (?, ?, ?, ?, ?, ?)", (key, value, size, now, now + ttl, now)
            )
            self._added += 1
            if self._added % self._look_every == 0:
                self._shrink(now)

    def clear(self) -> int:
        """Forget everything; the number of replies that were forgotten."""
        return self._connection.write("DELETE FROM model_cache")

    def size(self) -> tuple[int, int]:
        """Replies kept, and their bytes."""
        row = self._connection.read("SELECT count(*), coalesce(sum(size), 0) FROM model_cache")[0]
        return int(row[0]), int(row[1])

    def _shrink(self, now: float) -> None:
        self._connection.write("DELETE FROM model_cache WHERE expires_at <= ?", (now,))
        excess = self.size()[1] - self._cap
        if excess > 0:
            # Running totals over the oldest: one statement, however many have to go.
            self._connection.write(
                "DELETE FROM model_cache WHERE key IN (SELECT key FROM (SELECT key, sum(size) OVER"
                " (ORDER BY used_at, key) - size AS freed FROM model_cache) WHERE freed < ?)",
                (excess,),
            )
