"""In which unit a file counts time, where numbers stand without one: seconds, unless the words say otherwise.

Editing programs count frames: "00:01:02:12", or "00:01:02;12" with dropped frames.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from autointel.domain.transcript import word_count

# Words a second. Speech has 1 to 4; captions that stay on the screen pull the mean down, songs and silence even more.
_SLOWEST: Final = 0.1
# Starts alone leave out how long a silence follows.
_SLOWEST_BY_STARTS: Final = 0.02
_FASTEST: Final = 12.0
_LIKELY: Final = (0.25, 9.0)
_USUAL: Final = 2.5
_UNITS: Final = (
    ("milliseconds", 1e-3),
    ("hundredths of a second", 1e-2),
    ("ticks of 100 ns", 1e-7),
    ("microseconds", 1e-6),
    ("nanoseconds", 1e-9),
)
# Counted only where none of the others fits: the sampling rates of speech and of music.
_SAMPLES: Final = tuple((f"samples at {rate} Hz", 1 / rate) for rate in (16_000, 44_100, 48_000, 8_000, 22_050))
# Each with the words from which a few of them said in a millisecond are no accident.
_LARGER: Final = (("minutes", 60.0, 30), ("fractions of a day, as spreadsheets do", 86_400.0, 8))
_TOO_FAST: Final = "The stated times do not fit the words, which would be said at {:.0f} words a second."
_TOO_SLOW: Final = "The stated times do not fit the words, which would be said at {:.2g} words a minute."
_FEWEST_WORDS: Final = 3
_BEYOND: Final = 1.2
TIMECODE: Final = r"\d{1,2}[:;][0-5]\d[:;][0-5]\d[:;]\d{2}"
_TIMECODE: Final = re.compile(r"(\d{1,2})[:;]([0-5]\d)[:;]([0-5]\d)[:;](\d{2})\Z")
_RATES: Final = (25.0, 30.0, 60.0, 100.0)
# A semicolon marks dropped frames, which only the rates of NTSC have.
_DROPPING: Final = (30.0, 60.0, 100.0)


@dataclass(frozen=True, slots=True)
class Timed:
    """A stretch of words with its times as the file writes them."""

    start: float
    end: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Unit:
    """``factor`` turns the file's numbers into seconds; ``warning`` says what was decided, or that nothing fits."""

    factor: float = 1.0
    warning: str | None = None


def unit_of(
    spans: Sequence[Timed],
    stated: float | None = None,
    sampled: float | None = None,
    *,
    whole: bool = True,
    spreadsheet: bool = False,
) -> Unit:
    """The unit by speaking rate, by the duration in seconds and by the sampling rate that the file states, if it does.

    Seconds stay seconds as long as they can be true, and wherever a number has a fraction: smaller units are counted
    in whole numbers (``whole``: so are the times inside the spans). Only a ``spreadsheet`` counts minutes or days.
    Linear in the number of characters.
    """
    words = sum(word_count(span.text) for span in spans)
    last = max((span.end or span.start for span in spans), default=0.0)
    lengths = _lengths(spans)
    long = _mean(lengths) * len(spans) if lengths else _between_starts(spans)
    if words < _FEWEST_WORDS or long <= 0:
        return _by_duration(last, stated)
    rate = words / long
    least = _SLOWEST if lengths else _SLOWEST_BY_STARTS
    if rate >= least:
        if rate > _FASTEST and words > _FASTEST * _between_starts(spans):
            larger = [(name, factor) for name, factor, fewest in _LARGER if spreadsheet and words >= fewest]
            return _likeliest(rate, larger, least) or Unit(warning=_TOO_FAST.format(rate))
        return Unit(warning=_TOO_FAST.format(rate) if rate > _FASTEST else _beyond(last, stated))
    if not whole or not all(span.start.is_integer() and (span.end or 0.0).is_integer() for span in spans):
        return Unit(warning=_TOO_SLOW.format(rate * 60))
    rate = rate if lengths else _usual_rate(spans)
    stated_rate = [(f"samples at {sampled:g} Hz", 1 / sampled)] if sampled else []
    found = _likeliest(rate, stated_rate) or _likeliest(rate, _UNITS) or _likeliest(rate, _SAMPLES)
    return found or Unit(warning=_TOO_SLOW.format(rate * 60))


def _lengths(spans: Sequence[Timed]) -> list[float]:
    """How long the stretches are, in the file's unit; none where most have no end."""
    lengths = [span.end - span.start for span in spans if span.end is not None and span.end > span.start]
    return lengths if len(lengths) * 2 >= len(spans) else []


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _between_starts(spans: Sequence[Timed]) -> float:
    starts = [span.start for span in spans]
    return (max(starts) - min(starts)) * len(starts) / max(len(starts) - 1, 1)


def _by_duration(last: float, stated: float | None) -> Unit:
    if not stated or last <= stated * _BEYOND:
        return Unit()
    for name, factor in _UNITS:
        if stated / 10 <= last * factor <= stated * _BEYOND:
            return Unit(factor, f"Times were read as {name}: as seconds they are longer than the stated duration.")
    return Unit(warning=_beyond(last, stated))


def _beyond(last: float, stated: float | None) -> str | None:
    if not stated or last <= stated * _BEYOND:
        return None
    return f"The times go on to {last:.0f} s, beyond the stated duration of {stated:.0f} s."


def _likeliest(rate: float, units: Sequence[tuple[str, float]], least: float = _LIKELY[0]) -> Unit | None:
    """The unit in which the words are said nearest to the usual rate; None where none is likely."""
    likely = [(name, factor) for name, factor in units if least <= rate / factor <= _LIKELY[1]]
    if not likely:
        return None
    name, factor = min(likely, key=lambda unit: abs(math.log(rate / unit[1] / _USUAL)))
    return Unit(factor, f"Times were read as {name}: as seconds they do not fit the number of words.")


def _usual_rate(spans: Sequence[Timed]) -> float:
    """Words a second from one start to the next, in the middle of all: one long silence does not change it."""
    pairs = pairwise(sorted(spans, key=lambda span: span.start))
    gaps = [(before, after.start - before.start) for before, after in pairs if after.start > before.start]
    return median(word_count(span.text) / gap for span, gap in gaps)


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
