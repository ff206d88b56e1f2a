"""From a JSON transcript's items to cues: one unit, words gathered, segments cut where their words change speaker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, groupby
from typing import Final

from autointel.adapters.sources.captions.json_items import Item, Time
from autointel.adapters.sources.captions.units import Timed, unit_of
from autointel.adapters.sources.captions.words import ENDS, are_words, gather
from autointel.adapters.sources.clock import LATEST, from_the_first, strays
from autointel.adapters.sources.draft import Cue

# Seconds since 1970 begin with numbers as large as this (in milliseconds, if read as seconds: the year 1973).
_EPOCH: Final = 1e11
_FEW: Final = 4
_SAMPLE: Final = 50
_DAY: Final = 24 * 3600 * 1000


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
    unit = unit_of(spans, stated, sampled, whole=_are_whole(items), spreadsheet=spreadsheet)
    sure = any(item.start is not None and item.start.sure for item in items)
    factor = 1.0 if sure else unit.factor
    if unit.warning and (not sure or unit.factor == 1.0):
        notes.append(unit.warning)
    if origin or factor != 1.0:
        items = [_moved(item, origin * 1000, factor) for item in items]
    return list(items), notes


def _are_whole(items: Sequence[Item]) -> bool:
    """Whether the words inside the first items are timed in whole numbers, as smaller units than seconds are."""
    words = (word for item in items[:_SAMPLE] for word in item.words[:_SAMPLE])
    return all(word.start is None or (word.start.value / 1000).is_integer() for word in words)


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


def _moved(item: Item, origin: float, factor: float) -> Item:
    def move(time: Time | None) -> Time | None:
        return None if time is None else Time(max(time.value - origin, 0.0) * factor, time.sure)

    words = [_moved(word, origin, factor) for word in item.words]
    return replace(item, start=move(item.start), end=move(item.end), words=words)


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
