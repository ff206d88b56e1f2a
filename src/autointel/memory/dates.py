"""The time that a question gives: years and months, relative times ("last March"), bounds ("before the election")."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_NAMES: Final = "|".join(MONTHS)
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
# "may", "march" and "jan" are words and names, too: a month stands beside a number or after "in" and its like.
_MONTH: Final = re.compile(
    rf"\b(?:(?P<before>in|on|of|since|until|by|last|this|during|before|after|\d{{1,2}}(?:st|nd|rd|th)?),?\s+)?"
    rf"(?P<month>{_NAMES})\b\.?(?P<after>,?\s+\d{{1,4}})?",
    re.IGNORECASE,
)
_UNITS: Final = "day|week|month|year"
_RELATIVE: Final = re.compile(
    rf"\b(?:(?P<day>today|yesterday)|(?P<which>last|past|previous|this)\s+(?P<what>{_UNITS}|{_NAMES})\b"
    rf"|(?:(?:in|during|over|within)\s+)?the\s+(?:last|past)\s+(?P<many>\d+|two|three|few)\s+(?P<of>{_UNITS})s"
    rf"|(?P<count>\d+|a|an|one|two|three)\s+(?P<unit>{_UNITS})s?\s+ago)\b",
    re.IGNORECASE,
)
_BOUND: Final = re.compile(
    r"\b(?P<bound>before|until|prior\s+to|after|since)\s+(?P<rest>[^?.,;]+)|\bbetween\s+(?P<low>[^?.,;]+?)\s+and\s+"
    r"(?P<high>[^?.,;]+)",
    re.IGNORECASE,
)
_ISO: Final = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b")
_DAY_FIRST: Final = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_NAMES})\b\.?,?\s+(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_MONTH_FIRST: Final = re.compile(
    rf"\b(?P<month>{_NAMES})\b\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_WORDS: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "few": 4}
_BEFORE: Final = frozenset({"before", "until", "prior to"})
_DECEMBER: Final = 12
_ARTICLE: Final = re.compile(r"^(?:the|our|their|his|her|its)\s+", re.IGNORECASE)
_EVENT: Final = 4  # words; a longer phrase is no name of an event


@dataclass(frozen=True)
class Dates:
    """Years and months that a question gives, or a period with both ends included.

    A month without a year is that month of any year. ``event`` names a time that only memory can date, such as
    "election"; ``bound`` is the question's word before it.
    """

    years: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    first: date | None = None
    last: date | None = None
    event: str = ""
    bound: str = ""

    @classmethod
    def of(cls, question: str, today: date | None = None) -> Dates:
        """The time in the question's words; relative times count from ``today``, and are left out without one."""
        bounded = _bounded(question, today)
        if bounded is not None and not bounded.event:
            return bounded
        period = _relative(question, today) if today else None
        if period is not None:
            return cls(first=period[0], last=period[1])
        months = (found for found in _MONTH.finditer(question) if found["before"] or found["after"])
        given = cls(
            frozenset(int(year) for year in _YEAR.findall(question)),
            frozenset(MONTHS[found["month"].lower()] for found in months),
        )
        return given if given or bounded is None else bounded

    def __bool__(self) -> bool:
        return bool(self.years or self.months or self.first or self.last or self.event)

    def fit(self, day: date | None) -> bool:
        """Whether the day may be one that is meant. An event without a date fits no day."""
        if day is None or not self or not (self.years or self.months or self.first or self.last):
            return False
        if (self.first and day < self.first) or (self.last and day > self.last):
            return False
        return (not self.years or day.year in self.years) and (not self.months or day.month in self.months)

    def dated(self, day: date) -> Dates:
        """The period before or after the event, once memory knows its day."""
        if self.bound in _BEFORE:
            return replace(self, last=day - timedelta(days=1))
        return replace(self, first=day)

    def without_event(self, question: str) -> str:
        """The question without "before the election": the day stands for it. As it was, if nothing else is in it."""
        return _BOUND.sub(" ", question, count=1).strip() or question


def without_dates(question: str) -> str:
    """The question without its years, months, days and relative times."""
    for pattern in (_ISO, _DAY_FIRST, _MONTH_FIRST, _RELATIVE, _MONTH, _YEAR):
        question = pattern.sub(" ", question)
    return question


def days_in(text: str) -> list[date]:
    """Days that are written out with their year; an impossible one is left out."""
    found = []
    for pattern in (_ISO, _DAY_FIRST, _MONTH_FIRST):
        for match in pattern.finditer(text):
            month = match["month"].lower()
            day = _day(int(match["year"]), int(month) if month.isdigit() else MONTHS[month], int(match["day"]))
            found += [day] if day else []
    return found


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _bounded(question: str, today: date | None) -> Dates | None:
    match = _BOUND.search(question)
    if match is None:
        return None
    if match["low"]:
        low, high = _span(match["low"], today), _span(match["high"], today)
        return Dates(first=low[0], last=high[1]) if low and high else None
    bound = " ".join(match["bound"].lower().split())
    span = _span(match["rest"], today)
    if span is not None:
        if bound in _BEFORE:
            return Dates(last=span[0] - timedelta(days=1))
        return Dates(first=span[0] if bound == "since" else span[1] + timedelta(days=1))
    event = _ARTICLE.sub("", match["rest"].strip())
    # "before he spoke" is no event, "before the election" is one.
    named = event != match["rest"].strip() and len(event.split()) <= _EVENT
    return Dates(event=event, bound=bound) if named else None


def _span(text: str, today: date | None) -> tuple[date, date] | None:
    """First and last day of the time that a phrase begins with; None where it gives none that code can tell."""
    if " or " in text:
        return None
    days = days_in(text)
    if days:
        return days[0], days[0]
    relative = _relative(text, today) if today else None
    if relative is not None:
        return relative
    month = re.match(rf"(?P<month>{_NAMES})\b\.?,?(?:\s+(?P<year>(?:19|20)\d\d))?\b", text.strip(), re.IGNORECASE)
    if month is not None:
        number = MONTHS[month["month"].lower()]
        year = int(month["year"]) if month["year"] else _latest_year(number, today)
        return _month(year, number) if year else None
    year_alone = re.match(r"(?:19|20)\d\d\b", text.strip())
    return (date(int(year_alone[0]), 1, 1), date(int(year_alone[0]), 12, 31)) if year_alone else None


def _latest_year(month: int, today: date | None) -> int | None:
    return None if today is None else today.year if month <= today.month else today.year - 1


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _relative(text: str, today: date) -> tuple[date, date] | None:
    match = _RELATIVE.search(text)
    if match is None:
        return None
    if match["day"]:
        day = today - timedelta(days=match["day"].lower() == "yesterday")
        return day, day
    if match["many"]:
        return today - _length(match["of"], _number(match["many"])), today
    if match["count"]:
        middle = today - _length(match["unit"], _number(match["count"]))
        # "Two weeks ago" is no exact day.
        slack = _length(match["unit"], 1) / 2
        return middle - slack, min(today, middle + slack)
    return _which(match["which"].lower() == "this", match["what"].lower(), today)


def _which(this: bool, what: str, today: date) -> tuple[date, date]:  # noqa: FBT001  "this" or "last"
    if what in MONTHS:
        number = MONTHS[what]
        # In April "last March" is the one that has just ended; in March, a year ago.
        ended = number < today.month or (this and number == today.month)
        return _month(today.year if ended or this else today.year - 1, number)
    if what == "year":
        year = today.year if this else today.year - 1
        return date(year, 1, 1), date(year, _DECEMBER, 31)
    if what == "month":
        before = today.replace(day=1) - timedelta(days=1)
        return _month(today.year, today.month) if this else _month(before.year, before.month)
    if what == "week":
        monday = today - timedelta(days=today.weekday() + (0 if this else 7))
        return monday, monday + timedelta(days=6)
    day = today if this else today - timedelta(days=1)
    return day, day


def _length(unit: str, many: int) -> timedelta:
    return timedelta(days=many * {"day": 1, "week": 7, "month": 30, "year": 365}[unit.lower()])


def _number(text: str) -> int:
    return min(int(text), 1000) if text.isdigit() else _WORDS[text.lower()]
