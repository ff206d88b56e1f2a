"""What several machines share: calls to workers, places at the model server, turns at the hosts of sources."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Broker(Protocol):
    """Calls workers, on whatever machine, to a queue of the catalogue, which decides who gets which source.

    Every call is heard at least once: one whose worker dies is heard by another. Blocks. Raises QueueUnavailable.
    """

    def check(self) -> str:
        """Host and port of the broker, which answers."""

    def call(self, queue: str, *, times: int = 1, delay: float = 0.0) -> None:
        """Call ``times`` workers to the queue, in ``delay`` seconds."""

    def listen(self, answer: Callable[[str], None], *, parallel: int, stopping: Callable[[], None]) -> None:
        """Answer calls, ``parallel`` of them at once in threads, until SIGTERM or SIGINT.

        ``stopping`` is called at the signal; the answers under way may then end. A broker that goes away is waited for.
        Where ``answer`` raises AutointelError, the call is heard again later.
        """


class CallPlaces(Protocol):
    """Places for calls to one model server that runs on several machines share. Used on one event loop.

    Raises nothing: where the places cannot be asked, calls go ahead by the run's own limits.
    """

    def place(self) -> AbstractAsyncContextManager[None]:
        """A place, waited for and held until the block ends."""

    async def close_for(self, seconds: float) -> None:
        """Give nobody a place for so long: the server has said "later"."""

    async def aclose(self) -> None:
        """Close the connection."""


class HostTurns(Protocol):
    """Turns at the hosts of sources, so that none is asked more often than it likes. Used on one event loop."""

    async def turn(self, host: str) -> None:
        """Return when the next request to the host may be sent. Raises nothing."""

    async def aclose(self) -> None:
        """Close what is open; twice is fine."""
