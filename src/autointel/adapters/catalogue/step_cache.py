"""What finished steps found, so that nothing is done twice."""

from __future__ import annotations

import time
from collections.abc import Callable

from autointel.adapters.catalogue.connection import Connection
from autointel.domain.run import Outcome, StepName
from autointel.domain.value import Value


class StoredStep(Value):
    """A finished step; ``value`` is what it found, as JSON."""

    step: StepName
    outcome: Outcome
    reason: str = ""
    hint: str = ""
    value: str


class SqliteStepCache:
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

    def save(self, key: str, stored: StoredStep, *, ttl: float | None = None) -> None:
        """Keep a finished step, ``ttl`` seconds long or for good. Only what is done or declined is ever reused."""
        if stored.outcome not in {Outcome.DONE, Outcome.DECLINED}:
            raise ValueError(f"a step that is {stored.outcome} must be tried again, not cached")
        now = self._now()
        with self._connection.transaction():
            self._connection.write("DELETE FROM step_cache WHERE expires_at IS NOT NULL AND expires_at <= ?", (now,))
            self._connection.write(
                "INSERT OR REPLACE INTO step_cache VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    key,
                    stored.step,
                    stored.outcome,
                    stored.reason,
                    stored.hint,
                    stored.value,
                    now,
                    None if ttl is None else now + ttl,
                ),
            )

    def size(self) -> tuple[int, int]:
        """Steps kept, and the bytes of what they found."""
        row = self._connection.read("SELECT count(*), coalesce(sum(length(CAST(value AS BLOB))), 0) FROM step_cache")[0]
        return int(row[0]), int(row[1])

    def clear(self) -> int:
        """Forget everything; the number of entries that were forgotten."""
        return self._connection.write("DELETE FROM step_cache")
