"""The catalogue as a whole, over any database: opened once, asked from any thread."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
from anyio import to_thread

from autointel import ports
from autointel.adapters.catalogue.caches import FetchedWords, ModelReplies, QueryCache, StepResults
from autointel.adapters.catalogue.connection import Connection
from autointel.adapters.catalogue.forgetting import Forgetting
from autointel.adapters.catalogue.jobs import Batches, Followed, Jobs
from autointel.adapters.catalogue.knowledge import Knowledge, Verdicts
from autointel.adapters.catalogue.measures import Measures
from autointel.adapters.catalogue.outbox import Outbox
from autointel.adapters.catalogue.passages import Passages
from autointel.adapters.catalogue.runs import Runs

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class SqlCatalogue(ABC):
    """What SQLite's and PostgreSQL's catalogue share: see the port. Raises HomeUnusable."""

    def __init__(
        self,
        connection: Connection,
        namespace: str,
        passages: Passages,
        words: ports.SpokenWords,
        artifacts: ports.Artifacts,
    ) -> None:
        self.namespace = namespace
        self.passages = passages
        self.words = words
        self.artifacts = artifacts
        self.verdicts = Verdicts(connection, namespace, now=connection.now)
        self.knowledge = Knowledge(connection, namespace)
        self.fetched = FetchedWords(connection, passages, namespace, now=connection.now)
        self.runs = Runs(connection)
        self.step_cache = StepResults(connection, now=connection.now)
        self.model_cache = ModelReplies(connection, now=connection.now)
        self.query_cache = QueryCache(connection, namespace, now=connection.now)
        self.measures = Measures(connection, now=connection.now)
        self.outbox = Outbox(connection, now=connection.now)
        self.batches = Batches(connection)
        self.connection: Connection = connection
        self._forgetting = Forgetting(
            connection,
            namespace,
            passages=passages,
            verdicts=self.verdicts,
            knowledge=self.knowledge,
            outbox=self.outbox,
        )
        self._worker: anyio.CapacityLimiter | None = None

    @abstractmethod
    def alive(self, name: str) -> AbstractContextManager[None]:
        """Holds the mark of a run or worker while it is at work."""

    @abstractmethod
    def is_alive(self, name: str) -> bool:
        """Whether a process holds the mark of that name."""

    @abstractmethod
    def compact(self) -> None:
        """Give back the room of what was removed, and overwrite it."""

    def followed(self, queue: str) -> Followed:
        """The addresses that ``queue`` follows."""
        return Followed(self.connection, queue)

    def jobs(self, queue: str) -> Jobs:
        """The queue of that name."""
        return Jobs(self.connection, queue, self.is_alive)

    def atomically(self, work: Callable[[], Answer]) -> Answer:
        """``work``'s writes, all or none of them."""
        return self.connection.atomically(work)

    def forget(self, source_id: str, runs: Sequence[str] = ()) -> None:
        """Remove a source, its ``runs`` by id, and all that was made of it."""
        self._forgetting.source(source_id, runs)

    def forget_quoting(self, source_id: str, quotes: Callable[[str], bool]) -> None:
        """Remove what was made of other sources and quotes this one."""
        self._forgetting.quoting(source_id, quotes)

    def forget_namespace(self) -> None:
        """Remove what is left of the namespace when its sources are gone."""
        self._forgetting.namespace()

    async def aside(self, ask: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """``ask(*args, **kwargs)`` on a worker thread, one at a time."""
        if self._worker is None:
            # Bound to the loop that asks first.
            self._worker = anyio.CapacityLimiter(1)
        return await to_thread.run_sync(partial(ask, *args, **kwargs), limiter=self._worker)

    def close(self) -> None:
        """Closing twice is fine."""
        self.connection.close()
