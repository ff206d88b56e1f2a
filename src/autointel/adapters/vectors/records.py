"""What every vector memory shares: names of collections, embedding, batches. The text stays in the catalogue."""

from __future__ import annotations

import abc
import hashlib
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import anyio
from anyio import to_thread
from typing_extensions import override

from autointel import ports
from autointel.adapters.insertion import InsertionLimits, InsertionStream, InsertionWriter, raise_failures
from autointel.adapters.store_requests import Sleep, batches
from autointel.domain.performance import InsertionMetrics
from autointel.errors import ModelUnavailable, StoreUnavailable, UsageError
from autointel.ports import Embedder, Remembered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LIMITS: Final = InsertionLimits()
REINDEX: Final = "Run `autointel reindex`: it embeds everything anew from the catalogue."
_NAMESPACE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HASH: Final = 8  # characters of an embedder's digest in a collection's name


class EmbeddingMemory(ports.VectorMemory, abc.ABC):
    """One namespace's vectors by one embedder, in a collection of their own.

    The store knows ids and where a record belongs, never its words: ``nearest`` returns records with an empty
    ``text``, and whoever shows them joins the words from the catalogue by ``passage_id`` or ``record_id``.
    """

    def __init__(
        self,
        namespace: str,
        embedder: Embedder,
        store: str,
        limits: InsertionLimits = _LIMITS,
        sleep: Sleep = anyio.sleep,
    ) -> None:
        if not _NAMESPACE.fullmatch(namespace):
            raise UsageError(
                f"{namespace!r} cannot be the name of a namespace.",
                hint="Use up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit.",
            )
        self._namespace = namespace
        self._embedder = embedder
        self._collection = collection_name(namespace, embedder.fingerprint)
        self._writer = InsertionWriter(store, self._embed_and_store, limits, health=self._healthy, sleep=sleep)

    @property
    @override
    def collection(self) -> str:
        return self._collection

    async def missing(self, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that are not stored; all of them, if the store is not there."""
        wanted = list(dict.fromkeys(ids))
        stored: set[str] = set()
        for some in batches(wanted):
            stored |= await self._stored(some)
        return set(wanted) - stored

    async def remember(self, records: Sequence[Remembered]) -> None:
        """Embed and store; writing an id again changes nothing. Durable when it returns.

        Raises NotAllStored where the store took only a part, and HomeUnusable.
        """
        async with self.remembering() as stream:
            for record in {record.record_id: record for record in records}.values():
                await stream.add(record)

    @asynccontextmanager
    async def remembering(self) -> AsyncIterator[InsertionStream[Remembered]]:
        """A stream of records to store, for callers that have them one by one. At its end it raises as ``remember``."""
        async with self._writer.stream() as stream:
            yield stream
        raise_failures(stream.inserted, lambda record: record.record_id)

    def get_insertion_metrics(self) -> InsertionMetrics:
        """Counters of what was stored since this memory was made, or since the last reset."""
        return self._writer.get_insertion_metrics()

    def reset_metrics(self) -> None:
        """Set the counters to zero."""
        self._writer.reset_metrics()

    async def _embed_and_store(self, records: Sequence[Remembered]) -> None:
        # Before the store is opened: an embedder may be a server that takes its time.
        vectors = await self._embedded([record.text for record in records])
        await self._store(list(records), vectors)

    async def _embedded(self, texts: list[str]) -> NDArray[np.float32]:
        """An embedder that does not answer is a memory that does not: records wait, and searches go without vectors."""
        try:
            return await to_thread.run_sync(self._embedder.embed, texts)
        except ModelUnavailable as error:
            raise StoreUnavailable(error.message, error.hint, passing=True) from error

    async def _healthy(self) -> None:
        """Raise StoreUnavailable where the store does not answer. A store in this process needs no such look."""

    async def nearest(
        self, text: str, limit: int, *, kind: str = "passage", not_source: str | None = None
    ) -> list[tuple[Remembered, float]]:
        """Best first, with the cosine similarity; ``text`` of the records is empty.

        A question without a word that the embedder knows is near to nothing.
        """
        vector = (await self._embedded([text]))[0]
        if limit < 1 or not vector.any():
            return []
        found = await self._nearest(vector, limit, kind, not_source)
        # Equal scores come in the order of writing, which a crash may have changed.
        found.sort(key=lambda pair: (-pair[1], pair[0].record_id))
        return found[:limit]

    @abc.abstractmethod
    async def forget(self, ids: Sequence[str]) -> None:
        """Remove these; an id that is not stored is fine."""

    @abc.abstractmethod
    async def drop_others(self) -> list[str]:
        """Remove this namespace's collections by other embedders, once a reindex is complete; their names."""

    @abc.abstractmethod
    async def _stored(self, ids: list[str]) -> set[str]: ...

    @abc.abstractmethod
    async def _store(self, records: list[Remembered], vectors: NDArray[np.float32]) -> None: ...

    @abc.abstractmethod
    async def _nearest(
        self, vector: NDArray[np.float32], limit: int, kind: str, not_source: str | None
    ) -> list[tuple[Remembered, float]]: ...


def collection_name(namespace: str, fingerprint: str) -> str:
    """Namespace and a short hash of the embedder: vectors of two embedders are never in one collection."""
    return f"{namespace}-{hashlib.sha256(fingerprint.encode()).hexdigest()[:_HASH]}"


def siblings(namespace: str, collection: str, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that hold the same namespace by another embedder."""
    hashed = re.compile(rf"{re.escape(namespace)}-[0-9a-f]{{{_HASH}}}")
    return sorted(name for name in names if name != collection and hashed.fullmatch(name))


def objection(namespace: str, embedder: Embedder, made_by: str, size: int | None) -> str | None:
    """Why a collection by the embedder ``made_by``, of vectors of ``size`` numbers, does not fit; None if it does."""
    if made_by != embedder.fingerprint:
        return f"The memory of {namespace!r} was made by the embedder {made_by}, and this is {embedder.fingerprint}."
    if size != embedder.dimension:
        return (
            f"The memory of {namespace!r} holds vectors of {size} numbers, and the embedder makes {embedder.dimension}."
        )
    return None
