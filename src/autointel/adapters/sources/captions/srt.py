"""SubRip and SubViewer, as found rather than as specified: neither has a standard."""

from __future__ import annotations

import re
from typing import Final

from autointel.adapters.sources.captions.rolling import looks_rolling, unroll
from autointel.adapters.sources.clock import clock
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import plain_srt
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind

_TIME: Final = r"(\d{1,4}:\d{1,3}:\d{1,2}(?:[.,]\d{1,9})?|\d{1,3}:\d{1,2}(?:[.,]\d{1,9})?)"
SRT_TIMES: Final = re.compile(rf"\s*{_TIME}\s*-{{1,2}}>\s*{_TIME}(?![\d:])")
SBV_TIMES: Final = re.compile(rf"\s*{_TIME}[,;]\s*{_TIME}\s*\Z")


def parse_srt(text: str) -> Draft:
    """The cues of a SubRip file. Indexes may be missing or wrong, empty lines may stand inside a cue."""
    return _parse(text, SRT_TIMES, "-", SourceKind.SRT)


def parse_sbv(text: str) -> Draft:
    """The cues of a SubViewer file (YouTube's ``0:00:02.569,0:00:04.519``)."""
    return _parse(text, SBV_TIMES, ",", SourceKind.SBV)


def _parse(text: str, times: re.Pattern[str], sign: str, kind: SourceKind) -> Draft:
    cues: list[Cue] = []
    body: list[str] = []
    before: list[str] = body
    for line in text.split("\n"):
        spans = _span(line, times) if sign in line else None
        if spans is None:
            body.append(line)
            continue
        _drop_index(body, len(cues))
        body = []
        cues.append(Cue(*spans, body))
    lost = any(line.strip() for line in before)
    for cue in cues:
        cue.lines = _words(cue.lines)
    rolling = looks_rolling(cues, word_times=False)
    if rolling:
        cues = unroll(cues)
    warnings = ["Text before the first time was left out."] if lost and cues else []
    return Draft(kind, with_speakers(cues), warnings=warnings, automatic=rolling)


def _span(line: str, times: re.Pattern[str]) -> tuple[int, int] | None:
    found = times.match(line)
    if found is None:
        return None
    start, end = clock(found.group(1)), clock(found.group(2))
    return None if start is None or end is None else (start, end)


def _drop_index(body: list[str], cues: int) -> None:
    """Take the next cue's number off the end of a text.

    A number on a line of its own is an index if an empty line (or nothing) precedes it, or if it is the one that is
    due; else somebody said it.
    """
    if not body or not body[-1].strip().isdecimal():
        return
    alone = len(body) == 1 or not body[-2].strip()
    if alone or body[-1].strip() in {str(cues), str(cues + 1)}:
        body.pop()


def _words(lines: list[str]) -> list[str]:
    # Empty lines inside a cue go; a tag may reach over a line, so the cue is cleaned as a whole.
    return [stripped for line in plain_srt("\n".join(lines)).split("\n") if (stripped := line.strip())]
