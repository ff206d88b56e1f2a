"""YouTube's json3: timed text as events, without the repeated lines of its rolling WebVTT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autointel.adapters.sources.clock import milliseconds
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind


def parse_json3(root: Mapping[str, Any]) -> Draft:
    """Each event with words is a cue. Words with offsets of their own were recognised by a machine."""
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
        length = milliseconds(event.get("dDurationMs"), 1)
        cues.append(Cue(start, None if length is None else start + length, _lines(parts)))
    return Draft(SourceKind.JSON3, with_speakers(cues), automatic=automatic)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _lines(parts: list[dict[str, Any]]) -> list[str]:
    text = clean("".join(part["utf8"] for part in parts if isinstance(part.get("utf8"), str)))
    return [stripped for line in text.split("\n") if (stripped := line.strip())]
