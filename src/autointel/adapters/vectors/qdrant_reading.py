"""Looking something up in Qdrant's local mode without Qdrant: the client takes 0.6 s to import, and holds a lock.

Local mode keeps one SQLite row a point, each a pickled ``PointStruct``. They are read here without running what a
pickle may ask for, and without waiting for a run that writes. A file that does not read so is left to the client.
"""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from anyio import to_thread
from typing_extensions import override

from autointel import ports
from autointel.adapters.vectors.records import FINGERPRINT, collection_name, siblings
from autointel.ports import Embedder, Remembered, VectorMemory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_POINT: Final = ("qdrant_client.http.models.models", "PointStruct")
_Version: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True)
class _Points:
    """Everything of one collection; ``vectors`` has a unit row for each of ``records``."""

    records: list[Remembered]
    vectors: NDArray[np.float32]
    kinds: NDArray[np.str_]
    sources: NDArray[np.str_]

    @classmethod
    def of(cls, records: list[Remembered], vectors: NDArray[np.float32]) -> _Points:
        import numpy as np

        kinds = np.array([record.kind for record in records], dtype=np.str_)
        return cls(records, vectors, kinds, np.array([record.source_id for record in records], dtype=np.str_))


class _Unreadable(Exception):
    """Not a file as this module knows them."""


class QdrantReading(ports.VectorMemory):
    """``nearest`` from the file, as it was last committed; all else, and any file not understood, by ``memory``."""

    def __init__(self, memory: VectorMemory, folder: Path, namespace: str, embedder: Embedder) -> None:
        self._memory = memory
        self._embedder = embedder
        collection = collection_name(namespace, embedder.fingerprint)
        self._namespace = namespace
        self._folder = folder
        self._meta = folder / collection / "meta.json"
        self._file = folder / collection / "collection" / collection / "storage.sqlite"
        self._collection = collection
        self._kept: tuple[_Version, _Points] | None = None
        self._loading = Lock()

    @property
    @override
    def collection(self) -> str:
        """The name of the collection."""
        return self._collection

    @override
    async def missing(self, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that are not stored."""
        return await self._memory.missing(ids)

    @override
    async def remember(self, records: Sequence[Remembered]) -> None:
        """By the client."""
        await self._memory.remember(records)

    @override
    async def nearest(
        self, text: str, limit: int, *, kind: str = "passage", not_source: str | None = None
    ) -> list[tuple[Remembered, float]]:
        """Best first, with the cosine similarity; ``text`` of the records is empty."""
        points, vector = await to_thread.run_sync(self._prepared, text)
        if points is None:
            return await self._memory.nearest(text, limit, kind=kind, not_source=not_source)
        return await to_thread.run_sync(_nearest, points, vector, limit, kind, not_source)

    @override
    async def count(self) -> int:
        """Records stored."""
        return await self._memory.count()

    @override
    async def close(self) -> None:
        """Release what is held; closing twice is fine."""
        self._kept = None
        await self._memory.close()

    def _prepared(self, text: str) -> tuple[_Points | None, NDArray[np.float32]]:
        """Each takes a fifth of a second the first time, so they are done side by side."""
        with ThreadPoolExecutor(1) as beside:
            loading = beside.submit(self._load)
            vector = self._embedder.embed([text])[0]
            return loading.result(), vector

    def _load(self) -> _Points | None:
        with self._loading:
            try:
                return self._current()
            except Exception:  # noqa: BLE001  a damaged pickle raises anything; the client, asked next, tells what it is
                return None

    def _current(self) -> _Points:
        import numpy as np

        if self._is_new():
            # The client would make it.
            return _Points.of([], np.zeros((0, self._embedder.dimension), dtype=np.float32))
        version = self._version()
        if self._kept is None or self._kept[0] != version:
            self._check()
            self._kept = version, _points(self._file, self._embedder.dimension)
        return self._kept[1]

    def _is_new(self) -> bool:
        """Whether nothing was ever remembered in this namespace, by whatever embedder."""
        names = [path.name for path in self._folder.iterdir()] if self._folder.exists() else []
        return self._collection not in names and not siblings(self._namespace, self._collection, names)

    def _version(self) -> _Version:
        """Changes with every commit: it writes to the log beside the file, or to the file."""
        file, log = self._file.stat(), self._file.with_name(self._file.name + "-wal")
        try:
            beside = log.stat()
        except FileNotFoundError:
            return file.st_mtime_ns, file.st_size, 0, 0
        return file.st_mtime_ns, file.st_size, beside.st_mtime_ns, beside.st_size

    def _check(self) -> None:
        """The client tells who uses another embedder what to do about it."""
        meta = json.loads(self._meta.read_bytes())["collections"][self._collection]
        if (meta.get("metadata") or {}).get(FINGERPRINT) != self._embedder.fingerprint:
            raise _Unreadable


def _points(file: Path, dimension: int) -> _Points:
    import numpy as np

    # Never made here: a folder that was deleted stays deleted.
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as storage:
        # Of several copies of a point the last one counts, as it does for the client.
        rows = storage.execute("SELECT point FROM points ORDER BY rowid DESC")
        points = {point["id"]: point for point in reversed([_point(row[0]) for row in rows])}
    vectors = np.asarray([point["vector"] for point in points.values()], dtype=np.float32)
    if points and vectors.shape != (len(points), dimension):
        raise _Unreadable
    records = [Remembered(record_id=key, text="", **point["payload"]) for key, point in points.items()]
    return _Points.of(records, vectors.reshape(len(records), dimension))


class _Point:
    """Stands for Qdrant's own class, which takes long to import."""

    __dict__: dict[str, Any]

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state["__dict__"])


class _Unpickler(pickle.Unpickler):
    """Makes points and nothing else, whatever the pickle asks for."""

    @override
    def find_class(self, module_name: str, global_name: str) -> Any:
        if (module_name, global_name) != _POINT:
            raise _Unreadable
        return _Point


def _point(pickled: bytes) -> dict[str, Any]:
    point = _Unpickler(io.BytesIO(pickled)).load()
    if not isinstance(point, _Point):
        raise _Unreadable
    return vars(point)


def _nearest(
    points: _Points, vector: NDArray[np.float32], limit: int, kind: str, not_source: str | None
) -> list[tuple[Remembered, float]]:
    import numpy as np

    wanted = points.kinds == kind
    if not_source is not None:
        wanted &= points.sources != not_source
    fitting = np.flatnonzero(wanted)
    if limit < 1 or not vector.any() or not len(fitting):
        return []
    scores = points.vectors[fitting] @ vector if len(fitting) < len(points.records) else points.vectors @ vector
    # Only those that may be among the best, and all that tie with the last of them, are looked at one by one.
    least = np.partition(scores, -limit)[-limit] if limit < len(scores) else scores.min()
    best = np.flatnonzero(scores >= least)
    found = [(points.records[fitting[place]], float(scores[place])) for place in best]
    found.sort(key=lambda pair: (-pair[1], pair[0].record_id))
    return found[:limit]
