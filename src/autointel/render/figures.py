"""Numbers formatted for people."""

from __future__ import annotations

from typing import Final

_SHORT: Final = 0.095  # seconds; below it, tenths would read 0.0
_LONG: Final = 100.0
_THOUSAND: Final = 1_000
_MILLION: Final = 1_000_000


def seconds(value: float) -> str:
    """``12 ms``, ``0.8 s``, ``20.1 s``, ``312 s``."""
    if value < _SHORT:
        return f"{value * _THOUSAND:.0f} ms"
    return f"{value:.1f} s" if value < _LONG else f"{value:.0f} s"


def rounded(number: int) -> str:
    """``912``, ``58k``, ``1.2M``."""
    if number < _THOUSAND:
        return str(number)
    return f"{number / _THOUSAND:.0f}k" if number < _MILLION else f"{number / _MILLION:.1f}M"


def dollars(usd: float | None) -> str:
    """``$0.021``, ``$12.40``; an unknown price is called unknown."""
    if usd is None:
        return "cost unknown"
    return f"${usd:.3f}" if 0 < usd < 1 else f"${usd:.2f}"


def count(number: int, noun: str) -> str:
    """``1 call``, ``31 calls``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
