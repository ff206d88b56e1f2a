"""HTTP/1.1 over asyncio streams, with h11 minding the protocol: keep-alive, chunked replies, and a way to break off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import h11

_AT_ONCE: Final = 65_536


class BreakOff(Exception):
    """The connection is to end here, in the middle of whatever is being sent."""


@dataclass(frozen=True)
class Request:
    """One request; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Response:
    """One response: a body, or pieces as they come."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    pieces: AsyncIterator[bytes] | None = None


def as_json(value: Any, status: int = 200, **headers: str) -> Response:
    """A JSON response; an underscore in a header's name stands for a hyphen."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(status, body, headers={name.replace("_", "-"): text for name, text in headers.items()})


class Connection:
    """One client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._h11 = h11.Connection(h11.SERVER)

    async def serve(self, respond: Callable[[Request], Awaitable[Response]]) -> None:
        """Answer until the client has enough."""
        try:
            while (request := await self._request()) is not None:
                await self._send(await respond(request))
                if self._h11.our_state is not h11.DONE or self._h11.their_state is not h11.DONE:
                    break
                self._h11.start_next_cycle()
        except (BreakOff, ConnectionError, h11.ProtocolError):
            self._writer.transport.abort()
        finally:
            self._writer.close()

    async def _request(self) -> Request | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._h11.next_event()
            if event is h11.NEED_DATA:
                self._h11.receive_data(await self._reader.read(_AT_ONCE))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
                return Request(head.method.decode(), head.target.decode(), headers, bytes(body))
            else:
                return None

    async def _send(self, response: Response) -> None:
        headers = [("content-type", response.content_type), *response.headers.items()]
        if response.pieces is None:
            headers.append(("content-length", str(len(response.body))))
        else:
            headers.append(("transfer-encoding", "chunked"))
        out = self._h11.send(h11.Response(status_code=response.status, headers=headers)) or b""
        if response.pieces is None:
            out += self._h11.send(h11.Data(data=response.body)) or b""
        else:
            self._writer.write(out)
            out = b""
            async for piece in response.pieces:
                self._writer.write(self._h11.send(h11.Data(data=piece)) or b"")
                await self._writer.drain()
        self._writer.write(out + (self._h11.send(h11.EndOfMessage()) or b""))
        await self._writer.drain()
