"""An internet of one machine: every public address is a site on loopback, and each connection is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import httpcore
from httpcore import SOCKET_OPTION


class RoutedNetwork(httpcore.AsyncNetworkBackend):
    """Connects ``address`` to the loopback port given for it; an address without one is where nobody listens."""

    def __init__(self, ports: Mapping[str, int] | None = None) -> None:
        self.ports = dict(ports or {})
        self.connected: list[tuple[str, int]] = []
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.connected.append((host, port))
        if host not in self.ports:
            raise httpcore.ConnectError(f"nobody listens at {host}")
        return await self._network.connect_tcp("127.0.0.1", self.ports[host], timeout, local_address, socket_options)


class Names:
    """A resolver that answers from a table; a name with several answers gives the next one each time it is asked.

    An IP address is its own answer.
    """

    def __init__(self, table: Mapping[str, list[list[str]]]) -> None:
        self._answers = {name: list(answers) for name, answers in table.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        if host.strip("[]").replace(":", "").replace(".", "").isdecimal():
            return [host.strip("[]")]
        if host not in self._answers:
            raise OSError(f"no such host: {host}")
        answers = self._answers[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]
