"""Times in a text, whatever their notation and wherever in a line they stand, as "[h:mm:ss.mmm]" at its head.

Transcripts write "[0m17s]", "0′17″", "10:00:17 PM", "#00:00:17-0#" or a date and a clock, at the head of a line, after
a name, at the end of a line or between two sentences. The text as a whole decides: a notation is one of times only if
it comes again and its times run on. What is no time stays as it is written.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final, Literal

from autointel.adapters.sources.clock import MONTH, TIME, Moment, clock, from_the_first, moment, strays
from autointel.adapters.sources.labels import person_or_handle, read_label
from autointel.adapters.sources.text.timing import are_timed, written_stamp
from autointel.domain.transcript import word_count

_T: Final = rf"(?:\d{{1,2}}:[0-5]\d:[0-5]\d-\d(?=#)|{TIME}|\d\d\.[0-5]\d(?:\.[0-5]\d)?(?![\d.]))"
_TO: Final = r"\s{0,4}(?:-{1,3}>?|–|—|→|to\b|bis\b|until\b)\s{0,4}"
_OPEN, _CLOSE = r"[\[(<{#@]", r"[\])>}#]"
_HEAD: Final = re.compile(
    r"\s{0,8}((?:TCR?|TS|time(?:[ -]?(?:code|stamp))?|min(?:ute)?\.?|zeit|t|starting point is)\s?[:=]?\s?)?"
    rf"({_OPEN}?)\s?([+−-]?)\s?({_T})(?:{_TO}({_T}))?\s?({_CLOSE}?)(?=[\s:|,–—-]|\Z)[\s:|,–—-]{{0,8}}",
    re.IGNORECASE,
)
_HEADS: Final = frozenset("0123456789[(<{#@+-−tTmMzZsS")
_BEHIND: Final = re.compile(
    rf"\s{{0,8}}([^\W\d_][^\d:\[\](){{}}<>#@\n]{{0,59}}?)[\s,|·•–—-]{{0,6}}:?(@|\bat\b)?\s?({_OPEN}?)\s?({_T})"
    rf"(?:{_TO}({_T}))?\s?({_CLOSE}?)\s?:?\s{{0,8}}",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")
_TIME: Final = re.compile(_T, re.IGNORECASE)
_MONTH: Final = re.compile(rf"{MONTH}[a-z]{{0,6}}\.? \Z", re.IGNORECASE)
_BRACKETED: Final = re.compile(rf"\s{{0,2}}(?<!\w)(?:\[({_T})\]|\(({_T})\)|#({_T})#)")
_PLAIN: Final = re.compile(r"[\[(<{]?\s?(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?:[.,]\d{1,3})?\s?[\])>}]?[\s:|–—-]{0,8}\Z")
# A plain time before a word, which nothing here changes: not "1:00:05 PM", not "0:05 to 0:10".
_USUAL: Final = re.compile(
    r"(?:[\[(]\d{1,2}:[0-5]\d(?::[0-5]\d)?[\])]|\d{1,2}:[0-5]\d(?::[0-5]\d)?(?=\s))\s{1,2}"
    r"(?!(?:[ap]\.?m|to|bis|until)\b)[^\W\d_]",
    re.IGNORECASE,
)
_RUN: Final = re.compile(r"\d{1,2}:[0-5]\d:[0-5]\d-\d\Z")
_DOTS: Final = re.compile(r"\d\d\.[0-5]\d(?:\.[0-5]\d)?\Z")
_PADDED: Final = re.compile(r"[\[(]0\d:|[\[(#]\d{1,2}:\d\d:\d\d")
_SECONDS: Final = re.compile(r":\d\d:\d\d")
_LONGEST: Final = 6000
_DAY: Final = 24 * 3600 * 1000
_LONGEST_RANGE: Final = 3600 * 1000
# A dash before figures is the sign of a time before the beginning; before a space or a bracket it makes a list.
_LISTED: Final = re.compile(r"\s{0,8}(?:[-–—*•‣▪◦·+>]\s{1,4}|(\d{1,4})[.)]\s{1,4}|[-–—•‣▪◦·](?=\[|\(|\d{4}-))(?!>)")
_INCHES: Final = 12
_REMARK: Final = re.compile(r"\((?:Read|Delivered|Edited|Sent)\b[^()]{0,80}\)")
_FEW: Final = 3
_MOST: Final = 0.6
# Milliseconds a word takes, and by how much a reading must fit better than the usual one.
_PER_WORD: Final = 400
_BETTER: Final = 0.5
# What times in another notation count from.
Axis = Literal["recording", "day"]
# "09:15 Keynote" and "14:00 - 15:30 Workshops": an hour of the day, every five minutes of it.
_HOUR: Final = re.compile(
    r"[\[(]?([01]?\d|2[0-3])[:.h]([0-5][05])(?:\s?(?:-|–|—|to)\s?(?:[01]?\d|2[0-3])[:.h][0-5][05])?[\])]?(?![\d:.,])"
)
_EARLIEST: Final = 5


def in_one_notation(lines: Sequence[str]) -> tuple[list[str], list[str], Axis | None]:
    """The lines with their times in one notation, warnings, and the axis of times found in another one than this.

    Linear in the characters.
    """
    found, warnings = _moved_to_heads(_without_list_marks(lines))
    moved: Axis | None = "recording" if warnings else None
    unusual = {at: _seen(at, line) for at, line in enumerate(found) if not _USUAL.match(line)}
    odd, astray = _of_one_clock([seen for seen in unusual.values() if seen and seen.look is not _Look.PLAIN])
    if not odd:
        return found, warnings, moved
    heads = [seen for at, line in enumerate(found) if (seen := unusual[at] if at in unusual else _seen(at, line))]
    if not _are_believed(odd, heads, found):
        return found, warnings, moved
    times = from_the_first([seen.start for seen in odd])
    for seen in astray:
        found[seen.line] = _without_time(seen)
    if odd[0].start.of_day and times[-1] > _DAY:
        warnings.append("The text gives dates over several days; its times are left out.")
        for seen in odd:
            found[seen.line] = _without_time(seen)
        return found, warnings, moved
    for seen, time in zip(odd, times, strict=True):
        stamp = written_stamp(time, _end(seen, time))
        # At the head it is taken off, whether the name after it is believed or not.
        named = f"{stamp} {seen.name}{': ' if seen.rest else ''}{seen.rest}"
        found[seen.line] = named if seen.name else f"{stamp} {seen.rest}".rstrip()
    warnings += _notes(odd, astray, times)
    return found, warnings, "day" if odd[0].start.of_day else "recording"


def _moved_to_heads(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines cut where a time stands in brackets between their words or at their end, which goes to the head."""
    places = [(number, found) for number, line in enumerate(lines) for found in _inside(line)]
    moments = [(number, found, each) for number, found in places if (each := _moment(_written(found))) is not None]
    filled = sum(bool(line.strip()) for line in lines)
    usual = all(found[3] or found[1] or _PADDED.search(found[0]) for _, found, _ in moments) and any(
        found[3] or _PADDED.search(found[0]) or ":" not in _written(found) for _, found, _ in moments
    )
    alone = len(moments) == 1 and not any(_seen(number, line) for number, line in enumerate(lines))
    if not moments or alone or not usual or any(each.of_day for *_, each in moments):
        return list(lines), []
    # One among times at heads is one of theirs.
    if len(moments) > 1 and not are_timed([each.ms for *_, each in moments], filled, sum(map(word_count, lines))):
        return list(lines), []
    at_ends = all(not lines[number][found.end() :].strip(" .") for number, found, _ in moments)
    starts = at_ends and not any(found[3] for _, found, _ in moments) and _are_starts(lines, moments)
    by_line: dict[int, list[tuple[re.Match[str], Moment]]] = {}
    for number, found, each in moments:
        by_line.setdefault(number, []).append((found, each))
    moved = _as_starts(lines, by_line) if starts else _as_places(lines, by_line)
    where = "at the end of their line" if at_ends else "among the words"
    meant = "when the line begins" if starts else "the time at their place"
    return moved, [f"Times stand {where} and were read as {meant}."]


def _inside(line: str) -> Iterator[re.Match[str]]:
    """Times in brackets behind the first words of a line."""
    # A bracket that begins a line is at its head.
    behind = line[1:]
    if len(line) > _LONGEST or not ("[" in behind or "(" in behind or "#" in behind):
        return
    for found in _BRACKETED.finditer(line):
        before = line[: found.start()].strip()
        # At the head, or behind a name, a time is read with the line.
        if any(map(str.isalnum, before)) and person_or_handle(before.rstrip(":")) is None:
            yield found


def _moment(text: str) -> Moment | None:
    plain = clock(text)
    if plain is not None:
        return Moment(plain)
    if _RUN.match(text):
        return moment(f"{text[:-2]}.{text[-1]}")
    return moment(text.replace(".", ":")) if _DOTS.match(text) else moment(text)


def _written(found: re.Match[str]) -> str:
    return found[1] or found[2] or found[3]


def _seen(number: int, line: str) -> _Seen | None:
    """The time at the head of a line, or the one behind its name; None where there is none."""
    bare = line.lstrip()
    if not bare:
        return None
    found = _HEAD.match(line) if bare[0] in _HEADS else None
    if found is not None:
        prefix, opened, sign, first, last, closed = found.groups()
        start, end = _moment(first), _moment(last) if last else None
        if start is None or (opened not in {"", "@"} and not closed):
            return None
        if sign and sign != "+" and not start.of_day:
            start = Moment(-start.ms)
        plain = not prefix and not sign and _PLAIN.match(found[0].strip()) is not None
        look = _Look.PLAIN if plain else _look(first, bracketed=bool(opened or prefix or last))
        # "9:41:12 AM (Read by you after 5 seconds)": a chat says so of a message.
        rest = line[found.end() :].strip()
        return _Seen(number, "", start, end, "" if start.of_day and _REMARK.fullmatch(rest) else rest, look, first)
    return _behind(number, line) if bare[0].isalpha() and any(map(str.isdigit, bare[:100])) else None


class _Look(Enum):
    PLAIN = "plain"  # read as it stands, by whoever reads the line
    ODD = "odd"
    WEAK = "weak"  # as often something else: feet and inches, prices


@dataclass(frozen=True, slots=True)
class _Seen:
    """A time at a line's head, or after the name that it begins with."""

    line: int
    name: str
    start: Moment
    end: Moment | None
    rest: str
    look: _Look
    written: str


def _look(written: str, *, bracketed: bool) -> _Look:
    if _DOTS.match(written):
        return _Look.WEAK
    # "5'10\"" may be a height, "3.5s" without brackets a duration.
    primed = any(sign in written for sign in "'′’")
    bare = written.endswith(("s", "s.")) and not any(sign in written for sign in "mhMH:") and not bracketed
    return _Look.WEAK if primed or bare else _Look.ODD


def _behind(number: int, line: str) -> _Seen | None:
    # A name holds no digit, so the time begins at the first: to try every length of a name is thirty times slower.
    digit = _DIGIT.search(line)
    begins = digit and (_TIME.match(line, digit.start()) or _MONTH.search(line, 0, digit.start()))
    found = _BEHIND.match(line) if begins else None
    if found is None:
        return None
    name, at, opened, first, last, closed = found.groups()
    rest = line[found.end() :].strip()
    start = _moment(first)
    # Without brackets a time ends the line of a name: "Marta Lind, 9:59 AM".
    if (
        start is None
        or (rest and not opened)
        or (opened not in {"", "@"} and not closed)
        or person_or_handle(name) is None
    ):
        return None
    plain = not at and opened != "@" and not last and _PLAIN.match(first) is not None
    look = _Look.PLAIN if plain else _look(first, bracketed=bool(opened or at))
    return _Seen(number, name.strip(" ,-–—|·•"), start, _moment(last) if last else None, rest, look, first)


def _are_starts(lines: Sequence[str], moments: Sequence[tuple[int, re.Match[str], Moment]]) -> bool:
    """Whether times at the ends of lines say when the line begins: so the words take about as long as there is time."""
    words = [max(1, word_count(lines[number])) * _PER_WORD for number, *_ in moments]
    times = [each.ms for *_, each in moments]
    if times[0] < words[0] / 3:
        return True
    starts = _misfit(words[:-1], times[:-1], times[1:])
    # A few lines tell little.
    return starts - _BETTER - 2 / len(words) <= _misfit(words, [0, *times[:-1]], times)


def _misfit(words: Sequence[int], starts: Sequence[int], ends: Sequence[int]) -> float:
    return sum(
        abs(math.log(word / max(1, end - start))) for word, start, end in zip(words, starts, ends, strict=True)
    ) / max(1, len(words))


def _as_starts(lines: Sequence[str], by_line: dict[int, list[tuple[re.Match[str], Moment]]]) -> list[str]:
    moved: list[str] = []
    head = 0
    for number, line in enumerate(lines):
        if not line.strip():
            moved.append(line)
            head = len(moved)
            continue
        found = by_line.get(number)
        moved.append(line if found is None else line[: found[0][0].start()] + line[found[-1][0].end() :])
        if found is not None:
            moved[head] = f"{written_stamp(found[0][1].ms, None)} {moved[head].lstrip()}"
            head = len(moved)
    return moved


def _as_places(lines: Sequence[str], by_line: dict[int, list[tuple[re.Match[str], Moment]]]) -> list[str]:
    moved: list[str] = []
    waiting: Moment | None = None
    for number, line in enumerate(lines):
        position = 0
        pieces: list[str] = []
        for found, each in by_line.get(number, ()):
            if line[position : found.start()].strip():
                pieces.append(_headed(line[position : found.start()], waiting))
            waiting, position = each, found.end()
        rest = line[position:]
        if rest.strip(" .") or not position:
            pieces.append(_headed(rest, waiting))
            waiting = waiting if not rest.strip() else None
        moved += pieces
    return moved


def _headed(words: str, at: Moment | None) -> str:
    bare = words.strip()
    return words if at is None or not bare else f"{written_stamp(at.ms, None)} {bare}"


def _without_list_marks(lines: Sequence[str]) -> list[str]:
    """The lines of a list that begin with a time, without dash, bullet, quote mark or number; others as they are."""
    bare = list(lines)
    numbers: list[tuple[int, int, str]] = []
    for at, line in enumerate(lines):
        found = _LISTED.match(line)
        rest = line[found.end() :] if found else ""
        seen = _seen(0, rest) if rest else None
        if found is None or seen is None or seen.name:
            continue
        if found[1]:
            numbers.append((at, int(found[1]), rest))
        else:
            bare[at] = rest
    # Numbers of a list count on; "12. 10:30" alone may be anything.
    if len(numbers) > 1 and all(after[1] == before[1] + 1 for before, after in pairwise(numbers)):
        for at, _, rest in numbers:
            bare[at] = rest
    return bare


def _of_one_clock(odd: Sequence[_Seen]) -> tuple[list[_Seen], list[_Seen]]:
    """The times of the kind that most are of: dates, hours of a day, seconds of a recording; and those that stray."""
    kinds = [(seen.start.of_day, seen.start.days is not None) for seen in odd]
    usual = max(set(kinds), key=kinds.count) if kinds else None
    alike = [seen for seen, kind in zip(odd, kinds, strict=True) if kind == usual]
    alone = strays([seen.start for seen in alike])
    return [s for at, s in enumerate(alike) if at not in alone], [alike[at] for at in sorted(alone)]


def _are_believed(odd: Sequence[_Seen], heads: Sequence[_Seen], lines: Sequence[str]) -> bool:
    """Whether the odd times are those of a recording, a meeting or a chat."""
    filled = [line for line in lines if line.strip()]
    words = sum(map(word_count, filled))
    # A clock of the day is an axis of its own; other notations may stand among plain times.
    timed = odd if odd[0].start.of_day else heads
    if not are_timed(from_the_first([seen.start for seen in timed]), len(filled), words):
        return False
    if odd[0].start.of_day and not _are_of_talk(odd):
        return False
    weak = [seen for seen in odd if seen.look is _Look.WEAK]
    if not weak:
        return True
    often = len(odd) >= _FEW and len(heads) >= _MOST * _paragraphs(lines)
    if all(_DOTS.match(seen.written) for seen in weak):
        # Prices and numbers of sections have no noughts before them.
        return often and any(seen.written.startswith("0") for seen in weak)
    # No height has twelve inches.
    beyond = any(seen.start.ms // 1000 % 60 >= _INCHES or seen.start.ms < 60_000 for seen in weak)  # noqa: PLR2004 -- a minute
    return often and beyond


def _are_of_talk(odd: Sequence[_Seen]) -> bool:
    """Whether hours of the day stand beside names or count seconds; those of an agenda or a diary do neither."""
    alone = Counter(seen.rest for seen in odd if seen.rest)
    again = {rest for rest, count in alone.items() if count > 1 and person_or_handle(rest) is not None}
    named = sum(bool(seen.name) or seen.rest in again or read_label(seen.rest).name is not None for seen in odd)
    exact = sum(_SECONDS.search(seen.written) is not None for seen in odd)
    return max(named, exact) * 2 >= len(odd)


def _paragraphs(lines: Sequence[str]) -> int:
    return sum(
        bool(line.strip()) and (not number or not lines[number - 1].strip()) for number, line in enumerate(lines)
    )


def _without_time(seen: _Seen) -> str:
    return f"{seen.name}: {seen.rest}" if seen.name else seen.rest


def _end(seen: _Seen, time: int) -> int | None:
    """Where the range that a line states ends, if it is one: a few lines of a day take no hour."""
    if seen.end is None:
        return None
    if not seen.start.of_day:
        return seen.end.ms if not seen.end.of_day else None
    length = from_the_first([seen.start, seen.end])[1] if seen.end.of_day else seen.end.ms - seen.start.ms
    return time + length if 0 <= length <= _LONGEST_RANGE else None


def _notes(odd: Sequence[_Seen], astray: Sequence[_Seen], times: Sequence[int]) -> Iterator[str]:
    if astray:
        yield f"Times ignored because they are hours from the others: {len(astray)}."
    if odd[0].start.of_day:
        yield f"Times are a clock of the day; they are counted from the first, {odd[0].written}."
    if any(time < 0 for time in times):
        yield "Times before the beginning were read as the beginning."


def is_schedule(lines: Sequence[str]) -> bool:
    """Whether the times at the heads of lines are hours of the day, as agendas and minutes of meetings have them.

    All count full five minutes, none has seconds, and the first is five in the morning or later, where a recording
    begins at its beginning.
    """
    rows = [
        (bare, _HOUR.match(line.lstrip(" \t-*•#")))
        for line in lines
        if (bare := line.lstrip(" \t[(-*•#"))[:1].isdigit()
    ]
    # Most texts have no hours at all; to look for the times in each of their lines costs ten times as much.
    if sum(hour is not None for _, hour in rows) < _FEW:
        return False
    found: list[re.Match[str]] = []
    for bare, hour in rows:
        if _seen(0, bare) is None:
            continue
        if hour is None:
            return False
        found.append(hour)
    hours = [int(each[1]) * 60 + int(each[2]) for each in found]
    return len(hours) >= _FEW and hours[0] >= _EARLIEST * 60
