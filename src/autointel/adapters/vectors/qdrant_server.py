"""Vectors on a Qdrant server, and what its failures mean in the server's own words."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio
from typing_extensions import override

from autointel.adapters.insertion import InsertionLimits
from autointel.adapters.store_requests import Sleep, public_address, retried, timed
from autointel.adapters.vectors.records import REINDEX, EmbeddingMemory, objection, siblings
from autointel.errors import StoreUnavailable, not_asked
from autointel.ports import Embedder, Remembered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from qdrant_client import AsyncQdrantClient, models

_REFUSED: Final = frozenset({401, 403})
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409
_TOO_LARGE: Final = 413
_TOO_MANY: Final = 429
# A proxy in front of a server that starts, or the server itself under load.
_PASSING: Final = frozenset({408, 425, 500, 502, 503, 504})
_WORDS: Final = 300
"""Characters of a server's own words; the reason stands in the first sentence."""
_UNSAID: Final = 1.0  # seconds to wait for a server that asks for fewer requests and does not say when
_LONGEST: Final = 30.0  # seconds, whatever the server asks for
_NOT_QDRANT: Final = "See that AUTOINTEL_QDRANT__URL is the address of a Qdrant server of version 1.10 or later."
Answer = TypeVar("Answer")
_TIMEOUT: Final = 10.0  # seconds for one request
_LIMITS: Final = InsertionLimits()
_FINGERPRINT: Final = "embedder"


class QdrantServerMemory(EmbeddingMemory):
    """Vectors on the server at ``url``. Everything raises StoreUnavailable. ``timeout`` is seconds for one request.

    The client belongs to the event loop that asks first. ``rebuild`` is as for the embedded memory.
    With ``offline`` every request fails before anything is sent.
    """

    def __init__(
        self,
        url: str,
        namespace: str,
        embedder: Embedder,
        *,
        api_key: str | None = None,
        timeout: float = _TIMEOUT,
        rebuild: bool = False,
        offline: bool = False,
        limits: InsertionLimits = _LIMITS,
        sleep: Sleep = anyio.sleep,
    ) -> None:
        super().__init__(namespace, embedder, f"The memory server at {public_address(url)}", limits, sleep)
        self._sleep = sleep
        self._offline = offline
        self._url = url
        self._api_key = api_key
        self._timeout = timeout
        self._rebuild = rebuild
        self._client: AsyncQdrantClient | None = None
        self._checked = False
        self._checking = anyio.Lock()

    @override
    async def count(self) -> int:
        return (await self._ask(lambda client: client.count(self.collection, exact=True), "count")).count

    @override
    async def forget(self, ids: Sequence[str]) -> None:
        await self._ask(lambda client: client.delete(self.collection, points_selector=list(ids), wait=True), "delete")

    @override
    async def drop_others(self) -> list[str]:
        client = self._connected()
        others = await self._others(client)
        for name in others:
            await self._within(partial(client.delete_collection, name), "delete a collection")
        return others

    @override
    async def close(self) -> None:
        client, self._client, self._checked = self._client, None, False
        if client is not None:
            await client.close()

    async def _stored(self, ids: list[str]) -> set[str]:
        found = await self._ask(
            lambda client: client.retrieve(self.collection, ids, with_payload=False, with_vectors=False),
            "retrieve",
        )
        return {str(record.id) for record in found}

    async def _store(self, records: list[Remembered], vectors: NDArray[np.float32]) -> None:
        points = [_point(record, vector) for record, vector in zip(records, vectors.tolist(), strict=True)]
        await self._ask(
            lambda client: client.upsert(self.collection, points, wait=True), f"upsert {len(points)}", retry=False
        )

    async def _nearest(
        self, vector: NDArray[np.float32], limit: int, kind: str, not_source: str | None
    ) -> list[tuple[Remembered, float]]:
        query_filter = _narrowed(kind, not_source)

        async def ask(client: AsyncQdrantClient) -> list[tuple[Remembered, float]]:
            found = await client.query_points(
                self.collection, query=vector.tolist(), limit=limit, query_filter=query_filter
            )
            return [_remembered(point) for point in found.points]

        return await self._ask(ask, "query")

    async def ping(self) -> None:
        """Ask for the list of collections; nothing is made. Raises StoreUnavailable."""
        client = self._connected()
        await self._once(client.get_collections, "list collections")

    @override
    async def _healthy(self) -> None:
        if self._checked:
            client = self._connected()
            await self._once(lambda: client.collection_exists(self.collection), "look for the collection")

    async def _ask(
        self, request: Callable[[AsyncQdrantClient], Awaitable[Answer]], query: str, *, retry: bool = True
    ) -> Answer:
        """The answer. Without ``retry`` the caller repeats what fails in passing."""
        client = self._connected()
        await self._check(client)
        ask = self._within if retry else self._once
        try:
            return await ask(lambda: request(client), query)
        except CollectionGone:
            # Somebody deleted it while we were connected; an empty one is honest, and `missing` then says so.
            self._checked = False
            await self._check(client)
            return await ask(lambda: request(client), query)

    def _connected(self) -> AsyncQdrantClient:
        if self._offline:
            raise StoreUnavailable(*not_asked(f"The memory server at {public_address(self._url)}"))
        if self._client is None:
            from qdrant_client import AsyncQdrantClient

            from autointel.adapters.vectors.short_replies import ShortReplies

            # A key over plain http to loopback is fine; elsewhere it is the owner's choice, and `doctor` says so.
            warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
            # One client, whose pool keeps connections alive. The environment's proxies are not used: a proxy of another
            # kind would break every request to a server on this machine.
            self._client = AsyncQdrantClient(
                url=self._url,
                api_key=self._api_key,
                timeout=math.ceil(self._timeout),
                check_compatibility=False,
                trust_env=False,
                transport=ShortReplies(self._url),
            )
        return self._client

    async def _check(self, client: AsyncQdrantClient) -> None:
        """See once that the collection is there and was made for this embedder."""
        async with self._checking:
            if not self._checked:
                look = partial(client.collection_exists, self.collection)
                if not await self._within(look, "look for the collection"):
                    await self._create(client)
                else:
                    await self._see_that_it_fits(client)
                self._checked = True

    async def _create(self, client: AsyncQdrantClient) -> None:
        if not self._rebuild and await self._others(client):
            raise StoreUnavailable(f"The memory of {self._namespace!r} was made by another embedder.", hint=REINDEX)
        make = partial(client.create_collection, self.collection, **_parameters(self._embedder))
        try:
            await self._once(make, "create the collection")
        except CollectionExists:
            # Another first writer was faster.
            await self._see_that_it_fits(client)
        from qdrant_client import models

        keyword = models.PayloadSchemaType.KEYWORD
        for key in ("kind", "source_id"):
            index = partial(client.create_payload_index, self.collection, key, field_schema=keyword, wait=True)
            await self._within(index, "create an index")

    async def _see_that_it_fits(self, client: AsyncQdrantClient) -> None:
        info = await self._within(partial(client.get_collection, self.collection), "describe the collection")
        # A server before 1.16 keeps no such note; the hash in the collection's name then has to do.
        made_by = (info.config.metadata or {}).get(_FINGERPRINT, self._embedder.fingerprint)
        size = getattr(info.config.params.vectors, "size", None)
        unfit = objection(self._namespace, self._embedder, made_by, size)
        if unfit is None:
            return
        if not self._rebuild:
            raise StoreUnavailable(unfit, hint=REINDEX)
        await self._within(partial(client.delete_collection, self.collection), "delete the collection")
        await self._create(client)

    async def _others(self, client: AsyncQdrantClient) -> list[str]:
        answer = await self._within(client.get_collections, "list collections")
        return siblings(self._namespace, self.collection, [each.name for each in answer.collections])

    async def _within(self, request: Callable[[], Awaitable[Answer]], query: str) -> Answer:
        """The answer; repeats a request that fails for a reason that passes. Every request may be repeated."""
        return await retried(lambda: self._once(request, query), self._sleep)

    async def _once(self, request: Callable[[], Awaitable[Answer]], query: str) -> Answer:
        """The answer, within the time; whatever else happens, in two sentences."""
        try:
            with timed("qdrant", query), anyio.fail_after(self._timeout):
                return await request()
        except Exception as error:
            # The client wraps some of httpx's errors and lets others through.
            raise translated(self._url, self._timeout, error) from error


def _parameters(embedder: Embedder) -> dict[str, Any]:
    """How a collection for this embedder is made."""
    from qdrant_client import models

    return {
        "vectors_config": models.VectorParams(size=embedder.dimension, distance=models.Distance.COSINE),
        "metadata": {_FINGERPRINT: embedder.fingerprint},
    }


def _narrowed(kind: str, not_source: str | None) -> models.Filter:
    """A filter for one kind of record, without those of one source."""
    from qdrant_client import models

    def field(key: str, value: str) -> models.FieldCondition:
        return models.FieldCondition(key=key, match=models.MatchValue(value=value))

    return models.Filter(
        must=[field("kind", kind)], must_not=None if not_source is None else [field("source_id", not_source)]
    )


def _remembered(point: models.ScoredPoint) -> tuple[Remembered, float]:
    """A point as the port speaks of it."""
    return Remembered(record_id=str(point.id), text="", **(point.payload or {})), point.score


def _point(record: Remembered, vector: list[float]) -> models.PointStruct:
    from qdrant_client import models

    payload = {"kind": record.kind, "source_id": record.source_id, "passage_id": record.passage_id}
    return models.PointStruct(id=record.record_id, vector=vector, payload=payload)


class CollectionGone(StoreUnavailable):
    """404 where there was a collection."""


class CollectionExists(StoreUnavailable):
    """409: another process made it first, or is changing it at this moment."""


def translated(url: str, timeout: float, error: Exception) -> StoreUnavailable:
    """The error for a request to the server at ``url`` that failed after up to ``timeout`` seconds."""
    import httpx
    from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
    from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

    server = f"The memory server at {public_address(url)}"
    cause = error.source if isinstance(error, ResponseHandlingException) else error
    if isinstance(cause, UnexpectedResponse):
        return _answered(server, cause.status_code or 0, _words(cause.content), cause.headers)
    if isinstance(cause, ResourceExhaustedResponse):
        return _too_many(server, str(cause), float(cause.retry_after_s))
    if isinstance(cause, TimeoutError | httpx.TimeoutException):
        return StoreUnavailable(
            f"{server} did not answer in {timeout:g} s.", "See whether it is overloaded, or try again.", down=True
        )
    if isinstance(cause, httpx.ConnectError):
        return StoreUnavailable(
            f"{server} {_why_not_reached(str(cause))}.",
            _how_to_reach(str(cause), url),
            down=True,
        )
    if isinstance(cause, httpx.TransportError):
        return StoreUnavailable(f"{server} broke off the connection.", "See its log, or try again.", passing=True)
    return StoreUnavailable(f"{server} gave an answer that is not Qdrant's ({type(cause).__name__}).", _NOT_QDRANT)


def _answered(server: str, status: int, words: str, headers: Mapping[str, str]) -> StoreUnavailable:
    said = f": {words}." if words else "."
    if status in _REFUSED:
        return StoreUnavailable(
            f"{server} does not accept the key ({status}){said}", "See AUTOINTEL_QDRANT__API_KEY.", down=True
        )
    if status == _NOT_FOUND:
        return CollectionGone(f"{server} has no such collection{said}", f"{REINDEX} Or see AUTOINTEL_QDRANT__URL.")
    if status == _CONFLICT:
        return CollectionExists(f"{server} is at work on the collection{said}", "Try again.", passing=True)
    if status == _TOO_MANY:
        return _too_many(server, words, _seconds(headers.get("retry-after")))
    if status == _TOO_LARGE:
        return StoreUnavailable(f"{server} takes no request of that size{said}", "Lower AUTOINTEL_MEMORY__BATCH_SIZE.")
    passing = status in _PASSING
    return StoreUnavailable(
        f"{server} answered with status {status}{said}",
        "See its log, or try again.",
        passing=passing,
        wait=_seconds(headers.get("retry-after")) if passing and headers.get("retry-after") else None,
    )


def _too_many(server: str, words: str, wait: float) -> StoreUnavailable:
    said = f": {_short(words)}" if words else ""
    return StoreUnavailable(
        f"{server} asks for fewer requests (429){said}.",
        "Try again in a while, or lower AUTOINTEL_MEMORY__MAX_CONCURRENT_MEMORY_INSERTIONS.",
        passing=True,
        wait=min(wait, _LONGEST),
    )


def _seconds(header: str | None) -> float:
    try:
        return max(0.0, float(header or _UNSAID))
    except ValueError:  # a date
        return _UNSAID


def _words(content: bytes) -> str:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    status = answer.get("status") if isinstance(answer, dict) else None
    error = status.get("error") if isinstance(status, dict) else None
    return _short(error) if isinstance(error, str) else ""


def _why_not_reached(reason: str) -> str:
    # httpx says no more of a connection that was refused at each of a host's addresses.
    if not reason or "attempts failed" in reason:
        return "refused the connection"
    return f"cannot be reached: {_short(reason)}"


def _how_to_reach(reason: str, url: str) -> str:
    reason = reason.lower()
    if "certificate" in reason:
        return "Its certificate is not trusted here: see the server's certificate, or SSL_CERT_FILE."
    if "ssl" in reason or "wrong version" in reason:
        other = "http" if url.startswith("https") else "https"
        return f"It does not speak TLS as asked: try {other}:// in AUTOINTEL_QDRANT__URL."
    if "name" in reason or "nodename" in reason:
        return "No such host is known: see AUTOINTEL_QDRANT__URL."
    return "Is it running? See AUTOINTEL_QDRANT__URL."


def _short(text: str) -> str:
    return " ".join(text.split()).rstrip(".:")[:_WORDS]
