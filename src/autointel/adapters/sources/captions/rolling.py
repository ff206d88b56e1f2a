"""Rolling captions unrolled: each line is kept once, when it first appears."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from autointel.adapters.sources.draft import Cue

# Captions that roll follow one another without a pause.
_GAP: Final = 1500
_MIN_SHARE: Final = 0.5


def looks_rolling(cues: list[Cue], *, word_times: bool) -> bool:
    """Whether cues repeat the lines of the one before.

    People repeat themselves too ("No!" "No!"), so a few repetitions are not enough. One cue at least must go on after
    what it repeats, and either the cues carry a time for each word, as recognisers write them, or half of all repeat.
    """
    if len(cues) < 2:  # noqa: PLR2004 -- a pair
        return False
    repeats, goes_on = 0, False
    for before, cue in pairwise(cues):
        shared = _shared(before, cue)
        repeats += shared > 0
        goes_on = goes_on or 0 < shared < len(cue.lines)
    return goes_on and (word_times or repeats >= _MIN_SHARE * (len(cues) - 1))


def unroll(cues: Iterable[Cue]) -> list[Cue]:
    """The cues without the lines that the previous cue still showed; times stay those of the cue."""
    unrolled: list[Cue] = []
    before: Cue | None = None
    for cue in cues:
        fresh = cue.lines[_shared(before, cue) :] if before is not None else cue.lines
        if fresh:
            unrolled.append(Cue(cue.start, cue.end, fresh, cue.speaker))
        if cue.lines:
            before = cue
    return unrolled


def _shared(before: Cue, cue: Cue) -> int:
    """How many of the last lines of one cue are the first lines of the next; the longest such run."""
    if before.end is not None and cue.start is not None and cue.start - before.end > _GAP:
        return 0
    for count in range(min(len(before.lines), len(cue.lines)), 0, -1):
        if before.lines[-count:] == cue.lines[:count]:
            return count
    return 0
