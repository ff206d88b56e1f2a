"""One request and its final answer: each redirect is judged like a first address.

The network beneath looks a name up once, judges the addresses it found, and connects to exactly those. Compressed
bodies are inflated with a ceiling: a kilobyte may hold gigabytes of nothing.
"""

from __future__ import annotations

import socket
import zlib
from base64 import b64encode
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import anyio
import httpcore
import httpx
from httpcore import SOCKET_OPTION

from autointel.adapters.fetch.addresses import PORTS, AddressRule
from autointel.errors import FetchFailed

Backend = Callable[[AddressRule], httpcore.AsyncNetworkBackend]
"""Makes the network that keeps to a rule."""
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to IP addresses, best first. Raises OSError."""
_SHOWN: Final = 120  # characters of an address in a sentence
_LAST_PORT: Final = 65535
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# What a caller asks for may be asked of anyone; anything else (keys, cookies) is for the host it was meant for.
_CONDITIONS: Final = ("if-range", "if-none-match", "if-modified-since")
_HARMLESS: Final = frozenset({"accept", "accept-language", "accept-encoding", "range", "user-agent", *_CONDITIONS})
_CONNECTIONS: Final = 40
_CONNECT_SECONDS: Final = 10.0
# Window bits of zlib: 15, and how the header is told.
_GZIP: Final = 31
_ZLIB: Final = 15
_RAW: Final = -15
_MAGIC: Final = b"\x1f\x8b"
_DEFLATE: Final = 8  # the one method of RFC 1950
_HEADER: Final = 2  # bytes that tell zlib from raw deflate


def parse_address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """The address of a page, without fragment; ``base`` is the page that led here. Raises FetchFailed."""
    try:
        url = httpx.URL(text) if base is None else base.join(text)
        port = _port_of(url)
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise FetchFailed("That is not a web address.", "Check it for typing errors.") from error
    if url.scheme not in PORTS:
        raise FetchFailed(
            f"Addresses that begin with {url.scheme[:20] or 'no scheme'!r} are not fetched.",
            "Give an http or https address, or the path of a file.",
        )
    if not url.host or not 0 < port <= _LAST_PORT:
        raise FetchFailed(f"{url.scheme}://{url.netloc.decode()[:60]} names no host and port.", "Check the address.")
    return url.copy_with(fragment=None)


def _port_of(url: httpx.URL) -> int:
    """The port that is connected to."""
    return PORTS.get(url.scheme, 0) if url.port is None else url.port


def without_credentials(url: httpx.URL) -> httpx.URL:
    """The address as it may be kept, sent on and shown."""
    return url.copy_with(userinfo=b"")


def shown(url: httpx.URL) -> str:
    """For a sentence: no user, no password, no query (it may hold a key), not too long."""
    text = str(without_credentials(url).copy_with(query=None, fragment=None))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def basic_authorization(url: httpx.URL) -> dict[str, str]:
    """The header that private feeds written as ``https://user:password@host/`` expect; empty without a user."""
    if not url.userinfo:
        return {}
    pair = f"{url.username}:{url.password}".encode()
    return {"authorization": f"Basic {b64encode(pair).decode()}"}


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether headers meant for one may go to the other."""
    return (one.scheme, one.host, _port_of(one)) == (other.scheme, other.host, _port_of(other))


@dataclass(frozen=True)
class Answer:
    """A final answer whose body has not been read yet. ``headers`` have lower-case names."""

    url: httpx.URL
    status: int
    headers: dict[str, str]
    chunks: AsyncIterable[bytes]


class Exchange:
    """Keeps two sets of connections: one that may reach the user's own hosts, and one that never does."""

    def __init__(self, rule: AddressRule, backend: Backend, max_redirects: int, idle_seconds: float) -> None:
        self._rule = rule
        self._max_redirects = max_redirects
        self._timeout = dict.fromkeys(("connect", "read", "write", "pool"), idle_seconds)
        self._own = _pool(backend(rule))
        self._public = _pool(backend(rule.for_strangers()))

    @asynccontextmanager
    async def ask(
        self, url: httpx.URL, headers: Mapping[str, str], body: bytes | None, named_by: str | None = None
    ) -> AsyncIterator[Answer]:
        """Raises SourceBlocked, FetchFailed (redirects), httpcore's errors. A question with a body is never redirected.

        Once a public host has answered, or has named the address (``named_by``), nothing leads to a host of the user's
        own: being named in the settings makes it reachable for the user, not for every page on the web.
        """
        trusted = named_by is None or self._rule.owns(named_by)
        sent = {**headers, **basic_authorization(url)}
        for _ in range(self._max_redirects + 1):
            trusted = trusted and self._rule.is_own(url.raw_host.decode(), _port_of(url))
            pool = self._own if trusted else self._public
            async with AsyncExitStack() as stack:
                response = await self._begin(stack, pool, url, sent, body)
                answered = _headers(response)
                location = answered.get("location")
                if body is not None or response.status not in _REDIRECTS or location is None:
                    yield Answer(without_credentials(url), response.status, answered, response.aiter_stream())
                    return
            led = without_credentials(parse_address(location, url))
            if not same_origin(led, url):
                sent = {name: value for name, value in sent.items() if name.lower() in _HARMLESS}
            url = led
        raise FetchFailed(
            f"{shown(url)} led on more than {self._max_redirects} times.",
            "Open it in a browser and give the address it ends at.",
        )

    async def _begin(
        self,
        stack: AsyncExitStack,
        pool: httpcore.AsyncConnectionPool,
        url: httpx.URL,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> httpcore.Response:
        """The head of an answer. A connection kept from before may have died unseen: asking once more costs little."""
        opened = pool.stream(
            "GET" if body is None else "POST",
            _core_url(url),
            headers=list(headers.items()),
            content=body,
            extensions={"timeout": self._timeout},
        )
        try:
            return await stack.enter_async_context(opened)
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
            if body is not None:
                raise
        again = pool.stream("GET", _core_url(url), headers=list(headers.items()), extensions={"timeout": self._timeout})
        return await stack.enter_async_context(again)

    async def close(self) -> None:
        """Let the connections go; closing twice is fine."""
        await self._own.aclose()
        await self._public.aclose()


def _pool(backend: httpcore.AsyncNetworkBackend) -> httpcore.AsyncConnectionPool:
    return httpcore.AsyncConnectionPool(
        network_backend=backend,
        max_connections=_CONNECTIONS,
        keepalive_expiry=5.0,
    )


def _headers(response: httpcore.Response) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("ascii", "replace").lower(), raw_value.decode("utf-8", "replace")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _core_url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


async def resolve(host: str, port: int) -> list[str]:
    """By the system's resolver, which also reads ``127.1``, ``0x7f000001`` and the like. Raises OSError."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects only where the rule allows. Between the check and the connection there is no second look-up."""

    def __init__(self, rule: AddressRule, resolve: Resolve, network: httpcore.AsyncNetworkBackend) -> None:
        self._rule = rule
        self._resolve = resolve
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises SourceBlocked before anything is sent, httpcore's errors afterwards."""
        self._rule.check_name(host, port)
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"there is no such host: {error}") from error
        self._rule.check(host, port, addresses)
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout or _CONNECT_SECONDS, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


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
