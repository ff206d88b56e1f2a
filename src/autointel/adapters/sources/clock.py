"""Times as captions write them, in whole milliseconds, and the time at which a file's clock begins.

Recordings begin at nought, broadcasts and meetings at the hour of the day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from autointel.adapters.sources.draft import Cue, Draft

# Where a machine's clock has run over, a number is a mistake, not a time: 1,000 hours.
LATEST: Final = 1000 * 3600 * 1000
# Conversational speech runs at about 150 words a minute (National Center for Voice and Speech).
_MS_PER_WORD: Final = 60_000 / 150
_CLOCK: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?\Z")
_LAST: Final = re.compile(
    r"[\s:：,;|–—-]*[\[(（]?\s?(?<!\d)((?:\d{1,2}:[0-5]\d|\d{1,3}):[0-5]\d(?:[.,]\d{1,3})?)\s?[\])）]?\s*:?\Z"
)
# How people and programs write a time that clock() does not read: "0m17s", "1h02m03s", "3.5 sec", 0'03", 10:00:03 PM,
# and a date with a clock. Each alternative is bounded, so that a search is linear.
_FIGURES: Final = r"(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?:[.,]\d{1,9}|[:;]\d{2,3}(?!\d))?"
_HALF: Final = r"(?:\s{0,2}[AaPp]\.?[Mm]\b\.?)"
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATE: Final = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    rf"|\d{{1,2}}[- ]{MONTH}[- ](?:\d{{4}}|\d{{2}})|{MONTH}[a-z]{{0,6}}\.? \d{{1,2}}, \d{{4}})"
)
_ZONE: Final = r"(?:\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})(?![\w:]))"
_DATED: Final = rf"{_DATE}(?:T|,?\s{{1,2}}(?:at\s)?){_FIGURES}{_HALF}?{_ZONE}?"
_UNITS: Final = (
    r"(?:(?:\d{1,3}\s?h(?:ours?|rs?)?[\s,]{0,2})?\d{1,3}\s?m(?:in(?:ute)?s?)?\.?[\s,]{0,2}\d{1,2}(?:[.,]\d{1,3})?"
    r"\s?s(?:ec(?:ond)?s?)?\.?|\d{1,6}(?:[.,]\d{1,3})?\s?s(?:ec(?:ond)?s?)?\.?)(?!\w)"
)
_PRIMES: Final = r"(?:\d{1,2}\s?[hH°]\s?)?\d{1,3}\s?['′’]\s?[0-5]?\d(?:[.,]\d{1,3})?\s?(?:[\"″”]|''|’’|′′)"
TIME: Final = rf"(?:{_DATED}|{_FIGURES}{_HALF}?|{_UNITS}|{_PRIMES})"
_CLOCKED: Final = re.compile(rf"(?:({_DATE})(?:T|,?\s{{1,2}}(?:at\s)?))?({_FIGURES})({_HALF})?({_ZONE})?\Z")
_COUNTED: Final = re.compile(
    r"(?:(\d{1,3})\s?h[a-z]{0,6}[\s,]{0,2})?(?:(\d{1,3})\s?m[a-z]{0,6}\.?[\s,]{0,2})?(\d{1,6}(?:[.,]\d{1,3})?)"
    r"\s?s[a-z]{0,6}\.?\Z",
    re.IGNORECASE,
)
_PRIMED: Final = re.compile(
    r"(?:(\d{1,2})\s?[hH°]\s?)?(\d{1,3})\s?['′’]\s?([0-5]?\d(?:[.,]\d{1,3})?)\s?(?:[\"″”]|''|’’|′′)\Z"
)
_TAIL: Final = re.compile(r"(\d{1,3}:\d{1,3}:\d\d)[:;](\d{2,3})\Z")
_DAY: Final = 24 * 3600 * 1000
_HOUR: Final = 3600 * 1000
# What parts two groups of times of a day.
_HOURS: Final = 3 * _HOUR
# A file whose first words come after nine hours is on a clock of the day, or on a time code of ten o'clock (EBU).
_LATE: Final = 9 * _HOUR
# Programmes begin at a full hour of their time code, and their first words soon after.
_SOON: Final = 120_000
# Hours, minutes, seconds and frames, as editing programs count them: "00:01:02:12".
TIMECODE: Final = r"\d{1,2}[:;][0-5]\d[:;][0-5]\d[:;]\d{2}"
_TIMECODE: Final = re.compile(r"(\d{1,2})[:;]([0-5]\d)[:;]([0-5]\d)[:;](\d{2})\Z")
_RATES: Final = (25.0, 30.0, 60.0, 100.0)
# A semicolon marks dropped frames, which only the rates of NTSC have.
_DROPPING: Final = (30.0, 60.0, 100.0)


def clock(text: str) -> int | None:
    """A time such as "1:02:03.5", "02:03,500" or "62:03" in milliseconds; None where it is no time."""
    found = _CLOCK.match(text.strip())
    if found is None:
        return None
    hours, minutes, seconds, fraction = found.groups()
    # Without hours, minutes may pass 59: players that never write hours do so.
    if int(seconds) > 59 or (hours is not None and int(minutes) > 59):  # noqa: PLR2004 -- minutes and seconds
        return None
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + thousandths(fraction)


def without_clock(name: str) -> tuple[str, int | None]:
    """A speaker's name without the time written behind it, and that time: "Ada Lee (0:04)" is Ada Lee at 4,000 ms."""
    # From a bounded place, so that a name of a megabyte costs nothing.
    found = _LAST.search(name, max(0, len(name) - 40)) if ":" in name else None
    return (name, None) if found is None else (name[: found.start()], clock(found[1]))


def thousandths(fraction: str | None) -> int:
    """The digits after the point in milliseconds: "5" is 500."""
    return round(int(fraction) * 1000 / 10 ** len(fraction)) if fraction else 0


def milliseconds(value: object, per_unit: float = 1000) -> int | None:
    """A number from JSON, by default of seconds; None where it is none, negative, not finite, or absurd."""
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # Bounds first: a whole number of hundreds of digits is too large to be multiplied by a float, or even looked at.
    if not 0 <= value <= LATEST or not value * per_unit <= LATEST:
        return None
    return round(value * per_unit)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def speaking_time(words: int, *, least: int = 1000) -> int:
    """How long it takes to say so many words, at least a second, or ``least`` milliseconds."""
    return max(least, round(words * _MS_PER_WORD))


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it is written, in milliseconds: from a beginning, or, with ``of_day``, from the midnight before it.

    ``days`` are the ordinals of its date, read with the day first and with the month first, where it has a date.
    """

    ms: int
    of_day: bool = False
    days: tuple[int | None, int | None] | None = None


def moment(text: str) -> Moment | None:
    """A time in any of the notations; None where the text is something else or no time ("12:75 PM", "99/99/2024")."""
    text = text.strip()
    found = _CLOCKED.match(text)
    if found:
        return _clocked(*found.groups())
    found = _COUNTED.match(text) or _PRIMED.match(text)
    if found is None:
        return None
    hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.groups())
    whole = round(((hours * 60 + minutes) * 60 + seconds) * 1000)
    # "3m90s" is no time; "90s" is.
    return Moment(whole) if whole <= LATEST and (seconds < 60 or not found[2]) else None  # noqa: PLR2004 -- seconds


def _clocked(day: str | None, figures: str, half: str | None, zone: str | None) -> Moment | None:
    tail = _TAIL.match(figures)
    if tail:
        # Three digits are thousandths, two count frames, of which the rate is not known here.
        figures = f"{tail[1]}.{tail[2]}" if len(tail[2]) > 2 else tail[1]  # noqa: PLR2004 -- frames
    bare = figures.count(":") == 1 and (half or day)
    ms = clock(f"{figures}:00" if bare else figures)
    if ms is None:
        return None
    if half:
        hour = ms // _HOUR
        if not 1 <= hour <= 12:  # noqa: PLR2004 -- the hours of a clock with hands
            return None
        ms += (12 * _HOUR if "p" in half.lower() else 0) - (12 * _HOUR if hour == 12 else 0)  # noqa: PLR2004
    if day is None:
        return Moment(ms, of_day=half is not None) if zone is None else None
    days = _days(day)
    return Moment(ms - _offset(zone), of_day=True, days=days) if any(days) and ms < _DAY else None


def _days(text: str) -> tuple[int | None, int | None]:
    named = re.search(MONTH, text)
    if named is not None:
        month = _MONTHS.index(named[0].lower()) + 1
        day, year = map(int, re.findall(r"\d+", text))
        year = year + 2000 if year < 100 else year  # noqa: PLR2004 -- two digits
        return _ordinal(year, month, day), _ordinal(year, month, day)
    first, second, third = map(int, re.split(r"[-/.]", text))
    if first > 31:  # noqa: PLR2004 -- a year
        return _ordinal(first, second, third), _ordinal(first, second, third)
    year = third + 2000 if third < 100 else third  # noqa: PLR2004 -- two digits
    return _ordinal(year, second, first), _ordinal(year, first, second)


def _ordinal(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None


def _offset(zone: str | None) -> int:
    """Milliseconds by which a zone is ahead of UTC."""
    figures = re.search(r"([+-])(\d\d):?(\d\d)", zone or "")
    if figures is None:
        return 0
    ahead = (int(figures[2]) * 60 + int(figures[3])) * 60_000
    return -ahead if figures[1] == "-" else ahead


def from_the_first(moments: Sequence[Moment]) -> list[int]:
    """Milliseconds on one axis: times of the day from the first of them, past midnight and past noon; others as given.

    Where dates can be read with the day or the month first, the reading in which they run on, and closest, is taken.
    """
    if not any(each.of_day for each in moments):
        return [each.ms for each in moments]
    times = _dated(moments) if all(each.days for each in moments) else unwound([each.ms for each in moments])
    return [time - times[0] for time in times]


def _dated(moments: Sequence[Moment]) -> list[int]:
    readings = []
    for place in (0, 1):
        days = [(each.days or (None, None))[place] for each in moments]
        if None not in days:
            times = [(day or 0) * _DAY + each.ms for day, each in zip(days, moments, strict=True)]
            falls = sum(after < before for before, after in pairwise(times))
            readings.append((falls, max(times) - min(times), times))
    # A date that neither reading has everywhere leaves the hours, which then run on.
    return min(readings)[2] if readings else unwound([each.ms for each in moments])


def strays(moments: Sequence[Moment]) -> frozenset[int]:
    """The places of times of the day that stand alone, three hours from most others: one clock that was misread."""
    if not moments or not all(each.of_day for each in moments):
        return frozenset()
    dated = all(each.days for each in moments)
    groups = _by_hours(from_the_first(moments) if dated else [each.ms for each in moments], wrap=not dated)
    main, count = Counter(groups).most_common(1)[0]
    if count * 2 <= len(groups):
        return frozenset()
    return frozenset(
        at
        for at, group in enumerate(groups)
        if group != main and group not in (*groups[max(0, at - 1) : at], *groups[at + 1 : at + 2])
    )


def _by_hours(times: Sequence[int], *, wrap: bool) -> list[int]:
    """For each time the number of its group; three hours lie between two groups. ``wrap``: midnight parts nothing."""
    order = sorted(range(len(times)), key=times.__getitem__)
    groups = [0] * len(times)
    for before, after in pairwise(order):
        groups[after] = groups[before] + (times[after] - times[before] > _HOURS)
    if wrap and times[order[0]] + _DAY - times[order[-1]] <= _HOURS:
        last = groups[order[-1]]
        groups = [0 if group == last else group for group in groups]
    return groups


def unwound(times: Sequence[int]) -> list[int]:
    """Times of the day with half a day or a day added wherever the clock began anew."""
    ahead, before, run = 0, times[0], []
    for time in times:
        fall = before - time
        if fall > _DAY * 13 // 24:
            ahead += _DAY
        elif fall > _DAY * 10 // 24 and max(before, time) < 13 * _HOUR:
            ahead += _DAY // 2
        run.append(time + ahead)
        before = time
    return run


def is_late(start: int) -> bool:
    """Whether a first time in milliseconds is one of a clock of the day rather than of a recording."""
    return _LATE <= start < _DAY


def past_midnight(cues: Sequence[Cue]) -> None:
    """Let the times of a clock of the day run on past midnight, in place; other times stay."""
    stated = [cue for cue in cues if cue.start is not None]
    if not stated or not is_late(stated[0].start or 0):
        return
    starts = [cue.start or 0 for cue in stated]
    for cue, before, after in zip(stated, starts, unwound(starts), strict=True):
        cue.start = after
        if cue.end is not None:
            # An end before its start is past midnight only if the cue is then no longer than cues are.
            over = _DAY if cue.end < before and cue.end + _DAY - before <= _HOUR else 0
            cue.end += after - before + over


def from_the_beginning(draft: Draft) -> None:
    """Move the cues' times to a beginning at nought where they count from another; the draft says so."""
    past_midnight(draft.cues)
    first = min((cue.start for cue in draft.cues if cue.start is not None), default=0)
    past = first % _HOUR
    if not _LATE <= first < _DAY:
        if _HOUR <= first < _LATE and past <= _SOON:
            draft.warnings.append(
                f"The first words stand at {first // _HOUR} h: the times may be a broadcast's, not the recording's."
            )
        return
    base = first - past if past <= _SOON else first
    for cue in draft.cues:
        if cue.start is not None:
            cue.start -= base
            cue.end = None if cue.end is None else max(0, cue.end - base)
    draft.repairs += 1
    draft.warnings.append(
        f"Times begin at {_shown(first)}, a clock of the day or a time code; they are counted from {_shown(base)}."
    )


def _shown(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def timecode(text: str, rate: float) -> int | None:
    """Milliseconds of a time code with ``rate`` frames a second; None where the text is none."""
    found = _TIMECODE.match(text.strip())
    if found is None:
        return None
    hours, minutes, seconds, frames = map(int, found.groups())
    return round((((hours * 60) + minutes) * 60 + seconds + frames / rate) * 1000)


def frame_rate(texts: Iterable[str]) -> float:
    """The lowest usual rate that the frame numbers leave possible: a time is at most a fifth of a second off."""
    codes = [found for text in texts if (found := _TIMECODE.match(text.strip()))]
    most = max((int(code[4]) for code in codes), default=0)
    return next(rate for rate in (_DROPPING if any(";" in code[0] for code in codes) else _RATES) if most < rate)
