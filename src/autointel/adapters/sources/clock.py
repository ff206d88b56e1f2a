"""Times as captions write them, in whole milliseconds."""

from __future__ import annotations

import re
from typing import Final

# Where a machine's clock has run over, a number is a mistake, not a time: 1,000 hours.
LATEST: Final = 1000 * 3600 * 1000
# Conversational speech runs at about 150 words a minute (National Center for Voice and Speech).
_MS_PER_WORD: Final = 60_000 / 150

CLOCK: Final = r"(?:\d{1,4}:)?\d{1,3}:[0-5]?\d(?:[.,]\d{1,9})?"
_CLOCK: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?\Z")


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
