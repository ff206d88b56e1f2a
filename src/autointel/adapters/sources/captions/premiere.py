"""Text exports of editing programs: a line with two times, a line with the speaker, the words."""

from __future__ import annotations

import re
from typing import Final

from autointel.adapters.sources.captions.timecode import TIMECODE, frame_rate, timecode
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean, one_line
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind

RANGE: Final = re.compile(rf"\s*({TIMECODE})\s*(?:-{{1,2}}|–|—|to)\s*({TIMECODE})\s*\Z")
_LONGEST_NAME: Final = 60
_MOST_WORDS: Final = 6
_UNKNOWN: Final = frozenset({"unknown", "unknown speaker", "unbekannt"})


def parse_premiere(text: str) -> Draft:
    """The blocks under their times; the first line of each is its speaker where nearly all blocks have one."""
    blocks: list[tuple[str, str, list[str]]] = []
    before: list[str] = []
    for line in clean(text).split("\n"):
        found = RANGE.match(line)
        if found:
            blocks.append((found[1], found[2], []))
        elif line.strip():
            (blocks[-1][2] if blocks else before).append(line.strip())
    rate = frame_rate(time for start, end, _ in blocks for time in (start, end))
    named = _are_named([lines for *_, lines in blocks])
    cues = [
        Cue(
            timecode(start, rate),
            timecode(end, rate),
            lines[1:] if named else lines,
            _name(lines[0]) if named else None,
        )
        for start, end, lines in blocks
        if lines
    ]
    draft = Draft(SourceKind.PREMIERE, cues if named else with_speakers(cues))
    draft.warnings.append(f"Times count frames, at {rate:g} a second by their numbers.")
    if before:
        draft.warnings.append("Text before the first time was left out.")
        draft.blocks_left_out += 1
    return draft


def _are_named(blocks: list[list[str]]) -> bool:
    filled = [lines for lines in blocks if lines]
    named = [lines[0] for lines in filled if len(lines) > 1 and _looks_like_name(lines[0])]
    return bool(filled) and len(named) == len(filled)


def _looks_like_name(line: str) -> bool:
    short = len(line) <= _LONGEST_NAME and len(line.split()) <= _MOST_WORDS
    return short and not line.endswith((".", "?", "!", ",", "…", ";"))


def _name(line: str) -> str | None:
    name = one_line(line.rstrip(": "), limit=_LONGEST_NAME)
    return None if name.casefold() in _UNKNOWN else name or None
