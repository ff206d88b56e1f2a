"""Old subtitle formats of a line a subtitle: MicroDVD and Spruce STL (frames), MPL2 (tenths of a second), TMPlayer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from autointel.adapters.sources.captions.repeats import once
from autointel.adapters.sources.captions.timecode import TIMECODE, frame_rate, timecode
from autointel.adapters.sources.clock import LATEST, clock
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import plain_srt
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind

_MICRODVD: Final = re.compile(r"\s*\{(\d{1,9})\}\{(\d{0,9})\}(.*)")
_MPL2: Final = re.compile(r"\s*\[(\d{1,9})\]\s?\[(\d{0,9})\](.*)")
_TMPLAYER: Final = re.compile(r"\s*(\d{1,2}:\d{2}:\d{2})()[:=](\D.*)")
_SPRUCE: Final = re.compile(rf"\s*({TIMECODE})\s*,\s*({TIMECODE})\s*,(.*)")
_FORMATS: Final = (_MICRODVD, _MPL2, _TMPLAYER, _SPRUCE)
# Spruce's settings and comments.
_ASIDE: Final = re.compile(r"\s*(?:\$\w|//)")
# Control codes of MicroDVD ({y:i}, {C:$0000FF}, {P:10,20}); MPL2 marks slanted lines with "/".
_CODE: Final = re.compile(r"\{[A-Za-z]:[^{}]{0,60}\}")
_RATE: Final = re.compile(r"(\d{1,3}(?:[.,]\d{1,4})?)\s*(?:fps)?\s*\Z", re.IGNORECASE)
# The rate of films on discs, which players assume.
_USUAL_RATE: Final = 23.976
_RATES: Final = (10.0, 120.0)
_SHARE: Final = 0.8
_SAMPLE: Final = 400


def is_old_format(text: str) -> bool:
    """Whether nearly all lines are in one of the three formats."""
    return _format(text) is not None


def parse_microdvd(text: str) -> Draft:
    """The lines of any of the four; frames without a stated rate are counted at 23.976 a second, with a warning."""
    form = _format(text) or _MICRODVD
    lines = [line for line in text.split("\n") if line.strip() and not _ASIDE.match(line)]
    rows = [found.groups() for line in lines if (found := form.match(line))]
    unread = len(lines) - len(rows)
    draft = Draft(SourceKind.MICRODVD, [])
    read: Callable[[str], int | None] = clock
    if form is _MICRODVD:
        stated = _stated_rate(rows[0]) if rows else None
        rows = rows[1:] if stated else rows
        rate = stated or _USUAL_RATE
        read = lambda frames: round(int(frames) * 1000 / rate)  # noqa: E731 -- one of four units
        if stated is None:
            draft.warnings.append(f"Times count frames and no rate is stated; {_USUAL_RATE} a second were assumed.")
    elif form is _SPRUCE:
        codes = frame_rate(time for start, end, _ in rows for time in (start, end))
        read = lambda code: timecode(code, codes)  # noqa: E731 -- one of four units
    elif form is _MPL2:
        read = lambda tenths: int(tenths) * 100  # noqa: E731 -- one of four units
    cues = [cue for start, end, words in rows if (cue := _cue(read(start), read(end) if end else None, words))]
    draft.cues = with_speakers(once(cues, draft))
    if unread:
        draft.blocks_left_out = unread
        draft.warnings.append(f"Lines left out because they have no time: {unread}.")
    return draft


def _format(text: str) -> re.Pattern[str] | None:
    sample = text[:20_000].split("\n")[:_SAMPLE]
    lines = [line for line in sample if line.strip() and not _ASIDE.match(line)]
    found = (form for form in _FORMATS if sum(form.match(line) is not None for line in lines) >= _SHARE * len(lines))
    return next(found, None) if lines else None


def _stated_rate(row: tuple[str, ...]) -> float | None:
    start, end, words = row
    found = _RATE.match(words.strip()) if start == end else None
    rate = float(found[1].replace(",", ".")) if found else 0.0
    return rate if _RATES[0] <= rate <= _RATES[1] else None


def _cue(start: int | None, end: int | None, words: str) -> Cue | None:
    if start is None or start > LATEST:
        return None
    lines = [line.strip().removeprefix("/").strip() for line in plain_srt(_CODE.sub("", words)).split("|")]
    spoken = [line for line in lines if line]
    return Cue(start, end if end is not None and start < end <= LATEST else None, spoken) if spoken else None
