"""Cuts a stream of sound into pieces of bounded length, where nobody speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from autointel.adapters.speech.sound import RATE, Samples

# A pause between sentences lasts some 0.3 s; it is looked for in the last third of a piece.
_PAUSE: Final = int(0.3 * RATE)
_STEP: Final = int(0.02 * RATE)
_SEARCHED: Final = 1 / 3


@dataclass(frozen=True)
class Piece:
    """A stretch of a recording, and where it begins in it, in seconds."""

    start: float
    samples: Samples

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / RATE


def pieces(blocks: Iterable[Samples], longest: float) -> Iterator[Piece]:
    """Together they are the recording, without a gap or an overlap; none is longer than ``longest`` seconds."""
    most = max(int(longest * RATE), _PAUSE)
    held: Samples = np.zeros(0, dtype=np.int16)
    begun = 0
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) > most:
            cut = quietest(held[:most])
            yield Piece(begun / RATE, held[:cut])
            held, begun = held[cut:], begun + cut
    if len(held):
        yield Piece(begun / RATE, held)


def quietest(samples: Samples) -> int:
    """The middle of the pause with the least energy in the last third; the end, where that is too short to search."""
    first = int(len(samples) * (1 - _SEARCHED))
    tail = samples[first:].astype(np.float64)
    energy = np.concatenate([[0.0], np.cumsum(tail**2)])
    starts = np.arange(0, len(tail) - _PAUSE, _STEP)
    if not len(starts):
        return len(samples)
    sums = energy[starts + _PAUSE] - energy[starts]
    return first + int(starts[int(np.argmin(sums))]) + _PAUSE // 2
