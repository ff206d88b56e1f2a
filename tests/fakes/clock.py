"""Time that passes only when somebody waits."""

from __future__ import annotations

import anyio.lowlevel

from autointel.model.limits import Clock

TODAY = 1_800_000_000.0


class FakeClock:
    """``waits`` has every wait asked for, in seconds; all of them together take no time."""

    def __init__(self) -> None:
        self.time = 0.0
        self.waits: list[float] = []

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, today=lambda: TODAY + self.time, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds
        await anyio.lowlevel.checkpoint()
