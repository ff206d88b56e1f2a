"""A time axis in whole cells: where a bar begins, how long it is, and which times are written above it."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Final

_ROUND: Final = (1.0, 2.0, 5.0, 10.0)


def ticks(end: float, most: int = 5) -> list[float]:
    """Round times from 0 up to ``end`` seconds, ``most`` + 1 of them at most.

    They lie equally far apart: 1, 2 or 5 times a power of ten.
    """
    if end <= 0:
        return [0.0]
    rough = end / most
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in _ROUND if factor * power >= rough * (1 - 1e-9))
    return [round(index * step, 9) for index in range(floor(end / step * (1 + 1e-9)) + 1)]


def cells(started: float, seconds: float, end: float, width: int) -> tuple[int, int]:
    """First cell and number of cells of a bar on an axis of ``width`` cells that ends at ``end`` seconds.

    A bar has one cell at least, however short, and never leaves the axis.
    """
    if end <= 0:
        return 0, 1
    first = min(width - 1, floor(started / end * width))
    last = min(width, ceil((started + seconds) / end * width))
    return first, max(1, last - first)
