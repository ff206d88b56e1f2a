"""The line that says when a caption is shown, read as people and programs write it.

WebVTT, SubRip and SubViewer share this reader. What looks like a time line and cannot be read is refused, so that it
never becomes speech.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from autointel.adapters.sources.clock import LATEST

# Nothing longer is a time with its settings.
_LONGEST: Final = 300
_TIME: Final = (
    r"[ \t]{0,8}(-[ \t]?)?(?:(\d{1,4})[ \t]?:[ \t]?)?(\d{1,3})[ \t]?:[ \t]?(\d{1,2})"
    # The fraction may have one of its own: "01,249.0999" is what arithmetic leaves behind.
    r"(?:[ \t]?([.,:;])[ \t]?(\d{1,20})(?:[.,](\d{1,20}))?)?"
)
_ARROW: Final = r"[ \t]{0,8}(?:(?:[-=~][ \t]?){1,4}>{1,2}|->|>)[ \t]{0,8}"
_ARROW_LINE: Final = re.compile(rf"{_TIME}{_ARROW}{_TIME}(?![\d:])")
_COMMA_LINE: Final = re.compile(rf"{_TIME}[ \t]{{0,8}}[,;][ \t]{{0,8}}{_TIME}[ \t]{{0,8}}\Z")
_START_ONLY: Final = re.compile(rf"{_TIME}{_ARROW}")
_AN_ARROW: Final = re.compile(r"(?:[-=~][ \t]?){1,4}>")
_SIGNS: Final = str.maketrans(
    dict.fromkeys("→⟶⇒➔➜⟹›»", "-->") | dict.fromkeys("–—−‒‐‑", "-") | {"，": ",", "。": ".", "：": ":", "、": ","}
)
_ARROWS: Final = re.compile("[>→⟶⇒➔➜⟹＞›»]|&gt;|＆gt")
# Nearly all time lines are written so, and are read five times as fast without the rest.
_USUAL: Final = re.compile(
    r"(?:(\d{1,4}):)?(\d\d):(\d\d)[.,](\d{3}) --> (?:(\d{1,4}):)?(\d\d):(\d\d)[.,](\d{3})(?:[ \t][^&]*)?\Z", re.ASCII
)
# "00.00.01,000 -->" and "10:00:01 AM -->".
_DOTTED: Final = re.compile(r"(?<![\d.])(\d{1,2})\.(\d\d)\.(\d\d)(?=[,.:;]\d|[ \t]|\Z)")
_HALVED: Final = re.compile(r"(?<![\d:])(\d{1,2})((?::\d\d){1,2}(?:[.,]\d{1,9})?)[ \t]?([AaPp])\.?[Mm]\b\.?")
_FRAME_DIGITS: Final = 2
# "00:00:01 500": a space for the point.
_SPACED: Final = re.compile(r"(:\d\d) (\d{3})(?=[ \t]*[-=~>→—–]|[ \t]*\Z)")


@dataclass(frozen=True, slots=True)
class Span:
    """When a caption is shown, in milliseconds. ``start`` is None where the line cannot be read, ``end`` where only its
    start can. ``frames`` are the counts behind a fourth colon, which need the file's rate; ``repaired`` marks a time
    that was not written as its format has it; ``negative`` a start before the beginning.
    """

    start: int | None
    end: int | None = None
    frames: tuple[int, int] = (0, 0)
    repaired: bool = False
    negative: bool = False


def arrow_span(line: str) -> Span | None:
    """The span of a line such as "00:01.000 --> 00:02.000"; None for words, a span without a start if unreadable."""
    if _ARROWS.search(line) is None:
        return None
    usual = _USUAL.match(line) if len(line) < _LONGEST and line.isascii() else None
    if usual is not None:
        start, end = _plain(*usual.group(1, 2, 3, 4)), _plain(*usual.group(5, 6, 7, 8))
        if start is not None and end is not None:
            return Span(start, end)
    plain = _folded(line)
    if plain is None:
        return None
    found = _ARROW_LINE.match(plain)
    if found is not None:
        return _span(found.groups(), odd=plain != line.strip())
    if not _looks_like_times(plain):
        return None
    half = _START_ONLY.match(plain)
    begin = _read(half.groups()) if half else None
    return Span(None if begin is None else max(0, begin[0]), repaired=True)


def _plain(hours: str | None, minutes: str, seconds: str, fraction: str) -> int | None:
    if seconds > "59" or (hours is not None and minutes > "59"):
        return None
    whole = ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction)
    return whole if whole <= LATEST else None


def comma_span(line: str) -> Span | None:
    """The span of SubViewer's "0:00:02.569,0:00:04.519"; None for any other line."""
    if not line.strip()[:1].isdigit():
        return None
    plain = _folded(line)
    found = _COMMA_LINE.match(plain) if plain else None
    return _span(found.groups(), odd=False) if found else None


def _folded(line: str) -> str | None:
    """The line with full-width digits and signs, odd dashes and escaped arrows as ASCII; None where it is too long."""
    line = line.strip()
    if len(line) > _LONGEST:
        return None
    if "&" in line:
        line = html.unescape(line)
    if line[:1].isdigit():
        line = _SPACED.sub(r"\1.\2", _HALVED.sub(_whole, _DOTTED.sub(r"\1:\2:\3", line)))
    if line.isascii():
        return line
    plain = unicodedata.normalize("NFKC", line.translate(_SIGNS)).translate(_SIGNS)
    return plain.replace("-->-->", "-->").strip("\ufeff\u200b\u200e\u200f ")


def _whole(found: re.Match[str]) -> str:
    """A time on a clock with hands by the hours of the day."""
    hour, rest, half = int(found[1]), found[2], found[3].lower()
    if not 1 <= hour <= 12:  # noqa: PLR2004 -- the hours of a clock with hands
        return found[0]
    hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour}{rest if rest.count(':') > 1 else f'{rest}:00'}"


def _looks_like_times(plain: str) -> bool:
    """Whether a line with an arrow holds no words before it, and times around it; "plan A --> plan B" is words."""
    arrow = _AN_ARROW.search(plain)
    if arrow is None:
        return False
    before, after = plain[: arrow.start()].strip(), plain[arrow.end() :].strip(" >")
    if any(map(str.isalpha, before)):
        return False
    return (":" in before and any(map(str.isdigit, before))) or (not before and (not after or after[0].isdigit()))


def _span(groups: tuple[str | None, ...], *, odd: bool) -> Span:
    start, end = _read(groups[:7]), _read(groups[7:])
    if start is None:
        return Span(None, repaired=True)
    frames = (start[1], end[1] if end else 0)
    return Span(
        start=max(0, start[0]),
        end=None if end is None else max(0, end[0]),
        frames=frames,
        repaired=odd or end is None or start[0] < 0 or end[0] < 0 or frames != (0, 0),
        negative=start[0] < 0,
    )


def _read(groups: tuple[str | None, ...]) -> tuple[int, int] | None:
    """Milliseconds and frames of one time; None where it cannot be."""
    sign, hours, minutes, seconds, mark, fraction, rest = groups
    minute, second = int(minutes or 0), int(seconds or 0)
    # Without hours, minutes may pass 59: players that never write hours do so.
    if second > 59 or (hours is not None and minute > 59):  # noqa: PLR2004 -- minutes and seconds
        return None
    whole = ((int(hours or 0) * 60 + minute) * 60 + second) * 1000
    frames = 0
    if fraction is not None and mark in {":", ";"} and len(fraction) <= _FRAME_DIGITS:
        frames = int(fraction)
    elif fraction is not None:
        digits = (fraction + (rest or ""))[:15]
        whole += round(int(digits) * 1000 / 10 ** len(digits))
    if whole > LATEST:
        return None
    return (-whole if sign else whole), frames
