"""An event loop whose clock jumps to the next timer: minutes of waiting take no time, and every run is the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class SimulatedTimeLoop(asyncio.SelectorEventLoop):
    """For work that only waits for timers; threads and sockets would be overtaken."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now

    def _run_once(self) -> None:
        # The standard library's own queues: callbacks that are due, and timers by their time.
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self._now = max(self._now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def in_simulated_time(work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
    """The answer of ``work``, with ``asyncio.get_running_loop().time`` as its only clock."""
    with asyncio.Runner(loop_factory=SimulatedTimeLoop) as runner:
        return runner.run(work())
