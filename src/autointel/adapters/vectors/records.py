"""What both kinds of Qdrant have in common: names, points, embedding, batches. Text is kept in the catalogue."""

from __future__ import annotations

import abc
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread

from autointel import ports
from autointel.errors import UsageError
from autointel.ports import Embedder, Remembered

if TYPE_CHECKING:
    from qdrant_client import models

BATCH: Final = 256
"""Records embedded and stored at once; between two batches another process may have its turn."""
REINDEX: Final = "Run `autointel reindex`: it embeds everything anew from the catalogue."
FINGERPRINT: Final = "embedder"
_LOOK_UP: Final = 1000
_NAMESPACE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HASH: Final = 8


class QdrantVectors(ports.VectorMemory, abc.ABC):
    """One namespace's vectors by one embedder, in a collection of their own.

    The store knows ids and where a record belongs, never its words: ``nearest`` returns records with an empty
    ``text``, and whoever shows them joins the words from the catalogue by ``passage_id`` or ``record_id``.
    """

    def __init__(self, namespace: str, embedder: Embedder) -> None:
        if not _NAMESPACE.fullmatch(namespace):
            raise UsageError(
                f"{namespace!r} cannot be the name of a namespace.",
                hint="Use up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit.",
            )
        self._namespace = namespace
        self._embedder = embedder
        self._collection = collection_name(namespace, embedder.fingerprint)

    @property
    def collection(self) -> str:
        """The name of the collection, for the report."""
        return self._collection

    async def missing(self, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that are not stored; all of them, if the store is not there."""
        wanted = list(dict.fromkeys(ids))
        stored: set[str] = set()
        for some in _batches(wanted, _LOOK_UP):
            stored |= await self._stored(some)
        return set(wanted) - stored

    async def remember(self, records: Sequence[Remembered]) -> None:
        """Embed and store; writing an id again changes nothing. Durable when it returns."""
        unique = list({record.record_id: record for record in records}.values())
        for some in _batches(unique, BATCH):
            # Before the store is opened: an embedder may be a server that takes its time.
            vectors = await to_thread.run_sync(self._embedder.embed, [record.text for record in some])
            await self._store([_point(record, vector) for record, vector in zip(some, vectors.tolist(), strict=True)])

    async def nearest(
        self, text: str, limit: int, *, kind: str = "passage", not_source: str | None = None
    ) -> list[tuple[Remembered, float]]:
        """Best first, with the cosine similarity; ``text`` of the records is empty.

        A question without a word that the embedder knows is near to nothing.
        """
        vector = (await to_thread.run_sync(self._embedder.embed, [text]))[0]
        if limit < 1 or not vector.any():
            return []
        found = await self._nearest(vector.tolist(), limit, kind, not_source)
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
    async def _store(self, points: list[models.PointStruct]) -> None: ...

    @abc.abstractmethod
    async def _nearest(
        self, vector: list[float], limit: int, kind: str, not_source: str | None
    ) -> list[tuple[Remembered, float]]: ...


def collection_name(namespace: str, fingerprint: str) -> str:
    """Namespace and a short hash of the embedder: vectors of two embedders are never in one collection."""
    return f"{namespace}-{hashlib.sha256(fingerprint.encode()).hexdigest()[:_HASH]}"


def siblings(namespace: str, collection: str, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that hold the same namespace by another embedder."""
    hashed = re.compile(rf"{re.escape(namespace)}-[0-9a-f]{{{_HASH}}}")
    return sorted(name for name in names if name != collection and hashed.fullmatch(name))


def parameters(embedder: Embedder) -> dict[str, Any]:
    """How a collection for this embedder is made."""
    from qdrant_client import models

    return {
        "vectors_config": models.VectorParams(size=embedder.dimension, distance=models.Distance.COSINE),
        "metadata": {FINGERPRINT: embedder.fingerprint},
    }


def objection(namespace: str, embedder: Embedder, info: models.CollectionInfo) -> str | None:
    """Why this collection is not for this embedder, in one sentence; None if it is."""
    # A server before 1.16 keeps no such note; the hash in the collection's name then has to do.
    made_by = (info.config.metadata or {}).get(FINGERPRINT, embedder.fingerprint)
    if made_by != embedder.fingerprint:
        return f"The memory of {namespace!r} was made by the embedder {made_by}, and this is {embedder.fingerprint}."
    size = getattr(info.config.params.vectors, "size", None)
    if size != embedder.dimension:
        return (
            f"The memory of {namespace!r} holds vectors of {size} numbers, and the embedder makes {embedder.dimension}."
        )
    return None


def narrowed(kind: str, not_source: str | None) -> models.Filter:
    """A filter for one kind of record, without those of one source."""
    from qdrant_client import models

    def field(key: str, value: str) -> models.FieldCondition:
        return models.FieldCondition(key=key, match=models.MatchValue(value=value))

    return models.Filter(
        must=[field("kind", kind)], must_not=None if not_source is None else [field("source_id", not_source)]
    )


def remembered(point: models.ScoredPoint) -> tuple[Remembered, float]:
    """A point as the port speaks of it."""
    return Remembered(record_id=str(point.id), text="", **(point.payload or {})), point.score


def _point(record: Remembered, vector: list[float]) -> models.PointStruct:
    from qdrant_client import models

    payload = {"kind": record.kind, "source_id": record.source_id, "passage_id": record.passage_id}
    return models.PointStruct(id=record.record_id, vector=vector, payload=payload)


def _batches(items: list[Any], size: int) -> Iterable[list[Any]]:
    return (items[first : first + size] for first in range(0, len(items), size))
