"""Words that captions show more than once, read once: rolling, growing, layered, and joined at borders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Final

from autointel.adapters.sources.draft import Cue, Draft

# Captions that roll or grow follow one another without a pause.
_GAP: Final = 1500
_MIN_SHARE: Final = 0.5
_MIN_GROWTHS: Final = 2
_GROWTH_SHARE: Final = 0.3
_TOGETHER: Final = 0.7
# Words that one cue ends and the next begins with; fewer are a figure of speech, more nobody shows.
_LEAST_SHARED, _MOST_SHARED = 2, 15
_FEWEST_OVERLAPS: Final = 3
# Lines that two cues may share: a screen holds a few, and to compare thousands takes minutes.
_MOST_LINES: Final = 100


def once(cues: list[Cue], draft: Draft, *, word_times: bool = False) -> list[Cue]:
    """The cues without what they repeat; ``draft`` is told whether a machine wrote them and what was left out.

    Linear in the number of cues.
    """
    cues = _without_copies(cues, draft)
    if looks_rolling(cues, word_times=word_times):
        draft.automatic = True
        return unroll(cues)
    if _looks_growing(cues):
        return _full_grown(cues, draft)
    return _without_overlaps(cues, draft)


def _without_copies(cues: list[Cue], draft: Draft) -> list[Cue]:
    """The first of all cues that show the same words over the same stretch, as layers and joined pieces do."""
    times = Counter(cue.text for cue in cues)
    seen: set[tuple[int | None, int | None, str | None, str]] = set()
    latest: dict[tuple[str | None, str], Cue] = {}
    kept = []
    for cue in cues:
        text = cue.text
        if times[text] == 1:
            kept.append(cue)
            continue
        key = (cue.start, cue.end, cue.speaker, text)
        before = latest.get((cue.speaker, text))
        if not cue.lines or not (key in seen or (before is not None and _shown_at_once(before, cue))):
            kept.append(cue)
            latest[cue.speaker, text] = cue
        seen.add(key)
    if len(kept) < len(cues):
        draft.repairs += len(cues) - len(kept)
        draft.warnings.append(f"Cues left out because the same words stand at the same time: {len(cues) - len(kept)}.")
    return kept


def _shown_at_once(before: Cue, cue: Cue) -> bool:
    """Whether two cues stand on the screen together for most of their time: nobody says his words twice at once."""
    if before.start is None or before.end is None or cue.start is None or cue.end is None:
        return False
    shared = min(before.end, cue.end) - max(before.start, cue.start)
    return shared > 0 and shared >= _TOGETHER * min(before.end - before.start, cue.end - cue.start)


def _looks_growing(cues: list[Cue]) -> bool:
    """Whether live captions show a line again with each word that is added to it."""
    growths = sum(_grows(before, cue) for before, cue in pairwise(cues))
    return growths >= max(_MIN_GROWTHS, _GROWTH_SHARE * (len(cues) - 1))


def _grows(before: Cue, cue: Cue) -> bool:
    if before.speaker != cue.speaker or not _follows(before, cue):
        return False
    first, second = before.text, cue.text
    return bool(first) and len(second) > len(first) and second.startswith(first) and not second[len(first)].isalnum()


def _follows(before: Cue, cue: Cue) -> bool:
    return before.end is None or cue.start is None or cue.start - before.end <= _GAP


def _full_grown(cues: list[Cue], draft: Draft) -> list[Cue]:
    """Each line at its longest, from when its first word was shown."""
    grown: list[Cue] = []
    for cue in cues:
        if grown and (_grows(grown[-1], cue) or _revises(grown[-1], cue)):
            grown[-1] = replace(cue, start=grown[-1].start)
            draft.repairs += 1
        else:
            grown.append(cue)
    draft.automatic = True
    draft.warnings.append(f"Captions that show a growing line were read once: {len(cues)} cues, {len(grown)} lines.")
    return grown


def _revises(before: Cue, cue: Cue) -> bool:
    """Whether a growing line is shown again with words heard anew: "The harbor", "The harbour board"."""
    first, second = before.text.split(), cue.text.split()
    if before.speaker != cue.speaker or not _follows(before, cue) or len(second) < len(first):
        return False
    same = sum(one == other for one, other in zip(first, second, strict=False))
    return same * 2 >= len(first) and not before.text.endswith((".", "?", "!", "…"))


def _without_overlaps(cues: list[Cue], draft: Draft) -> list[Cue]:
    """The cues without words at their beginning that the cue before ended with, where most cues begin so."""
    if len(cues) <= _FEWEST_OVERLAPS:
        return cues
    shared = [0, *(_overlap(before, cue) for before, cue in pairwise(cues))]
    found = sum(map(bool, shared))
    if found < max(_FEWEST_OVERLAPS, _MIN_SHARE * (len(cues) - 1)):
        return cues
    draft.automatic = True
    draft.warnings.append(f"Captions that begin with the end of the one before were read once: {found}.")
    fresh = [replace(cue, lines=[" ".join(cue.text.split()[count:])]) for cue, count in zip(cues, shared, strict=True)]
    return [cue for cue in fresh if cue.lines[0]]


def _overlap(before: Cue, cue: Cue) -> int:
    """How many words end one cue and begin the next."""
    if before.speaker != cue.speaker or not _follows(before, cue):
        return 0
    head = " ".join(cue.text.split(" ", _LEAST_SHARED)[:_LEAST_SHARED])
    if head not in before.text:
        return 0
    first, second = before.text.split()[-_MOST_SHARED:], cue.text.split()[: _MOST_SHARED + 1]
    counts = range(min(len(first), len(second) - 1), _LEAST_SHARED - 1, -1)
    return next((count for count in counts if first[-count:] == second[:count]), 0)


def looks_rolling(cues: list[Cue], *, word_times: bool) -> bool:
    """Whether cues repeat the lines of the one before.

    People repeat themselves too ("No!" "No!"), so a few repetitions are not enough. One cue at least must go on after
    what it repeats, and either the cues carry a time for each word, as recognisers write them, or half of all repeat.
    """
    if len(cues) < 2:  # noqa: PLR2004 -- a pair
        return False
    repeats, goes_on = 0, False
    for before, cue in pairwise(cues):
        shared = _shared(before, cue)
        repeats += shared > 0
        goes_on = goes_on or 0 < shared < len(cue.lines)
    return goes_on and (word_times or repeats >= _MIN_SHARE * (len(cues) - 1))


def _shared(before: Cue, cue: Cue) -> int:
    """How many of the last lines of one cue are the first lines of the next; the longest such run."""
    if not before.lines or before.lines[-1] not in cue.lines or not _follows(before, cue):
        return 0
    for count in range(min(len(before.lines), len(cue.lines), _MOST_LINES), 0, -1):
        if before.lines[-count:] == cue.lines[:count]:
            return count
    return 0


def unroll(cues: Iterable[Cue]) -> list[Cue]:
    """The cues without the lines that the previous cue still showed; times stay those of the cue."""
    unrolled: list[Cue] = []
    before: Cue | None = None
    for cue in cues:
        fresh = cue.lines[_shared(before, cue) :] if before is not None else cue.lines
        if fresh:
            unrolled.append(replace(cue, lines=fresh))
        if cue.lines:
            before = cue
    return unrolled
