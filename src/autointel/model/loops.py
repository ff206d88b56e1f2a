"""A reply that will never end: the same words again and again, or nothing but white space."""

from __future__ import annotations

from typing import Final

# Characters looked back at, how often they are looked at, and how many a repetition must fill to be a loop.
_TAIL: Final = 6_000
_EVERY: Final = 512
_LOOP: Final = 600
_TIMES: Final = 3
_PROBE: Final = 40


class LoopWatch:
    """Notices a loop in text that comes in pieces. Looks at the last few thousand characters, every 512 or so."""

    def __init__(self) -> None:
        self._tail = ""
        self._unseen = 0

    def loops(self, piece: str) -> bool:
        """Whether the text, with this piece, has begun to go round in circles."""
        self._tail += piece
        self._unseen += len(piece)
        if self._unseen < _EVERY:
            return False
        self._unseen = 0
        self._tail = self._tail[-_TAIL:]
        return _is_loop(self._tail)


def _is_loop(tail: str) -> bool:
    if len(tail) < _LOOP:
        return False
    if tail[-_LOOP:].isspace():
        return True
    probe, until = tail[-_PROBE:], len(tail) - 1
    # The last words as they stood before: how far back is how long the circle is.
    at = tail.rfind(probe, 0, until)
    if at < 0:
        return False
    period = len(tail) - _PROBE - at
    times = max(_TIMES, -(-_LOOP // period))
    if period * times > len(tail):
        return False
    circle = tail[-period:]
    return tail.endswith(circle * times)
