"""Times for the paragraphs of a text in which only some state theirs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from autointel.adapters.sources.clock import clock, speaking_time, unwound
from autointel.adapters.sources.draft import Cue
from autointel.adapters.sources.origin import is_late, past_midnight
from autointel.adapters.sources.text.stamps import INSIDE
from autointel.domain.transcript import word_count

# Where a time comes only every quarter of an hour of speech, what lies between is anybody's guess.
_MOST_WORDS_BETWEEN: Final = 2000
_SHARE_RISING: Final = 0.7


def are_timed(stamps: list[int], lines: int, words: int) -> bool:
    """Whether these times, found at the heads of lines, are those of a recording.

    One alone may be an hour of the day. They must grow, and come often enough to place what stands between them.
    """
    if len(stamps) < min(2, lines) or not stamps:
        return False
    stamps = unwound(stamps) if is_late(stamps[0]) else stamps
    return len(_rising(stamps)) >= _SHARE_RISING * len(stamps) and words <= _MOST_WORDS_BETWEEN * len(stamps)


def _rising(times: Sequence[int]) -> list[int]:
    """The places of the longest run of times that never fall, other times between them left out."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for place, time in enumerate(times):
        length = bisect_right(ends, time)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [time]
        last[length : length + 1] = [place]
    run, place = [], last[-1] if last else -1
    while place >= 0:
        run.append(place)
        place = before[place]
    return run[::-1]


def place(cues: list[Cue]) -> list[str]:
    """Give every cue a start, in place; returns what the reader should know.

    Between two stated times, time runs with the words.
    """
    past_midnight(cues)
    stated = [cue for cue in cues if cue.start is not None]
    ignored = _drop_falling(stated)
    anchors = _anchors(cues)
    words, at = 0, 0
    for cue in cues:
        while at + 1 < len(anchors) and anchors[at + 1][0] <= words:
            at += 1
        if cue.start is None:
            cue.start, cue.estimated = _between(anchors, at, words), True
        words += word_count(cue.text)
    estimated = sum(cue.estimated for cue in cues)
    warnings = []
    if estimated:
        warnings.append(
            f"Paragraphs that do not state their time, and whose time is estimated: {estimated} of {len(cues)}."
        )
    if ignored:
        warnings.append(f"Times ignored because they do not run on: {ignored}.")
    return warnings


def _drop_falling(stated: list[Cue]) -> int:
    kept = set(_rising([cue.start or 0 for cue in stated]))
    for place, cue in enumerate(stated):
        if place not in kept:
            cue.start = cue.end = None
    return len(stated) - len(kept)


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
                known.append((words + word_count(cue.text[: found.start()]), time))
        words += word_count(cue.text)
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
