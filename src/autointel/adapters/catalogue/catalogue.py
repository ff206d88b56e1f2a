"""The catalogue: everything that autointel remembers, except vectors and graph, which are made from it.

Opened once, asked from any thread. Every part blocks; on an event loop, ask it through ``Catalogue.in_thread``. Every
part raises HomeUnusable where the catalogue cannot be read or written. Parts that take no namespace belong to the
catalogue's own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Final, ParamSpec, TypeVar

import anyio
from anyio import to_thread

from autointel import ports
from autointel.adapters.catalogue.caches import FetchedWords, ModelReplies, QueryCache, StepResults
from autointel.adapters.catalogue.connection import Connection
from autointel.adapters.catalogue.jobs import Batches, Followed, JobQueue, Outbox
from autointel.adapters.catalogue.knowledge import Knowledge, Verdicts
from autointel.adapters.catalogue.passages import Passages
from autointel.adapters.catalogue.runs import Measures, Runs
from autointel.domain.run import Outcome, StepName

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_CACHES: Final = ("step_cache", "model_cache")


class Catalogue(ABC):
    """What SQLite's and PostgreSQL's catalogue share. Raises HomeUnusable."""

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
        self._worker: anyio.CapacityLimiter | None = None

    @abstractmethod
    def alive(self, name: str) -> AbstractContextManager[None]:
        """Holds the mark of a run or worker that is at work; the mark goes when its process ends, however it ends."""

    @abstractmethod
    def alive_among(self, names: Collection[str]) -> set[str]:
        """Those of ``names`` whose mark some process holds."""

    def is_alive(self, name: str) -> bool:
        """Whether some process holds the mark of that name."""
        return name in self.alive_among([name])

    @abstractmethod
    def compact(self) -> None:
        """Give back the room of what was removed, and overwrite it where the store only marks it as free."""

    @abstractmethod
    def mend_index(self) -> None:
        """Build the index of words anew where it is damaged."""

    def remembered(self) -> int:
        """Passages, key points and claims that memory was to hold.

        A source that runs have read, and that none of them brought as far as memory, is left out.
        """
        where = (self.namespace, self.namespace, StepName.MEMORY, Outcome.SKIPPED, Outcome.DECLINED)
        unasked = """SELECT source_id FROM runs WHERE namespace = ? AND source_id IS NOT NULL AND source_id NOT IN
            (SELECT source_id FROM runs JOIN steps ON steps.run_id = runs.id WHERE namespace = ? AND name = ?
            AND outcome NOT IN (?, ?) AND source_id IS NOT NULL)"""
        counts = (
            self.connection.read(
                f"SELECT count(*) AS number FROM {table} WHERE namespace = ? AND source_id NOT IN ({unasked})",  # noqa: S608
                (self.namespace, *where),
            )
            for table in ("passages", "records")
        )
        return sum(int(rows[0]["number"]) for rows in counts)

    def followed(self, queue: str) -> Followed:
        """The addresses that ``queue`` follows."""
        return Followed(self.connection, queue)

    def jobs(self, queue: str) -> JobQueue:
        """The queue of that name; a job belongs to its owner for as long as the owner is ``alive``."""
        return JobQueue(self.connection, queue, self.alive_among)

    def atomically(self, work: Callable[[], Answer]) -> Answer:
        """``work``'s writes to this catalogue, all or none of them. ``work`` may be called more than once."""
        return self.connection.atomically(work)

    def forget(self, source_id: str, runs: Sequence[str] = ()) -> None:
        """Remove a source, its ``runs`` by id, and all that was made of it; all or nothing.

        Cached results that bear no source go too: they may know its words. ``compact`` overwrites what was removed.
        """
        self.atomically(partial(self._forget, source_id, runs))

    def _forget(self, source_id: str, runs: Sequence[str]) -> None:
        connection, where = self.connection, (self.namespace, source_id)
        # A run that reads the source looks under this lock whether it was forgotten.
        self.passages.lock()
        self.passages.forget(source_id)
        self.verdicts.forget(source_id)
        self.knowledge.forget(source_id)
        self._forget_jobs([*self.runs.of_source(source_id, self.namespace), *runs])
        connection.write("DELETE FROM runs WHERE namespace = ? AND source_id = ?", where)
        connection.write_many("DELETE FROM runs WHERE id = ?", [(run,) for run in runs])
        self._waiting_entities(source_id)
        for place in (("source_id",), ("provenance", "source_id")):
            named = connection.json_field("payload", *place)
            connection.write(f"DELETE FROM outbox WHERE namespace = ? AND {named} = ?", where)  # noqa: S608
        connection.write("DELETE FROM fetched WHERE namespace = ? AND source_id = ?", where)
        for table in _CACHES:
            connection.write(
                f"DELETE FROM {table} WHERE source_id IS NULL OR (namespace = ? AND source_id = ?)",  # noqa: S608
                where,
            )

    def _waiting_entities(self, source_id: str) -> None:
        """Remove waiting entities, which do not say where they come from, unless another source names them."""
        from autointel.pipeline.store import ENTITIES  # here, since a search opens the catalogue and runs no step

        rows = self.connection.read(
            f"SELECT id, {self.connection.json_field('payload', 'name')} AS name FROM outbox"  # noqa: S608
            " WHERE namespace = ? AND kind = ?",
            (self.namespace, ENTITIES),
        )
        said = self.passages.saying([row["name"] for row in rows], not_sources=[source_id])
        self.outbox.delivered([row["id"] for row in rows if row["name"] not in said])

    def _forget_jobs(self, runs: Sequence[str]) -> None:
        """Empty jobs that ended with one of these runs. Their keys stay, as digests: none is briefed again."""
        self.connection.write_in(
            "UPDATE jobs SET source = '', episode = NULL, title = '', reason = '', run_id = NULL,"
            " state = CASE WHEN state IN ('done', 'partial') THEN state ELSE 'passed over' END"
            " WHERE state NOT IN ('waiting', 'running') AND run_id IN {keys}",
            runs,
        )

    def forget_quoting(self, source_id: str, quotes: Callable[[str, Collection[str]], bool]) -> None:
        """Remove what was made of other sources and quotes this one: cached results, and verdicts.

        ``quotes`` says whether a text does that was made of the sources of these ids.
        """
        connection, where = self.connection, (self.namespace, source_id)
        for table, key in ((_CACHES[0], "key"), (_CACHES[1], "key"), ("claims", "id")):
            others = f"SELECT {key}, source_id FROM {table} WHERE namespace = ? AND source_id <> ?"  # noqa: S608
            rows = connection.read(others, where)
            for row in rows:
                # One by one: a cache may be larger than memory.
                value = connection.read(f"SELECT value FROM {table} WHERE {key} = ?", (row[key],))  # noqa: S608
                if value and quotes(value[0]["value"], [row["source_id"]]):
                    connection.write(f"DELETE FROM {table} WHERE {key} = ?", (row[key],))  # noqa: S608

    def forget_namespace(self) -> None:
        """Remove what is left of the namespace when its sources are gone."""
        self.atomically(self._forget_namespace)

    def _forget_namespace(self) -> None:
        self.passages.lock()
        self._forget_jobs(self.runs.of_namespace(self.namespace))
        for table in ("runs", "records", "claims", "knowledge", "fetched", "outbox", *_CACHES):
            self.connection.write(f"DELETE FROM {table} WHERE namespace = ?", (self.namespace,))  # noqa: S608

    async def in_thread(self, ask: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """``ask(*args, **kwargs)`` on a worker thread, one at a time.

        ``await catalogue.in_thread(catalogue.passages.keyword, "fares", 10)``
        """
        if self._worker is None:
            # Bound to the loop that asks first.
            self._worker = anyio.CapacityLimiter(1)
        return await to_thread.run_sync(partial(ask, *args, **kwargs), limiter=self._worker)

    def close(self) -> None:
        """Closing twice is fine."""
        self.connection.close()
