"""Advanced SubStation Alpha and its ancestor SSA: the dialogue lines, in time linear in the file's length."""

from __future__ import annotations

import re
from typing import Final

from autointel.adapters.sources.captions.repeats import once
from autointel.adapters.sources.clock import clock
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean, one_line
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind
from autointel.errors import NoTranscript

# The columns where a file does not say them (ASS specification, "Format" line).
_COLUMNS: Final = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_OVERRIDE: Final = re.compile(r"\{[^{}]*\}")
_DRAWING: Final = re.compile(r"\{[^{}]*\\p[1-9][^{}]*\}")
_SIGNS: Final = re.compile(r"\\[Nnh]")


def parse_ass(text: str) -> Draft:
    """The dialogue, without comments and drawings; the Name column is the speaker.

    Raises NoTranscript where the file has no dialogue that can be read.
    """
    draft = Draft(SourceKind.ASS, [])
    columns: tuple[str, ...] = _COLUMNS
    cues: list[Cue] = []
    refused, in_events = 0, True
    for line in text.replace("\x00", "").split("\n"):
        head, colon, rest = line.partition(":")
        key = head.strip().lower()
        if key.startswith("["):
            in_events = key == "[events]"
        elif key == "title" and colon:
            draft.title = draft.title or _title(rest.strip())
        elif key == "format" and in_events:
            columns = _columns(rest)
        elif key == "dialogue" and colon:
            cue = _cue(rest, columns)
            refused += cue is None
            cues += [cue] if cue is not None and cue.lines else []
    if refused and not cues:
        raise NoTranscript("The subtitles are broken and cannot be read.", "Export them again, as SRT or VTT.")
    draft.blocks_left_out = refused
    if refused:
        draft.warnings.append(f"Cues left out because their times are broken: {refused}.")
    cues.sort(key=lambda cue: cue.start or 0)
    draft.cues = with_speakers(once(cues, draft))
    return draft


def _columns(line: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in line.split(","))
    return names if {"start", "end", "text"} <= set(names) and names[-1] == "text" else _COLUMNS


def _cue(line: str, columns: tuple[str, ...]) -> Cue | None:
    """A cue; without lines where it only draws; None where its times cannot be read."""
    values = dict(zip(columns, line.lstrip().split(",", len(columns) - 1), strict=False))
    start, end = clock(values.get("start", "")), clock(values.get("end", ""))
    if start is None or end is None or "text" not in values:
        return None
    words = values["text"]
    if "\\p" in words and _DRAWING.search(words):
        return Cue(start, end, [])
    words = _SIGNS.sub(lambda found: " " if found.group() == "\\h" else "\n", _OVERRIDE.sub("", words))
    lines = [stripped for line in clean(words).split("\n") if (stripped := line.strip())]
    speaker = values.get("name", values.get("actor", ""))
    return Cue(start, end, lines, one_line(speaker) or None)


def _title(title: str) -> str | None:
    # What Aegisub writes when nobody gave one.
    return None if title.startswith("Default Aegisub") else one_line(title) or None
