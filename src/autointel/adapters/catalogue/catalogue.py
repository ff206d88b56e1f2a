"""The catalogue as a whole: opened once, asked from any thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

import anyio
from anyio import to_thread

from autointel.adapters.alive import alive, is_alive
from autointel.adapters.catalogue.batches import Batches, Followed
from autointel.adapters.catalogue.caches import FetchedWords, SqliteModelCache, SqliteStepCache
from autointel.adapters.catalogue.connection import Connection, migrate
from autointel.adapters.catalogue.forgetting import Forgetting
from autointel.adapters.catalogue.jobs import SqliteJobs
from autointel.adapters.catalogue.knowledge import Knowledge
from autointel.adapters.catalogue.measures import Measures
from autointel.adapters.catalogue.outbox import Outbox
from autointel.adapters.catalogue.passages import Passages, Segments
from autointel.adapters.catalogue.query_cache import QueryCache
from autointel.adapters.catalogue.runs import Runs
from autointel.adapters.catalogue.verdicts import Verdicts
from autointel.adapters.home import Home

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Catalogue:
    """One SQLite file in a home.

    Opening migrates an older file, after a backup. Raises HomeUnusable: unwritable, full, damaged, too new, busy.
    """

    def __init__(self, path: Path, namespace: str = "default") -> None:
        self.namespace = namespace
        self.connection = Connection(path)
        self._home = Home(path.parent)
        try:
            migrate(self.connection, self._home.backups)
        except BaseException:
            self.connection.close()
            raise
        self.passages = Passages(self.connection, namespace)
        self.words = Segments(self.connection, namespace)
        self.verdicts = Verdicts(self.connection, namespace)
        self.knowledge = Knowledge(self.connection, namespace)
        self.fetched = FetchedWords(self.connection, self.passages, namespace)
        self.runs = Runs(self.connection)
        self.step_cache = SqliteStepCache(self.connection)
        self.model_cache = SqliteModelCache(self.connection)
        self.query_cache = QueryCache(self.connection, namespace)
        self.measures = Measures(self.connection)
        self.outbox = Outbox(self.connection)
        self.batches = Batches(self.connection)
        self._forgetting = Forgetting(
            self.connection,
            namespace,
            passages=self.passages,
            verdicts=self.verdicts,
            knowledge=self.knowledge,
            outbox=self.outbox,
        )
        self._worker: anyio.CapacityLimiter | None = None

    def followed(self, queue: str) -> Followed:
        """The addresses that ``queue`` follows."""
        return Followed(self.connection, queue)

    def jobs(self, queue: str) -> SqliteJobs:
        """The queue of that name."""
        return SqliteJobs(self.connection, queue, self.is_alive)

    def alive(self, name: str) -> AbstractContextManager[None]:
        """Holds a lock on a file of the home."""
        return alive(self._home.alive(name))

    def is_alive(self, name: str) -> bool:
        """Whether a process on this machine holds that lock."""
        return is_alive(self._home.alive(name))

    def atomically(self, work: Callable[[], Answer]) -> Answer:
        """``work``'s writes, all or none of them."""
        with self.connection.transaction():
            return work()

    def forget(self, source_id: str, runs: Sequence[str] = ()) -> None:
        """Remove a source, its ``runs`` by id, and all that was made of it."""
        self._forgetting.source(source_id, runs)

    def forget_quoting(self, source_id: str, quotes: Callable[[str], bool]) -> None:
        """Remove what was made of other sources and quotes this one."""
        self._forgetting.quoting(source_id, quotes)

    def forget_namespace(self) -> None:
        """Remove what is left of the namespace when its sources are gone."""
        self._forgetting.namespace()

    def compact(self) -> None:
        """Give back the room of what was removed, and overwrite it: SQLite and its index only mark it as free."""
        self.connection.write("INSERT INTO passage_index (passage_index) VALUES ('optimize')")
        self.connection.write("VACUUM")
        self.connection.read("PRAGMA wal_checkpoint(TRUNCATE)")

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
