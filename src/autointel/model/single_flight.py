"""Identical questions asked at the same time share one call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import anyio

Result = TypeVar("Result")


class _Flight(Generic[Result]):
    def __init__(self) -> None:
        self.landed = anyio.Event()
        self.result: Result | None = None
        self.error: Exception | None = None


class SingleFlight(Generic[Result]):
    """What is under way, by key."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Flight[Result]] = {}

    async def share(self, key: str, work: Callable[[], Awaitable[Result]]) -> tuple[Result, bool]:
        """The result, and whether it was somebody else's. An error is shared too: asking again would repeat it.

        If the one who does the work is cancelled, one of those who wait takes it over.
        """
        while (flight := self._under_way.get(key)) is not None:
            await flight.landed.wait()
            if flight.error is not None:
                raise flight.error
            if flight.result is not None:
                return flight.result, True
        return await self._fly(key, work), False

    async def _fly(self, key: str, work: Callable[[], Awaitable[Result]]) -> Result:
        flight = self._under_way[key] = _Flight[Result]()
        try:
            flight.result = await work()
        except Exception as error:
            flight.error = error
            raise
        finally:
            del self._under_way[key]
            flight.landed.set()
        return flight.result
