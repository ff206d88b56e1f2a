"""How much may be fetched, for how long, and the errors beyond that.

Compressed replies are inflated with a ceiling: a kilobyte may hold gigabytes of nothing.
"""

from __future__ import annotations

import time
import zlib
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import anyio
import httpcore
import httpx
from typing_extensions import override

from autointel.adapters.fetch.exchange import shown
from autointel.errors import FetchFailed
from autointel.ports import HostTurns

_MINUTE: Final = 60.0
_GZIP: Final = 31  # window bits: 15, and a gzip header
_ZLIB: Final = 15
_RAW: Final = -15
_MAGIC: Final = b"\x1f\x8b"
_DEFLATE: Final = 8  # the one method of RFC 1950
_HEADER: Final = 2  # bytes that tell zlib from raw deflate
_MEGABYTE: Final = 1_000_000


class CountedTurns(HostTurns):
    """At most ``a_minute`` requests to one host within any minute, counted in this process."""

    def __init__(
        self,
        a_minute: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._a_minute = a_minute
        self._now = now
        self._sleep = sleep
        self._begun: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=a_minute))

    @override
    async def turn(self, host: str) -> None:
        begun = self._begun[host]
        # The turn is taken before it is waited for: those who come meanwhile line up behind it.
        moment = max(self._now(), begun[0] + _MINUTE) if len(begun) == self._a_minute else self._now()
        begun.append(moment)
        if moment > self._now():
            await self._sleep(moment - self._now())

    @override
    async def aclose(self) -> None:
        """Nothing is open."""


class TooLarge(ValueError):
    """More came out than may."""


class Damaged(ValueError):
    """Not what the header promised, or cut off."""


class Decoder(Protocol):
    """Undoes a content encoding, chunk by chunk."""

    def feed(self, chunk: bytes) -> bytes:
        """What the chunk decodes to. Raises TooLarge, Damaged."""
        ...

    def end(self) -> None:
        """The body is over. Raises Damaged if the encoding was not."""
        ...


def decoder(encoding: str, cap: int) -> Decoder:
    """For a Content-Encoding header; ``cap`` is in bytes after decoding. Raises Damaged for an unknown encoding."""
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return Plain(cap)
    # Several encodings on top of each other are how bombs are nested; no honest server sends them.
    if name in {"gzip", "x-gzip", "deflate"}:
        return Inflater(cap, gzip=name != "deflate")
    raise Damaged(f"in the encoding {name[:40]!r}, which was not asked for")


class Plain:
    """No compression: counts only."""

    def __init__(self, cap: int) -> None:
        self._left = cap

    def feed(self, chunk: bytes) -> bytes:
        """The chunk as it came. Raises TooLarge."""
        self._left -= len(chunk)
        if self._left < 0:
            raise TooLarge
        return chunk

    def end(self) -> None:
        """Nothing is owed."""


class Inflater:
    """gzip (of several members, too) or deflate (in either of its two readings)."""

    def __init__(self, cap: int, *, gzip: bool) -> None:
        self._left = cap
        self._gzip = gzip
        self._stream = zlib.decompressobj(_GZIP) if gzip else None
        self._held = b""
        self._owed = False
        # After a member's end: what follows is another member, or padding to be passed over.
        self._between = False
        self._over = False

    def feed(self, chunk: bytes) -> bytes:
        """What the chunk inflates to, of which at most one byte over the cap is ever made. Raises TooLarge, Damaged."""
        rest = self._held + chunk
        self._held = b""
        self._owed = self._owed or bool(rest)
        if self._stream is None:
            if len(rest) < _HEADER:
                self._held = rest
                return b""
            self._stream = zlib.decompressobj(_ZLIB if _has_zlib_header(rest) else _RAW)
        out = bytearray()
        while rest and not self._over and self._begins_member(rest):
            out += self._piece(self._stream, rest)
            rest = self._stream.unconsumed_tail
            if self._stream.eof:
                rest = self._stream.unused_data
                self._between, self._over = self._gzip, not self._gzip
        return bytes(out)

    def end(self) -> None:
        """Raises Damaged if the stream stopped before its own end. An empty body is fine."""
        if self._owed and not (self._over or self._between):
            raise Damaged("cut off")

    def _piece(self, stream: zlib._Decompress, data: bytes) -> bytes:
        try:
            piece = stream.decompress(data, self._left + 1)
        except zlib.error as error:
            raise Damaged("damaged") from error
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge
        return piece

    def _begins_member(self, rest: bytes) -> bool:
        """Whether ``rest`` goes on; between two members that is known only once its first bytes are there."""
        if not self._between:
            return True
        if len(rest) < len(_MAGIC) and _MAGIC.startswith(rest):
            self._held = rest
            return False
        if not rest.startswith(_MAGIC):
            self._over = True
            return False
        self._stream, self._between = zlib.decompressobj(_GZIP), False
        return True


def _has_zlib_header(data: bytes) -> bool:
    # RFC 1950: method 8, and both bytes as one number are a multiple of 31. Servers that say "deflate" send either.
    return data[0] & 0x0F == _DEFLATE and int.from_bytes(data[:2], "big") % 31 == 0


@dataclass(frozen=True)
class Limits:
    """Ceilings for one fetch: bytes (as sent and inflated, each), seconds in all, seconds of silence, redirects."""

    max_bytes: int = 20 * _MEGABYTE
    deadline_seconds: float = 30.0
    idle_seconds: float = 15.0
    max_redirects: int = 5


@contextmanager
def translate_errors(url: httpx.URL, limits: Limits) -> Iterator[None]:
    """Turns whatever goes wrong on the way into FetchFailed; SourceBlocked passes."""
    where = shown(url)
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException) as error:
        raise FetchFailed(
            f"{where} did not answer in full within {limits.deadline_seconds:g} seconds.",
            "Try again later, or raise AUTOINTEL_FETCH__DEADLINE_SECONDS.",
        ) from error
    except TooLarge as error:
        raise FetchFailed(
            f"{where} is larger than {limits.max_bytes / _MEGABYTE:g} MB.",
            "Raise AUTOINTEL_FETCH__MAX_BYTES if it is meant to be.",
        ) from error
    except Damaged as error:
        raise FetchFailed(f"{where} came {error}.", "Try again; if it stays so, the site is at fault.") from error
    except httpcore.ConnectError as error:
        raise FetchFailed(f"{where} could not be reached.", "Check the address and the connection.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise FetchFailed(f"{where} broke off in the middle of its answer.", "Try again later.") from error


MEDIA: Final = Limits(max_bytes=2_000 * _MEGABYTE, deadline_seconds=3600.0)
"""For downloads: three hours of video sound, at the speed of a slow line."""
