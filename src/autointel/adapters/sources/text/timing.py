"""Times for the paragraphs of a text in which only some state theirs."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from autointel.adapters.sources.clock import clock, speaking_time
from autointel.adapters.sources.draft import Cue
from autointel.adapters.sources.text.stamps import INSIDE

# Where a time comes only every quarter of an hour of speech, what lies between is anybody's guess.
_MOST_WORDS_BETWEEN: Final = 2000


def are_timed(stamps: list[int], lines: int, words: int) -> bool:
    """Whether these times, found at the heads of lines, are those of a recording.

    One alone may be an hour of the day. They must grow, and come often enough to place what stands between them.
    """
    if len(stamps) < min(2, lines) or not stamps:
        return False
    rising = sum(first <= second for first, second in pairwise(stamps))
    return rising >= 0.8 * (len(stamps) - 1) and words <= _MOST_WORDS_BETWEEN * len(stamps)


def place(cues: list[Cue]) -> list[str]:
    """Give every cue a start, in place; returns what the reader should know.

    Between two stated times, time runs with the words.
    """
    stated = [cue for cue in cues if cue.start is not None]
    if len(stated) == len(cues):
        return []
    ignored = _drop_falling(stated)
    anchors = _anchors(cues)
    words, at = 0, 0
    for cue in cues:
        while at + 1 < len(anchors) and anchors[at + 1][0] <= words:
            at += 1
        if cue.start is None:
            cue.start, cue.estimated = _between(anchors, at, words), True
        words += len(cue.text.split())
    estimated = sum(cue.estimated for cue in cues)
    warnings = [f"Paragraphs that do not state their time, and whose time is estimated: {estimated} of {len(cues)}."]
    if ignored:
        warnings.append(f"Times ignored because they run backwards: {ignored}.")
    return warnings


def _drop_falling(stated: list[Cue]) -> int:
    latest, dropped = 0, 0
    for cue in stated:
        if cue.start is not None and cue.start < latest:
            cue.start = cue.end = None
            dropped += 1
        latest = max(latest, cue.start or 0)
    return dropped


def _anchors(cues: list[Cue]) -> list[tuple[int, int]]:
    """(words before, milliseconds) wherever a time is known, rising in both; the beginning is 0."""
    known = [(0, 0)]
    words = 0
    ceilings = _next_starts(cues)
    for cue, ceiling in zip(cues, ceilings, strict=True):
        if cue.start is not None:
            known.append((words, cue.start))
        for found in INSIDE.finditer(cue.text):
            time = clock(found.group(1))
            if time is not None and known[-1][1] <= time <= ceiling:
                known.append((words + len(cue.text[: found.start()].split()), time))
        words += len(cue.text.split())
    return known


def _next_starts(cues: list[Cue]) -> list[float]:
    ceilings: list[float] = []
    following = float("inf")
    for cue in reversed(cues):
        ceilings.append(following)
        following = cue.start if cue.start is not None else following
    return ceilings[::-1]


def _between(anchors: list[tuple[int, int]], at: int, words: int) -> int:
    before, start = anchors[at]
    if at + 1 == len(anchors):
        return start + speaking_time(words - before) if words > before else start
    after, end = anchors[at + 1]
    return start + round((end - start) * (words - before) / max(1, after - before))
