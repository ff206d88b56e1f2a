"""What is cached: transcripts, replies of the model, results of steps, and for minutes answers to questions.

Whatever is written to a namespace removes its cached answers.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from autointel.adapters.catalogue.connection import Connection, atomic, upsert
from autointel.adapters.catalogue.passages import Passages
from autointel.domain.catalogue import Counts, KeptWords, StoredStep
from autointel.domain.run import Outcome
from autointel.domain.transcript import Source, Transcript

_CAP: Final = 256 * 1024 * 1024
"""Bytes kept; about 50,000 replies."""
# Noting each use would make every reading a writing; an hour's order is enough to tell what is still used.
_USE_GRAIN: Final = 3600.0
# A look at the total walks an index; once in so many additions is enough.
_LOOK_EVERY: Final = 64
_RUN_OF: Final = "(SELECT {column} FROM runs WHERE id = ?)"
_PUT_REPLY: Final = upsert(
    "model_cache",
    "key value size created_at expires_at used_at namespace source_id",
    source_id=_RUN_OF.format(column="source_id"),
)
_SAVE_STEP: Final = upsert(
    "step_cache",
    "key step outcome reason hint value created_at expires_at namespace source_id",
    namespace=_RUN_OF.format(column="namespace"),
    source_id=_RUN_OF.format(column="source_id"),
)
_MOST_ANSWERS: Final = 16 * 1024 * 1024
"""Bytes; some thousand answers."""


class FetchedWords:
    """The addresses of one namespace. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(
        self, connection: Connection, passages: Passages, namespace: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._connection = connection
        self._passages = passages
        self._namespace = namespace
        self._now = now

    def find(self, key: str) -> KeptWords | None:
        """The words found under ``key``; None where they are forgotten, or other words of that source are kept now."""
        rows = self._connection.read(
            "SELECT source_id, words, tag, fetched_at FROM fetched WHERE namespace = ? AND key = ?",
            (self._namespace, key),
        )
        kept = self._passages.source(rows[0]["source_id"]) if rows else None
        if kept is None or _digest(kept[1]) != rows[0]["words"]:
            return None
        # A clock set back makes them young, not unborn.
        age = max(0.0, self._now() - rows[0]["fetched_at"])
        return KeptWords(*kept, age=age, tag=json.loads(rows[0]["tag"]))

    def keep(self, key: str, source: Source, transcript: Transcript, tag: Mapping[str, str]) -> None:
        """Note where words were found; they themselves are kept with their source, by whoever reads them."""
        self._connection.write(
            upsert("fetched", "namespace key source_id words tag fetched_at", key=2),
            (self._namespace, key, source.id, _digest(transcript), json.dumps(dict(tag)), self._now()),
        )


def _digest(transcript: Transcript) -> str:
    return hashlib.sha256(transcript.model_dump_json().encode()).hexdigest()


class ModelReplies:
    """Replies by key, the least recently used leave first. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(
        self,
        connection: Connection,
        *,
        cap: int = _CAP,
        look_every: int = _LOOK_EVERY,
        now: Callable[[], float] = time.time,
        namespace: str | None = None,
        run_id: str | None = None,
    ) -> None:
        self._connection = connection
        self._cap = cap
        self._look_every = look_every
        self._now = now
        self._namespace = namespace
        self._run_id = run_id
        self._added = 0

    def of_run(self, namespace: str, run_id: str) -> ModelReplies:
        """This cache for one run, which sees the replies of its own namespace and marks its own with its source."""
        return ModelReplies(
            self._connection,
            cap=self._cap,
            look_every=self._look_every,
            now=self._now,
            namespace=namespace,
            run_id=run_id,
        )

    def get(self, key: str) -> str | None:
        """The reply kept under ``key``, unless it has expired."""
        key, now = self._within(key), self._now()
        rows = self._connection.read(
            "SELECT value, used_at FROM model_cache WHERE key = ? AND expires_at > ?", (key, now)
        )
        if not rows:
            return None
        if now - rows[0]["used_at"] > _USE_GRAIN:
            self._connection.write("UPDATE model_cache SET used_at = ? WHERE key = ?", (now, key))
        return str(rows[0]["value"])

    @atomic
    def put(self, key: str, value: str, ttl: float) -> None:
        """Keep a reply for ``ttl`` seconds. One larger than the whole cache is not kept."""
        key = self._within(key)
        size = len(key.encode()) + len(value.encode())
        if size > self._cap:
            return
        now = self._now()
        self._connection.write(_PUT_REPLY, (key, value, size, now, now + ttl, now, self._namespace, self._run_id))
        self._added += 1
        if self._added % self._look_every == 0:
            self._shrink(now)

    def clear(self) -> int:
        """Forget everything; the number of replies that were forgotten."""
        return self._connection.write("DELETE FROM model_cache")

    def size(self) -> tuple[int, int]:
        """Replies kept, and their bytes."""
        row = self._connection.read("SELECT count(*) AS number, coalesce(sum(size), 0) AS bytes FROM model_cache")[0]
        return int(row["number"]), int(row["bytes"])

    def _within(self, key: str) -> str:
        return key if self._namespace is None else f"{self._namespace} {key}"

    def _shrink(self, now: float) -> None:
        self._connection.write(
            "DELETE FROM model_cache WHERE key IN"  # noqa: S608
            f" (SELECT key FROM model_cache WHERE expires_at <= ? {self._connection.skip_locked})",
            (now,),
        )
        excess = self.size()[1] - self._cap
        if excess > 0:
            # Running totals over the oldest: one statement, however many have to go.
            self._connection.write(
                "DELETE FROM model_cache WHERE key IN (SELECT key FROM (SELECT key, sum(size) OVER"
                " (ORDER BY used_at, key) - size AS freed FROM model_cache) AS oldest WHERE freed < ?)",
                (excess,),
            )


class StepResults:
    """Finished steps by key. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, *, now: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._now = now

    def load(self, key: str) -> StoredStep | None:
        """What was saved under ``key``, unless it has expired.

        A clock set back makes an entry live longer, never shorter: what was paid for is not lost to it.
        """
        rows = self._connection.read(
            "SELECT step, outcome, reason, hint, value FROM step_cache"
            " WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)",
            (key, self._now()),
        )
        return StoredStep(**dict(rows[0])) if rows else None

    @atomic
    def save(self, key: str, stored: StoredStep, *, ttl: float | None = None, run_id: str | None = None) -> None:
        """Keep a finished step, ``ttl`` seconds long or for good. Only what is done or declined is ever reused.

        It belongs to the source of the run; without one it goes whenever any source is forgotten.
        """
        if stored.outcome not in {Outcome.DONE, Outcome.DECLINED}:
            raise ValueError(f"a step that is {stored.outcome} must be tried again, not cached")
        now = self._now()
        self._connection.write(
            "DELETE FROM step_cache WHERE key IN (SELECT key FROM step_cache"  # noqa: S608
            f" WHERE expires_at IS NOT NULL AND expires_at <= ? {self._connection.skip_locked})",
            (now,),
        )
        expires_at = None if ttl is None else now + ttl
        found = (stored.step, stored.outcome, stored.reason, stored.hint, stored.value)
        self._connection.write(_SAVE_STEP, (key, *found, now, expires_at, run_id, run_id))

    def size(self) -> tuple[int, int]:
        """Steps kept, and the bytes of what they found."""
        row = self._connection.read(
            f"SELECT count(*) AS number, coalesce(sum({self._connection.byte_length('value')}), 0) AS bytes"  # noqa: S608
            " FROM step_cache"
        )[0]
        return int(row["number"]), int(row["bytes"])

    def clear(self) -> int:
        """Forget everything; the number of entries that were forgotten."""
        return self._connection.write("DELETE FROM step_cache")


class QueryCache:
    """Answers of one namespace by key. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(
        self, connection: Connection, namespace: str, *, cap: int = _MOST_ANSWERS, now: Callable[[], float] = time.time
    ) -> None:
        self._connection = connection
        self._namespace = namespace
        self._cap = cap
        self._now = now

    def key(self, kind: str, *parts: object) -> str:
        """The namespace's generation, which every write to it raises, and a hash of it and of what was asked."""
        generation = self._generation()
        asked = json.dumps([kind, self._namespace, generation, *map(str, parts)])
        return f"{generation}-{hashlib.sha256(asked.encode()).hexdigest()}"

    def _generation(self, skip: str = "") -> int | None:
        rows = self._connection.read(
            f"SELECT value FROM generations WHERE namespace = ? {skip}",  # noqa: S608
            (self._namespace,),
        )
        return int(rows[0]["value"]) if rows else None

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

        It is not saved while another writer is at work: whoever asks is not kept waiting for that. Nor is it where the
        namespace was written to since the key was made: what it was made of may be forgotten.
        """
        if len(value.encode()) <= self._cap and ttl > 0:
            self._connection.if_free(partial(self._put, kind, key, value, ttl))

    def _put(self, kind: str, key: str, value: str, ttl: float) -> None:
        size, now = len(value.encode()), self._now()
        skip = self._connection.skip_locked
        if key.partition("-")[0] != str(self._generation(skip)):
            return
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
