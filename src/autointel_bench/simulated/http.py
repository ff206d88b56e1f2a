"""A server of HTTP/1.1 on loopback, with h11 minding the protocol: keep-alive, chunked replies, a way to break off."""

from __future__ import annotations

import asyncio
import json
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import h11

_AT_ONCE: Final = 65_536
_START_SECONDS: Final = 10


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


class LoopbackServer(ABC):
    """Serves from ``start`` until ``stop``, in a thread of its own with a loop of its own; a context manager.

    Takes any ``port`` that is free for 0; afterwards ``port`` is the one that it listens at.
    """

    def __init__(self, name: str, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host = host
        self.port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._failed: OSError | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    async def respond(self, request: Request) -> Response:
        """The response; raises BreakOff to end the connection instead."""

    def start(self) -> Self:
        """Listen. Raises OSError where the port is taken."""
        self._thread.start()
        self._ready.wait(_START_SECONDS)
        if self._failed:
            self._thread.join()
            raise self._failed
        return self

    def stop(self) -> None:
        """Break off whatever is going on, and wait for the thread."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait(self) -> None:
        """Until someone stops it."""
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failed = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        connections: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(Connection(reader, writer).serve(self.respond))
            connections.add(task)
            task.add_done_callback(connections.discard)

        server = await asyncio.start_server(accept, self._host, self.port, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        # Transports close on the loop's next turn.
        await asyncio.sleep(0)
