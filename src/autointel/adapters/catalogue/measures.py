"""Measures: how long calls, stores and queries took, kept so that their history can be shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from autointel.adapters.catalogue.connection import Connection
from autointel.domain.performance import Measure

_DAY = 86_400.0


class Measures:
    """Times of all namespaces. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, *, now: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._now = now

    def note(self, measures: Sequence[Measure], *, keep_days: float, waits: bool = True) -> None:
        """Keep these as of now, and remove what is older than ``keep_days``: measures, not runs.

        Without ``waits`` they are left out while another writer is at work.
        """
        within = self._connection.atomically if waits else self._connection.if_free
        within(partial(self._note, measures, keep_days))

    def _note(self, measures: Sequence[Measure], keep_days: float) -> None:
        now = self._now()
        self._connection.write_many(
            "INSERT INTO measures (at, kind, name, seconds, failed, cached) VALUES (?, ?, ?, ?, ?, ?)",
            [(now, each.kind, each.name, each.seconds, int(each.failed), int(each.cached)) for each in measures],
        )
        self._connection.write(
            f"DELETE FROM measures WHERE id IN (SELECT id FROM measures WHERE at < ? {self._connection.skip_locked})",  # noqa: S608
            (now - keep_days * _DAY,),
        )

    def since(self, at: float) -> list[Measure]:
        """All since ``at`` (Unix seconds), the oldest first."""
        rows = self._connection.read(
            "SELECT at, kind, name, seconds, failed, cached FROM measures WHERE at >= ? ORDER BY at, id", (at,)
        )
        return [Measure(**dict(row)) for row in rows]
