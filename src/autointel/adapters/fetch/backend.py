"""The network beneath the fetcher: looks a name up once, judges what it found, and connects to exactly that."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import anyio
import httpcore
from httpcore import SOCKET_OPTION

from autointel.adapters.fetch.addresses import AddressRule

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to IP addresses, best first. Raises OSError."""

_CONNECT_SECONDS: Final = 10.0


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
