"""From cues to segments: in order, in whole milliseconds, nothing empty, nothing that ends before it starts."""

from __future__ import annotations

from itertools import pairwise

from autointel.adapters.sources.clock import speaking_time
from autointel.adapters.sources.cut import LONGEST, cut
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import one_line
from autointel.domain.transcript import Chapter, Segment


def segments_of(draft: Draft) -> tuple[tuple[Segment, ...], tuple[Chapter, ...]]:
    """The draft's segments and chapters; what had to be mended is added to its warnings."""
    marks = [(mark.title, draft.cues[mark.cue]) for mark in draft.marks if mark.cue < len(draft.cues)]
    cues = [cue for cue in draft.cues if cue.text]
    if not cues:
        return (), ()
    if cues[0].start is None:
        draft.turns += [index for index, cue in enumerate(cues) if cue.opens_turn]
        return _untimed(cues), _paragraph_chapters(cues, marks)
    cues = _ordered(cues, draft.warnings)
    ends = _ends(cues, draft.warnings)
    segments = _timed(cues, ends, draft)
    return segments, _chapters(marks, max(ends))


def _untimed(cues: list[Cue]) -> tuple[Segment, ...]:
    return tuple(
        Segment(text=cue.text, speaker=_speaker(cue), paragraph=number) for number, cue in enumerate(cues, start=1)
    )


def _timed(cues: list[Cue], ends: list[int], draft: Draft) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    oversized = 0
    for cue, end in zip(cues, ends, strict=True):
        text, start = cue.text, (cue.start or 0) / 1000
        pieces = [text] if len(text) <= LONGEST else cut(text)
        oversized += len(pieces) > 1
        speaker = _speaker(cue)
        if cue.opens_turn:
            draft.turns.append(len(segments))
        if cue.estimated:
            draft.estimated += range(len(segments), len(segments) + len(pieces))
        segments += [Segment(text=piece, start=start, end=end / 1000, speaker=speaker) for piece in pieces]
    if oversized:
        draft.warnings.append(
            f"Cues cut because they are very long (their parts keep the whole cue's times): {oversized}."
        )
    return tuple(segments)


def _speaker(cue: Cue) -> str | None:
    return (one_line(cue.speaker, limit=80) or None) if cue.speaker else None


def _ordered(cues: list[Cue], warnings: list[str]) -> list[Cue]:
    starts = [cue.start or 0 for cue in cues]
    if all(first <= second for first, second in pairwise(starts)):
        return cues
    late = sum(second < first for first, second in pairwise(starts))
    warnings.append(f"Cues were out of order and were sorted by their start; steps back: {late}.")
    return sorted(cues, key=lambda cue: cue.start or 0)


def _ends(cues: list[Cue], warnings: list[str]) -> list[int]:
    """An end for each cue: its own, else where the next begins; the last one's is estimated from its words."""
    ends = [0] * len(cues)
    following: int | None = None
    mended = 0
    for index in range(len(cues) - 1, -1, -1):
        cue = cues[index]
        start = cue.start or 0
        if index + 1 < len(cues) and (after := cues[index + 1].start or 0) > start:
            following = after
        if cue.end is not None and cue.end >= start:
            ends[index] = cue.end
            continue
        mended += cue.end is not None
        ends[index] = _likely_end(cue, start, following)
    if cues[-1].end is None:
        warnings.append("The end of the last segment is estimated from its number of words (150 a minute).")
    if mended:
        warnings.append(f"Cues that ended before they started, and whose end was mended: {mended}.")
    return ends


def _likely_end(cue: Cue, start: int, following: int | None) -> int:
    spoken = start + speaking_time(len(cue.text.split()))
    if following is None:
        return spoken
    # A broken end says that the cue is short; a missing one, that speech goes on until the next.
    return following if cue.end is None else min(spoken, following)


def _chapters(marks: list[tuple[str, Cue]], last: int) -> tuple[Chapter, ...]:
    placed = sorted(((cue.start or 0, title) for title, cue in marks), key=lambda pair: pair[0])
    starts = [start for start, _ in placed] + [last]
    return tuple(
        Chapter(title=title, start=start / 1000, end=max(start, starts[index + 1]) / 1000)
        for index, (start, title) in enumerate(placed)
    )


def _paragraph_chapters(cues: list[Cue], marks: list[tuple[str, Cue]]) -> tuple[Chapter, ...]:
    numbers = {id(cue): number for number, cue in enumerate(cues, start=1)}
    return tuple(Chapter(title=title, paragraph=numbers[id(cue)]) for title, cue in marks if id(cue) in numbers)
