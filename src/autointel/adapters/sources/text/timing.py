"""Times at the beginning of lines, and times for the paragraphs of a text in which only some lines state theirs."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from autointel.adapters.sources.clock import clock, is_late, milliseconds, past_midnight, speaking_time, unwound
from autointel.adapters.sources.draft import Cue
from autointel.domain.transcript import word_count

# The last part of four is a count of frames, as editing programs write.
_T: Final = r"(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?:[.,]\d{1,3}|[:;]\d\d(?!\d))?"
_SECONDS: Final = r"\d{1,6}(?:\.\d{1,3})?s?"
# Plain seconds need brackets and an arrow: "12 - 15 people" is no time.
_ARROW: Final = re.compile(rf"[\[(]\s*({_T}|{_SECONDS})\s*-{{1,3}}>\s*({_T}|{_SECONDS})\s*[\])]")
_RANGE: Final = re.compile(rf"[\[(]?\s*({_T})\s*(?:-{{1,3}}>?|–|—)\s*({_T})\s*(?:[\])]|(?=\s|:|\Z))")
_POINT: Final = re.compile(rf"[\[(<{{]\s*({_T})\s*[\])>}}]")
_BARE: Final = re.compile(rf"({_T})(?=\s|\Z|[-–—:|]\s)")
_FRAMED: Final = re.compile(r"(\d{1,3}:\d{1,3}:\d\d)[:;]\d\d\Z")
_FORMS: Final = (_ARROW, _RANGE, _POINT, _BARE)
_NO_RANGES: Final = (_POINT, _BARE)
_SEPARATORS: Final = " \t-–—:|"
# "Alice (0:15): text", "Alice [0:15] text"; on a line of its own, "Alice 0:15", "Alice - 0:15", "[Alice] 10:02:33".
_BEHIND: Final = re.compile(
    rf"[\[(]\s?{_T}(?:\s?[-–—]{{1,3}}>?\s?{_T})?\s?[\])]|{_T}\s*:?\Z"
    rf"|(?<=\t){_T}(?=\t)|(?<=  ){_T}(?=  )"
    # A chapter and a verse have no nought before them.
    r"|(?<!\S)(?:\d{1,2}:)?[0-5]\d:[0-5]\d:(?=\s)"
)
_LONGEST_NAME: Final = 60
# Teams writes "1 minute 12 seconds", in the language of its user.
_IN_WORDS: Final = re.compile(
    r"(?:(\d{1,2}) (?:h|st|or|ч)\w{0,9} )?(?:(\d{1,3}) (?:min|м)\w{0,9} )?(\d{1,2}) (?:se|с)\w{0,9}\Z", re.IGNORECASE
)
# "[inaudible 00:07:13]" tells the time as well, in the middle of a line.
INSIDE: Final = re.compile(rf"\[[A-Za-z][A-Za-z ]{{2,30}} ({_T})\]")
# Where a time comes only every quarter of an hour of speech, what lies between is anybody's guess.
_MOST_WORDS_BETWEEN: Final = 2000
_SHARE_RISING: Final = 0.7


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time in milliseconds, the end where it is given, and the line after it."""

    start: int
    end: int | None
    rest: str


def read_stamp(line: str) -> Stamp | None:
    """The time that a line begins with; None where it begins with none."""
    line = line.strip()
    if not line or not (line[0].isdigit() or line[0] in "[(<{"):
        return None
    spelled = _IN_WORDS.match(line) if line[0].isdigit() else None
    if spelled is not None:
        hours, minutes, seconds = (int(part or 0) for part in spelled.groups())
        return Stamp(((hours * 60 + minutes) * 60 + seconds) * 1000, None, "")
    for form in _FORMS if "-" in line or "–" in line or "—" in line else _NO_RANGES:
        found = form.match(line)
        if found is None:
            continue
        start = _time(found.group(1))
        end = _time(found.group(2)) if form.groups > 1 else None
        if start is not None:
            return Stamp(start, end, line[found.end() :].lstrip(_SEPARATORS))
    return None


def _time(text: str) -> int | None:
    if ":" not in text:
        return milliseconds(text.removesuffix("s"))
    framed = _FRAMED.match(text)
    return clock(framed.group(1)) if framed else clock(text)


def named_stamp(line: str) -> tuple[str, str] | None:
    """The head of a line and the time with what follows it, in "Alice (0:15): text"; None for any other line."""
    found = _BEHIND.search(line, 1, _LONGEST_NAME + 20) if ":" in line[: _LONGEST_NAME + 20] else None
    if found is None or found.start() > _LONGEST_NAME:
        return None
    head = line[: found.start()].rstrip(" \t-–—|,:·•")
    if head[:1] in "[(" and head[-1:] in "])":
        head = head[1:-1]
    return head, line[found.start() :]


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


def written_stamp(start: int, end: int | None) -> str:
    """Times in milliseconds as "[h:mm:ss.mmm]" or "[h:mm:ss.mmm - h:mm:ss.mmm]"."""
    shown = _shown(max(0, start))
    return f"[{shown}]" if end is None or end < start else f"[{shown} - {_shown(end)}]"


def _shown(milliseconds: int) -> str:
    seconds, fraction = divmod(milliseconds, 1000)
    shown = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{shown}.{fraction:03}" if fraction else shown
