"""From a JSON transcript's items to cues: one unit, words gathered, segments cut where their words change speaker.

Numbers without a unit count seconds, unless the words say otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from statistics import median
from typing import Final

from autointel.adapters.sources.captions.json_items import Item, Time
from autointel.adapters.sources.captions.words import ENDS, are_words, gather
from autointel.adapters.sources.clock import LATEST, from_the_first, strays
from autointel.adapters.sources.draft import Cue
from autointel.domain.transcript import word_count

# Seconds since 1970 begin with numbers as large as this (in milliseconds, if read as seconds: the year 1973).
_EPOCH: Final = 1e11
_FEW: Final = 4
_SAMPLE: Final = 50
_DAY: Final = 24 * 3600 * 1000
# In which unit a file counts, by words a second. Speech has 1 to 4; captions that stay on the screen pull the mean
# down, songs and silence even more.
_SLOWEST: Final = 0.1
# Starts alone leave out how long a silence follows.
_SLOWEST_BY_STARTS: Final = 0.02
_FASTEST: Final = 12.0
_LIKELY_RATES: Final = (0.25, 9.0)
_USUAL_RATE: Final = 2.5
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
# Of the stated duration, how far times may go beyond it.
_BEYOND: Final = 1.2


def in_one_unit(
    items: Sequence[Item], stated: float | None, sampled: float | None = None, *, spreadsheet: bool = False
) -> tuple[list[Item], list[str]]:
    """The items with their times in milliseconds, and what was decided about them. ``stated`` is in seconds,
    ``sampled`` the samples a second that the file states.
    """
    items, notes = _on_one_clock(items)
    if all(item.start is None for item in items):
        return list(items), notes
    spans = [
        Timed(item.start.value / 1000, None if item.end is None else item.end.value / 1000, item.text)
        for item in items
        if item.start is not None
    ]
    origin = min((span.start for span in spans), default=0.0)
    if origin * 1000 >= _EPOCH:
        notes.append("Times were counted from the first, which the file states as a date.")
        spans = [Timed(span.start - origin, span.end and span.end - origin, span.text) for span in spans]
    else:
        origin = 0.0
    unit = _unit_of(spans, stated, sampled, whole=_are_whole(items), spreadsheet=spreadsheet)
    sure = any(item.start is not None and item.start.sure for item in items)
    factor = 1.0 if sure else unit.factor
    if unit.warning and (not sure or unit.factor == 1.0):
        notes.append(unit.warning)
    if origin or factor != 1.0:
        items = [_moved(item, origin * 1000, factor) for item in items]
    return list(items), notes


def _on_one_clock(items: Sequence[Item]) -> tuple[Sequence[Item], list[str]]:
    """The items with times of a clock of the day counted from the first; without times, where they are days apart."""
    if not any(item.start is not None and item.start.clock for item in items):
        return items, []
    items, astray = _without_strays(items)
    given = [time.clock for item in items for time in (item.start, item.end) if time is not None and time.clock]
    times = from_the_first(given)
    if max(times) > _DAY:
        untimed = [replace(item, start=None, end=None) for item in items]
        return untimed, ["The file gives dates over several days; its times are left out."]
    counted = iter(times)

    def count(time: Time | None) -> Time | None:
        return Time(max(0, next(counted)), sure=True) if time is not None and time.clock else time

    moved = [replace(item, start=count(item.start), end=count(item.end)) for item in items]
    return moved, ["Times are a clock of the day; they are counted from the first.", *astray]


def _without_strays(items: Sequence[Item]) -> tuple[Sequence[Item], list[str]]:
    """The items; one whose clock is hours from the others stands where the one before it stands."""
    clocks = [(at, item.start.clock) for at, item in enumerate(items) if item.start is not None and item.start.clock]
    places = strays([clock for _, clock in clocks])
    alone = {clocks[place][0] for place in places}
    if not alone:
        return items, []
    before = next((items[at].start for at, _ in clocks if at not in alone), None)
    mended: list[Item] = []
    for at, item in enumerate(items):
        before = before if at in alone else item.start or before
        mended.append(replace(item, start=before, end=None) if at in alone else item)
    return mended, [f"Times ignored because they are hours from the others: {len(alone)}."]


def _unit_of(
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
    long = sum(lengths) / len(lengths) * len(spans) if lengths else _between_starts(spans)
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


def _likeliest(rate: float, units: Sequence[tuple[str, float]], least: float = _LIKELY_RATES[0]) -> Unit | None:
    """The unit in which the words are said nearest to the usual rate; None where none is likely."""
    likely = [(name, factor) for name, factor in units if least <= rate / factor <= _LIKELY_RATES[1]]
    if not likely:
        return None
    name, factor = min(likely, key=lambda unit: abs(math.log(rate / unit[1] / _USUAL_RATE)))
    return Unit(factor, f"Times were read as {name}: as seconds they do not fit the number of words.")


def _usual_rate(spans: Sequence[Timed]) -> float:
    """Words a second from one start to the next, in the middle of all: one long silence does not change it."""
    pairs = pairwise(sorted(spans, key=lambda span: span.start))
    gaps = [(before, after.start - before.start) for before, after in pairs if after.start > before.start]
    return median(word_count(span.text) / gap for span, gap in gaps)


def _are_whole(items: Sequence[Item]) -> bool:
    """Whether the words inside the first items are timed in whole numbers, as smaller units than seconds are."""
    words = (word for item in items[:_SAMPLE] for word in item.words[:_SAMPLE])
    return all(word.start is None or (word.start.value / 1000).is_integer() for word in words)


def _moved(item: Item, origin: float, factor: float) -> Item:
    def move(time: Time | None) -> Time | None:
        return None if time is None else Time(max(time.value - origin, 0.0) * factor, time.sure)

    words = [_moved(word, origin, factor) for word in item.words]
    return replace(item, start=move(item.start), end=move(item.end), words=words)


def cues_of(items: Sequence[Item], *, words: bool) -> tuple[list[Cue], int]:
    """Cues, and how many items with words had no time. Every other item's words are in exactly one cue."""
    if words:
        listed = list(_without_repeats(_all_timed(items)))
        pieces = [cue for item in listed if (cue := _cue(item)) is not None]
        return gather(pieces), sum(_cue(item) is None and item.says_something for item in listed)
    cues: list[Cue] = []
    lost = 0
    for item in items:
        if not item.says_something:
            continue
        parts = [cue for part in _parts(item) if (cue := _cue(part)) is not None]
        lost += not parts
        cues += parts
    if are_words(cues):
        return gather(Cue(cue.start, cue.end, cue.lines, cue.speaker) for cue in cues), lost
    return [Cue(cue.start, cue.end, [cue.lines[0].strip()], cue.speaker) for cue in cues], lost


def _without_repeats(words: Iterator[Item]) -> Iterator[Item]:
    """The words without those that stand there twice, as where a service lists all of them again with speakers."""
    listed = list(words)
    speakers = {_identity(word): word.speaker for word in listed if word.speaker}
    seen: set[tuple[float, str]] = set()
    for word in listed:
        key = _identity(word)
        if word.says_something and not word.is_sign:
            if key in seen:
                continue
            seen.add(key)
        yield replace(word, speaker=word.speaker or speakers.get(key))


def _identity(word: Item) -> tuple[float, str]:
    return (word.start.value if word.start else -1.0, word.text.strip())


def _all_timed(words: Sequence[Item]) -> Iterator[Item]:
    """The words; signs and numbers that no recogniser could place are given the end of the word before."""
    before: Item | None = None
    for word in words:
        if word.start is None and before is None and word.end is not None and word.says_something:
            # Google leaves out a time of nought.
            word = replace(word, start=Time(0.0, word.end.sure))  # noqa: PLW2901
        if word.start is None and before is not None:
            at = before.end or before.start
            speaker = word.speaker or before.speaker
            yield replace(word, start=at, end=at, speaker=speaker)
            continue
        if word.start is not None and word.says_something:
            before = word
        yield word


def _cue(item: Item) -> Cue | None:
    start, end = _whole(item.start), _whole(item.end)
    return None if start is None else Cue(start, end, [item.text], item.speaker)


def _whole(time: Time | None) -> int | None:
    return round(time.value) if time is not None and time.value <= LATEST else None


def _parts(item: Item) -> Iterator[Item]:
    """The item, cut where its words are said to change speaker; without a time of its own it has its words' times."""
    words = list(_all_timed(item.words))
    if item.start is None and words:
        item = replace(item, start=words[0].start, end=words[-1].end)
    speakers = {word.speaker for word in words if word.speaker}
    if len(speakers) == 1 and not item.speaker:
        item = replace(item, speaker=speakers.pop())
    if len(speakers) < 2 and not _has_sentences(item, words):  # noqa: PLR2004 -- one speaker needs no cut
        yield item
        return
    places = _places(item.text, words)
    if places is None:  # words that do not stand in the segment say nothing of who speaks it
        yield item if len(speakers) < 2 else replace(item, speaker=None)  # noqa: PLR2004 -- as above
        return
    named = _named(words)
    sentences = accumulate((word.text.rstrip().endswith(ENDS) for word in named[:-1]), initial=0)
    keys = [(word.speaker, sentence) for word, sentence in zip(named, sentences, strict=True)]
    if len(speakers) < 2:  # noqa: PLR2004 -- as above
        named = [replace(word, speaker=item.speaker) for word in named]
    rows = zip(places, named, keys, strict=True)
    runs = [[row[:2] for row in run] for _, run in groupby(rows, key=lambda row: row[2])]
    begins = [0, *(run[0][0] for run in runs[1:]), len(item.text)]
    for number, run in enumerate(runs):
        first, last = run[0][1], run[-1][1]
        text = item.text[begins[number] : begins[number + 1]]
        start = item.start if number == 0 and item.start is not None else first.start
        end = item.end if number == len(runs) - 1 and item.end is not None else last.end
        yield Item(text, start, end, first.speaker)


def _has_sentences(item: Item, words: Sequence[Item]) -> bool:
    """Whether an item holds several sentences, which are better timed by their words."""
    return len(words) >= _FEW and item.start is not None and item.end is not None and not _is_one_sentence(item.text)


def _is_one_sentence(text: str) -> bool:
    return not any(end in text.rstrip()[:-1] for end in (". ", "? ", "! ", "。", "？", "！", "।", "؟", "۔"))


def _places(text: str, words: Sequence[Item]) -> list[int] | None:
    """Where each word stands in the text, in order; None where one does not."""
    places: list[int] = []
    position = 0
    for word in words:
        found = text.find(word.text.strip(), position)
        if found < 0:
            return None
        places.append(found)
        position = found + len(word.text.strip())
    return places


def _named(words: Sequence[Item]) -> list[Item]:
    """Words without a speaker are said by whoever said the word before; at the beginning, by the first named."""
    speaker = next((word.speaker for word in words if word.speaker), None)
    named = []
    for word in words:
        speaker = word.speaker or speaker
        named.append(replace(word, speaker=speaker))
    return named


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
