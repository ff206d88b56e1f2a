"""Times at the beginning of a line of text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from autointel.adapters.sources.clock import clock, milliseconds

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
_SEPARATORS: Final = " \t-–—:|"
# "Alice (0:15): text", "Alice [0:15] text"; on a line of its own, "Alice 0:15", "Alice - 0:15", "[Alice] 10:02:33".
_BEHIND: Final = re.compile(
    rf"[\[(]\s?{_T}(?:\s?[-–—]{{1,3}}>?\s?{_T})?\s?[\])]|{_T}\s*:?\Z"
    rf"|(?<=\t){_T}(?=\t)"
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
    spelled = _IN_WORDS.match(line)
    if spelled is not None:
        hours, minutes, seconds = (int(part or 0) for part in spelled.groups())
        return Stamp(((hours * 60 + minutes) * 60 + seconds) * 1000, None, "")
    for form in _FORMS:
        found = form.match(line)
        if found is None:
            continue
        start = _time(found.group(1))
        end = _time(found.group(2)) if form.groups > 1 else None
        if start is not None:
            return Stamp(start, end, line[found.end() :].lstrip(_SEPARATORS))
    return None


def named_stamp(line: str) -> tuple[str, str] | None:
    """The head of a line and the time with what follows it, in "Alice (0:15): text"; None for any other line."""
    found = _BEHIND.search(line, 1, _LONGEST_NAME + 20) if ":" in line[: _LONGEST_NAME + 20] else None
    if found is None or found.start() > _LONGEST_NAME:
        return None
    head = line[: found.start()].rstrip(" \t-–—|,:·•")
    if head[:1] in "[(" and head[-1:] in "])":
        head = head[1:-1]
    return head, line[found.start() :]


def _time(text: str) -> int | None:
    if ":" not in text:
        return milliseconds(text.removesuffix("s"))
    framed = _FRAMED.match(text)
    return clock(framed.group(1)) if framed else clock(text)
