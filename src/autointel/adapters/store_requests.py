"""Requests to a store: repeated where the reason for their failure passes, and logged where they are slow."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final, TypeAlias, TypeVar

import anyio

from autointel.errors import StoreUnavailable

Answer = TypeVar("Answer")
Sleep: TypeAlias = Callable[[float], Awaitable[None]]
TRIES: Final = 3
PAUSE: Final = 0.25  # seconds before the second try, doubled for each further one
PATIENCE: Final = 60.0
"""Seconds for which a server that asks for fewer requests is asked again."""


class Backoff:
    """Decides after each failure of one request how long to wait for the next try."""

    def __init__(self) -> None:
        self._failures = 0
        self._waited = 0.0

    def after(self, error: StoreUnavailable) -> float:
        """Seconds to wait. Raises ``error`` where another try has no point."""
        if error.wait is None:
            self._failures += 1
            wait, hopeless = PAUSE * 2.0 ** (self._failures - 1), self._failures >= TRIES
        else:
            wait = error.wait
            hopeless = self._waited + wait > PATIENCE
        if hopeless or not error.passing:
            raise error
        self._waited += wait
        return wait


async def retried(ask: Callable[[], Awaitable[Answer]], sleep: Sleep = anyio.sleep) -> Answer:
    """The answer of ``ask``, which may be repeated. Raises the last StoreUnavailable."""
    backoff = Backoff()
    while True:
        try:
            return await ask()
        except StoreUnavailable as error:
            wait = backoff.after(error)
        await sleep(wait)


SLOW: Final = 0.1
"""Seconds."""
_log: Final = logging.getLogger(__name__)


@contextmanager
def timed(store: str, query: str, *, slow: float = SLOW) -> Iterator[None]:
    """Log ``query`` at level INFO, which ``--debug`` shows, if what is done here takes longer than ``slow`` seconds."""
    began = perf_counter()
    try:
        yield
    finally:
        seconds = perf_counter() - began
        if seconds > slow:
            _log.info("slow query: %s: %s took %.0f ms", store, query, seconds * 1000)
