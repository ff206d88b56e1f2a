"""What a Qdrant server's failures mean, in the server's own words where it gives any."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from autointel.adapters.vectors.records import REINDEX
from autointel.errors import StoreUnavailable

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
_LONGEST: Final = 30.0
_NOT_QDRANT: Final = "See that AUTOINTEL_QDRANT__URL is the address of a Qdrant server of version 1.10 or later."


class CollectionGone(StoreUnavailable):
    """404 where there was a collection."""


class CollectionExists(StoreUnavailable):
    """409: another process made it first, or is changing it at this moment."""


def translated(url: str, timeout: float, error: Exception) -> StoreUnavailable:
    """The error for a request to the server at ``url`` that failed after up to ``timeout`` seconds."""
    import httpx
    from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
    from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

    server = f"The memory server at {without_secrets(url)}"
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
    except ValueError:
        return ""
    status = answer.get("status") if isinstance(answer, dict) else None
    error = status.get("error") if isinstance(status, dict) else None
    return _short(error) if isinstance(error, str) else ""


def _short(text: str) -> str:
    return " ".join(text.split()).rstrip(".:")[:_WORDS]


def without_secrets(url: str) -> str:
    """The address without name, password and query."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
