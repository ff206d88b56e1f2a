"""Memory in a folder: Qdrant's local mode, one folder per collection. Good to about 20,000 passages."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from anyio import to_thread
from typing_extensions import override

from autointel.adapters.embedded import Embedded
from autointel.adapters.home import home_unusable
from autointel.adapters.locking import PATIENCE, StoreLock, Waiting, say_nothing
from autointel.adapters.vectors.qdrant_ids import holds_all
from autointel.adapters.vectors.records import (
    REINDEX,
    QdrantVectors,
    narrowed,
    objection,
    parameters,
    remembered,
    siblings,
)
from autointel.errors import HomeUnusable
from autointel.ports import Embedder, Remembered

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

Answer = TypeVar("Answer")
# Unfiltered search costs 10 ms at 20,000 records and filtered 210 ms: so look at more than asked for, and sieve.
_SPARE: Final = 8
_SPARE_AT_LEAST: Final = 64


class QdrantMemory(QdrantVectors):
    """Vectors in ``folder``/<collection>, open for a batch or a query only, by one process at a time.

    A folder per collection, because local mode loads all that its folder holds. Everything raises HomeUnusable.
    ``rebuild`` allows a memory beside one made by another embedder, and empties one that does not fit: for reindexing.
    """

    def __init__(
        self,
        folder: Path,
        namespace: str,
        embedder: Embedder,
        *,
        locks: Path,
        patience: float = PATIENCE,
        waiting: Waiting = say_nothing,
        rebuild: bool = False,
    ) -> None:
        super().__init__(namespace, embedder)
        self._parent = folder
        self._folder = folder / self.collection
        self._rebuild = rebuild
        lock = StoreLock(locks / f"memory-{self.collection}.lock", "The memory", patience=patience, waiting=waiting)
        self._points = self._folder / "collection" / self.collection / "storage.sqlite"
        self._embedded = Embedded(lock, self._points, self._open, lambda client: client.close())

    @override
    async def missing(self, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that are not stored. Where none is missing, the client need not be loaded to see it."""
        if await to_thread.run_sync(holds_all, self._points, ids):
            return set()
        return await super().missing(ids)

    async def count(self) -> int:
        """Records stored."""
        return await self._ask(lambda client: client.count(self.collection).count)

    async def forget(self, ids: Sequence[str]) -> None:
        """Remove these; an id that is not stored is fine."""
        known = list(set(ids) - await self.missing(ids))
        if known:
            await self._ask(lambda client: client.delete(self.collection, points_selector=[*known]))

    async def drop_others(self) -> list[str]:
        """Remove this namespace's collections by other embedders, once a reindex is complete; their names."""
        others = self._others()
        for name in others:
            with self._told():
                shutil.rmtree(self._parent / name)
        return others

    async def close(self) -> None:
        """Release what is held; closing twice is fine."""
        await self._embedded.close()

    async def _stored(self, ids: list[str]) -> set[str]:
        found = await self._ask(
            lambda client: client.retrieve(self.collection, ids, with_payload=False, with_vectors=False)
        )
        return {str(record.id) for record in found}

    async def _store(self, points: list[models.PointStruct]) -> None:
        await self._ask(lambda client: client.upsert(self.collection, points))

    async def _nearest(
        self, vector: list[float], limit: int, kind: str, not_source: str | None
    ) -> list[tuple[Remembered, float]]:
        def search(client: QdrantClient) -> list[tuple[Remembered, float]]:
            wide = max(_SPARE_AT_LEAST, limit * _SPARE)
            points = client.query_points(self.collection, query=vector, limit=wide).points
            fitting = [
                (record, score)
                for record, score in map(remembered, points)
                if record.kind == kind and record.source_id != not_source
            ]
            if len(fitting) >= limit or len(points) < wide:
                return fitting
            query_filter = narrowed(kind, not_source)
            exact = client.query_points(self.collection, query=vector, limit=limit, query_filter=query_filter)
            return [remembered(point) for point in exact.points]

        return await self._ask(search)

    async def _ask(self, work: Callable[[QdrantClient], Answer]) -> Answer:
        with self._told():
            return await self._embedded.run(work)

    def _open(self) -> QdrantClient:
        """Runs in the store's worker, under the lock."""
        others = self._others()
        if others and not self._folder.exists() and not self._rebuild:
            raise HomeUnusable(f"The memory of {self._namespace!r} was made by another embedder.", hint=REINDEX)
        client = self._client()
        try:
            return self._fitting(client)
        except BaseException:
            client.close()
            raise

    def _fitting(self, client: QdrantClient) -> QdrantClient:
        if client.collection_exists(self.collection):
            unfit = objection(self._namespace, self._embedder, client.get_collection(self.collection))
            if unfit is None:
                return client
            if not self._rebuild:
                raise HomeUnusable(unfit, hint=REINDEX)
            client.delete_collection(self.collection)
        client.create_collection(self.collection, **parameters(self._embedder))
        client.close()
        self._quicken()
        return self._client()

    def _client(self) -> QdrantClient:
        from qdrant_client import QdrantClient

        # It advises a server from 20,000 records on; `doctor` and the documentation do, where people read it.
        warnings.filterwarnings("ignore", message="Local mode is not recommended", category=UserWarning)
        marker = self._folder / "meta.json"
        if marker.exists() and marker.stat().st_size == 0:
            # A process killed between making this file and filling it; the points stand elsewhere.
            marker.unlink()
        # One worker at a time, but not always the same thread.
        return QdrantClient(path=str(self._folder), force_disable_check_same_thread=True)

    def _quicken(self) -> None:
        """Local mode commits each point by itself: 1,300 a second. With a write-ahead log it is 4,200, as durable."""
        if self._points.exists():
            with contextlib.closing(sqlite3.connect(self._points)) as points:
                points.execute("PRAGMA journal_mode = WAL")

    def _others(self) -> list[str]:
        with self._told():
            names = [path.name for path in self._parent.iterdir()] if self._parent.exists() else []
        return siblings(self._namespace, self.collection, names)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever the vendor raises, in two sentences."""
        try:
            yield
        except HomeUnusable:
            raise
        except OSError as error:
            raise home_unusable(self._folder, error) from error
        except sqlite3.OperationalError as error:
            raise HomeUnusable(
                f"The memory in {self._folder} cannot be written or read: {error}.",
                hint="See that the disk is neither full nor read-only, or set AUTOINTEL_HOME to another folder.",
            ) from error
        except Exception as error:
            # Local mode has no error of its own: a damaged folder shows as whatever its parser stumbles on.
            raise _unusable(self._folder, error) from error


def _unusable(folder: Path, error: Exception) -> HomeUnusable:
    if "already accessed" in str(error):
        return HomeUnusable(
            f"The memory in {folder} is in use by another program.",
            hint="End it, or set AUTOINTEL_HOME to another folder.",
        )
    return HomeUnusable(
        f"The memory in {folder} is damaged: {type(error).__name__}: {error}.",
        hint="Move that folder aside, then run `autointel reindex` to rebuild it from the catalogue.",
    )
