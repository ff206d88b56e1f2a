"""YouTube's json3: timed text as events, without the repeated lines of its rolling WebVTT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from autointel.adapters.sources.clock import milliseconds
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind

# How long a recognised word lasts: the last one of an event has a start and no end.
_WORD: Final = 160
_LETTER: Final = 50


def parse_json3(root: Mapping[str, Any]) -> Draft:
    """Each event with words is a cue. Words with offsets of their own were recognised by a machine.

    ``dDurationMs`` is how long a line stays on the screen. A recognised event ends with its last word instead, and
    every event at the latest where the next begins, so that pauses are seen.
    """
    cues: list[Cue] = []
    automatic = False
    for event in root["events"]:
        # An event that appends holds only the line break of the roll.
        if not isinstance(event, dict) or event.get("aAppend"):
            continue
        parts = [part for part in _list(event.get("segs")) if isinstance(part, dict)]
        start = milliseconds(event.get("tStartMs"), 1)
        if start is None or not parts:
            continue
        automatic = automatic or any("tOffsetMs" in part or "acAsrConf" in part for part in parts)
        lines = _lines(parts)
        if lines:
            cues.append(Cue(start, _end(start, event, parts), lines))
    for before, after in pairwise(cues):
        if before.end is not None and before.start is not None and before.start < (after.start or 0) < before.end:
            before.end = after.start
    return Draft(SourceKind.JSON3, with_speakers(cues), automatic=automatic)


def _end(start: int, event: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> int | None:
    length = milliseconds(event.get("dDurationMs"), 1)
    shown = None if length is None else start + length
    offsets = [offset for part in parts if (offset := milliseconds(part.get("tOffsetMs"), 1)) is not None]
    if not offsets and not any("acAsrConf" in part for part in parts):
        return shown
    last = parts[-1].get("utf8")
    word = len(last.strip()) if isinstance(last, str) else 0
    said = start + max(offsets, default=0) + _WORD + _LETTER * word
    return said if shown is None else min(said, shown)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _lines(parts: list[dict[str, Any]]) -> list[str]:
    text = clean("".join(part["utf8"] for part in parts if isinstance(part.get("utf8"), str)))
    return [stripped for line in text.split("\n") if (stripped := line.strip())]
