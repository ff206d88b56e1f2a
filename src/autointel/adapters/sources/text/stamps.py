"""Times at the beginning of a line of text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from autointel.adapters.sources.clock import clock, milliseconds

_T: Final = r"(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?:[.,]\d{1,3})?"
_SECONDS: Final = r"\d{1,6}(?:\.\d{1,3})?s?"
# Plain seconds need brackets and an arrow: "12 - 15 people" is no time.
_ARROW: Final = re.compile(rf"[\[(]\s*({_T}|{_SECONDS})\s*-{{1,3}}>\s*({_T}|{_SECONDS})\s*[\])]")
_RANGE: Final = re.compile(rf"[\[(]?\s*({_T})\s*(?:-{{1,3}}>?|–|—)\s*({_T})\s*(?:[\])]|(?=\s|:|\Z))")
_POINT: Final = re.compile(rf"[\[(<{{]\s*({_T})\s*[\])>}}]")
_BARE: Final = re.compile(rf"({_T})(?=\s|\Z|[-–—:|]\s)")
_FORMS: Final = (_ARROW, _RANGE, _POINT, _BARE)
_SEPARATORS: Final = " \t-–—:|"
# "Alice (0:15): text", "Alice [0:15] text"; and as a heading of its own, "Alice 0:15".
NAMED: Final = re.compile(
    rf"([^\[\](){{}}:]{{1,48}}?)\s*:?\s*([\[(]\s*{_T}\s*[\])]\s*:?\s.*|[\[(]?\s*{_T}\s*[\])]?\s*:?\s*\Z)"
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
    line = line.lstrip()
    if not line or not (line[0].isdigit() or line[0] in "[(<{"):
        return None
    for form in _FORMS:
        found = form.match(line)
        if found is None:
            continue
        start = _time(found.group(1))
        end = _time(found.group(2)) if form.groups > 1 else None
        if start is not None:
            return Stamp(start, end, line[found.end() :].lstrip(_SEPARATORS))
    return None


def _time(text: str) -> int | None:
    return clock(text) if ":" in text else milliseconds(text.removesuffix("s"))
