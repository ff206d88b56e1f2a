"""Answers to searches and questions, for minutes. Whatever is written to a namespace removes its answers."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from autointel.adapters.catalogue.connection import Connection, atomic, upsert
from autointel.domain.catalogue import Counts

_CAP: Final = 16 * 1024 * 1024
"""Bytes; some thousand answers."""


class QueryCache:
    """Answers of one namespace by key. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(
        self, connection: Connection, namespace: str, *, cap: int = _CAP, now: Callable[[], float] = time.time
    ) -> None:
        self._connection = connection
        self._namespace = namespace
        self._cap = cap
        self._now = now

    def key(self, kind: str, *parts: object) -> str:
        """A hash of what was asked, of the namespace, and of its generation, which every write to it raises."""
        where = (self._namespace,)
        rows = self._connection.read("SELECT value FROM generations WHERE namespace = ?", where)
        asked = json.dumps([kind, self._namespace, rows[0]["value"] if rows else 0, *map(str, parts)])
        return hashlib.sha256(asked.encode()).hexdigest()

    def get(self, kind: str, key: str) -> str | None:
        """The answer under the key, unless it has expired. The look-up is counted, unless a writer is at work."""
        now = self._now()
        rows = self._connection.read(
            "SELECT value FROM query_cache WHERE key = ? AND namespace = ? AND expires_at > ?",
            (key, self._namespace, now),
        )

        def note() -> None:
            if rows:
                self._connection.write("UPDATE query_cache SET used_at = ? WHERE key = ?", (now, key))
            self._count(kind, Counts(hits=1) if rows else Counts(misses=1))

        self._connection.if_free(note)
        return str(rows[0]["value"]) if rows else None

    def put(self, kind: str, key: str, value: str, ttl: float) -> None:
        """Save an answer for ``ttl`` seconds; the least recently used leave where there is no room.

        It is not saved while another writer is at work: whoever asks is not kept waiting for that.
        """
        if len(value.encode()) <= self._cap and ttl > 0:
            self._connection.if_free(partial(self._put, kind, key, value, ttl))

    def _put(self, kind: str, key: str, value: str, ttl: float) -> None:
        size, now = len(value.encode()), self._now()
        skip = self._connection.skip_locked
        self._connection.write(
            f"DELETE FROM query_cache WHERE key IN (SELECT key FROM query_cache WHERE expires_at <= ? {skip})",  # noqa: S608
            (now,),
        )
        self._connection.write(
            upsert("query_cache", "key namespace kind value size expires_at used_at"),
            (key, self._namespace, kind, value, size, now + ttl, now),
        )
        evicted = self._connection.write(
            "DELETE FROM query_cache WHERE key IN (SELECT key FROM query_cache WHERE key IN (SELECT key FROM"  # noqa: S608
            " (SELECT key, sum(size) OVER (ORDER BY used_at DESC, key) AS held FROM query_cache) AS latest"
            f" WHERE held > ?) {skip})",
            (self._cap,),
        )
        if evicted:
            self._count(kind, Counts(evictions=evicted))

    def size(self, kind: str) -> tuple[int, int]:
        """Answers of a kind, and their bytes, in all namespaces."""
        row = self._connection.read(
            "SELECT count(*) AS number, coalesce(sum(size), 0) AS bytes FROM query_cache WHERE kind = ?", (kind,)
        )[0]
        return int(row["number"]), int(row["bytes"])

    def counts(self, kind: str) -> Counts:
        """What was counted since the cache was last cleared."""
        rows = self._connection.read("SELECT hits, misses, evictions FROM cache_counts WHERE kind = ?", (kind,))
        return Counts(**dict(rows[0])) if rows else Counts()

    @atomic
    def clear(self) -> None:
        """Remove all answers and counts."""
        self._connection.write("DELETE FROM query_cache")
        self._connection.write("DELETE FROM cache_counts")

    def _count(self, kind: str, more: Counts) -> None:
        self._connection.write(
            "INSERT INTO cache_counts AS known (kind, hits, misses, evictions) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind) DO UPDATE SET hits = known.hits + excluded.hits,"
            " misses = known.misses + excluded.misses, evictions = known.evictions + excluded.evictions",
            (kind, *more),
        )
