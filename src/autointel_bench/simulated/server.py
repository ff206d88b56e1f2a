"""The simulated model's server, in a thread of its own with a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Final, Self

from autointel_bench.simulated.calls import Calls
from autointel_bench.simulated.endpoints import Endpoints
from autointel_bench.simulated.http import Connection
from autointel_bench.simulated.profile import Profile

_START_SECONDS: Final = 10


class SimulatedModel:
    """Serves from ``start`` until ``stop``; use it as a context manager.

    ``base_url`` is what an OpenAI client wants; ``calls`` is the server's own count.
    """

    def __init__(self, profile: Profile | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host = host
        self._port = port
        self._endpoints = Endpoints(profile or Profile())
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._failed: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="simulated-model", daemon=True)

    @property
    def base_url(self) -> str:
        """For example ``http://127.0.0.1:43121/v1``."""
        return f"http://{self._host}:{self._port}/v1"

    @property
    def calls(self) -> Calls:
        """What was asked, with times and overlaps."""
        return self._endpoints.calls

    @property
    def profile(self) -> Profile:
        """How it behaves."""
        return self._endpoints.profile

    def become(self, profile: Profile) -> None:
        """Behave so from the next call on; its faults count from here."""
        self._endpoints.become(profile)

    def start(self) -> Self:
        """Listen. Raises OSError where the port is taken."""
        self._thread.start()
        self._ready.wait(_START_SECONDS)
        if self._failed:
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
            task = asyncio.ensure_future(Connection(reader, writer).serve(self._endpoints.respond))
            connections.add(task)
            task.add_done_callback(connections.discard)

        server = await asyncio.start_server(accept, self._host, self._port, backlog=512)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        # Transports close on the loop's next turn.
        await asyncio.sleep(0)
