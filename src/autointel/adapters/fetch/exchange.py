"""One question and its final answer: every redirect is judged like a first address."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpcore
import httpx

from autointel.adapters.fetch import web_address
from autointel.adapters.fetch.addresses import AddressRule
from autointel.errors import FetchFailed

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# What a caller asks for may be asked of anyone; anything else (keys, cookies) is for the host it was meant for.
_CONDITIONS: Final = ("if-range", "if-none-match", "if-modified-since")
_HARMLESS: Final = frozenset({"accept", "accept-language", "accept-encoding", "range", "user-agent", *_CONDITIONS})
_CONNECTIONS: Final = 40

Backend = Callable[[AddressRule], httpcore.AsyncNetworkBackend]
"""Makes the network that keeps to a rule."""


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
        sent = {**headers, **web_address.basic_authorization(url)}
        for _ in range(self._max_redirects + 1):
            trusted = trusted and self._rule.is_own(url.raw_host.decode(), web_address.port_of(url))
            pool = self._own if trusted else self._public
            async with AsyncExitStack() as stack:
                response = await self._begin(stack, pool, url, sent, body)
                answered = _headers(response)
                location = answered.get("location")
                if body is not None or response.status not in _REDIRECTS or location is None:
                    yield Answer(
                        web_address.without_credentials(url), response.status, answered, response.aiter_stream()
                    )
                    return
            led = web_address.without_credentials(web_address.parse(location, url))
            if not web_address.same_origin(led, url):
                sent = {name: value for name, value in sent.items() if name.lower() in _HARMLESS}
            url = led
        raise FetchFailed(
            f"{web_address.shown(url)} led on more than {self._max_redirects} times.",
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


def _core_url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _headers(response: httpcore.Response) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("ascii", "replace").lower(), raw_value.decode("utf-8", "replace")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
