"""When an episode appeared, as feeds write it: what cannot be read for certain is no date."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

# RFC 822 with a year of four digits, however the weekday is spelt; "Di, 05 Mär 2024" is no English month, and no date.
_RFC_822: Final = re.compile(
    r"(?:[^\W\d_]{1,12}\.?,?\s+)?(\d{1,2})[ -]"
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[ -](\d{4})"
    r"(?:,?\s+(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*([A-Za-z]{1,4}|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
# A year first is followed by the month everywhere. Day and month first ("05/03/2024") are two dates, so none.
_YEAR_FIRST: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(.{0,9}))?"
)
_ZONE: Final = re.compile(r"(?:Z|UTC?|GMT|[+-]\d{2}:?\d{2})?\Z", re.IGNORECASE)


def published_at(text: str) -> float | None:
    """Unix seconds, in UTC where no zone is named; None for what is not surely a date."""
    text = " ".join(text.split())
    try:
        return _year_first(text) if text[:4].isdecimal() else _rfc_822(text)
    except (ValueError, OverflowError):
        return None


def _rfc_822(text: str) -> float | None:
    found = _RFC_822.fullmatch(text)
    if found is None:
        return None
    day, month, year, clock, zone = found.groups()
    zone = "GMT" if (zone or "Z").upper() == "Z" else zone.replace(":", "")
    read = parsedate_to_datetime(f"{day} {month} {year} {clock or '00:00'} {zone}")
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _year_first(text: str) -> float | None:
    found = _YEAR_FIRST.fullmatch(text)
    if found is None or not _ZONE.match(found[7] or ""):
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    zone = (found[7] or "").upper()
    offset = f"{zone[:3]}:{zone[-2:]}" if zone[:1] in {"+", "-"} else "+00:00"
    day_and_clock = f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{offset}"
    return datetime.fromisoformat(day_and_clock).timestamp()
