"""The catalogue as a whole: opened once, asked from any thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

import anyio
from anyio import to_thread

from autointel.adapters.catalogue.caches import FetchedWords, SqliteModelCache, SqliteStepCache
from autointel.adapters.catalogue.connection import Connection, migrate
from autointel.adapters.catalogue.knowledge import Knowledge
from autointel.adapters.catalogue.measures import Measures
from autointel.adapters.catalogue.outbox import Outbox
from autointel.adapters.catalogue.passages import Passages
from autointel.adapters.catalogue.query_cache import QueryCache
from autointel.adapters.catalogue.runs import Runs
from autointel.adapters.catalogue.verdicts import Verdicts

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Catalogue:
    """One SQLite file. Its parts block; on an event loop, ask them through ``aside``.

    Opening migrates an older file, after a backup. Raises HomeUnusable: unwritable, full, damaged, too new, busy.
    """

    def __init__(self, path: Path, namespace: str = "default") -> None:
        self.namespace = namespace
        self.connection = Connection(path)
        try:
            migrate(self.connection, path.parent / "backups")
        except BaseException:
            self.connection.close()
            raise
        self.passages = Passages(self.connection, namespace)
        self.verdicts = Verdicts(self.connection, namespace)
        self.knowledge = Knowledge(self.connection, namespace)
        self.fetched = FetchedWords(self.connection, self.passages, namespace)
        self.runs = Runs(self.connection)
        self.step_cache = SqliteStepCache(self.connection)
        self.model_cache = SqliteModelCache(self.connection)
        self.query_cache = QueryCache(self.connection, namespace)
        self.measures = Measures(self.connection)
        self.outbox = Outbox(self.connection)
        self._worker: anyio.CapacityLimiter | None = None

    async def aside(self, ask: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """``ask(*args, **kwargs)`` on a worker thread, one at a time.

        ``await catalogue.aside(catalogue.passages.keyword, "fares", 10)``
        """
        if self._worker is None:
            # Bound to the loop that asks first.
            self._worker = anyio.CapacityLimiter(1)
        return await to_thread.run_sync(partial(ask, *args, **kwargs), limiter=self._worker)

    def close(self) -> None:
        """Closing twice is fine."""
        self.connection.close()
