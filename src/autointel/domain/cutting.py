"""Cutting a transcript into passages: greedy packing of whole segments, closed where a listener would pause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from autointel.domain.passage import Passage
from autointel.domain.source import Source
from autointel.domain.transcript import Segment, Transcript
from autointel.domain.value import content_id
from autointel.domain.word_count import word_count

_SILENCE: Final = 1.5  # seconds between cues that a listener hears as a pause
_SENTENCE_ENDS: Final = tuple('.!?…。！？।॥؟۔։።။៕"”»」』')


def cut(source: Source, transcript: Transcript, target_words: int = 120) -> tuple[Passage, ...]:
    """Passages of about ``target_words`` (at most half as much again, unless one segment alone is longer).

    Every segment is in exactly one passage, in order. Linear in the number of segments.
    """
    segments = transcript.segments
    passages = (
        _passage(source, index, first, segments[first : last + 1])
        for index, (first, last) in enumerate(_runs(segments, target_words))
    )
    return tuple(_told_apart(passages))


def _told_apart(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Gives passages with equal text and time distinct ids; the first one keeps the plain id."""
    seen: Counter[str] = Counter()
    for passage in passages:
        before = seen[passage.id]
        seen[passage.id] += 1
        yield passage.model_copy(update={"id": content_id(passage.id, str(before))}) if before else passage


def _runs(segments: Sequence[Segment], target: int) -> Iterator[tuple[int, int]]:
    first, words = 0, 0
    for index, segment in enumerate(segments):
        words += word_count(segment.text)
        following = segments[index + 1] if index + 1 < len(segments) else None
        if following is None:
            yield first, index
        elif (words >= target and _pauses(segment, following)) or words + word_count(following.text) > target * 1.5:
            yield first, index
            first, words = index + 1, 0


def _pauses(segment: Segment, following: Segment) -> bool:
    if segment.speaker != following.speaker or segment.text.rstrip().endswith(_SENTENCE_ENDS):
        return True
    if segment.end is None or following.start is None:
        return True
    return following.start - segment.end >= _SILENCE


def _passage(source: Source, index: int, first: int, run: Sequence[Segment]) -> Passage:
    text = " ".join(" ".join(segment.text.split()) for segment in run)
    ends = [segment.end for segment in run if segment.end is not None]
    return Passage(
        # The place is part of the identity: a refrain is remembered wherever it is sung.
        id=content_id("passage", source.id, str(run[0].start if run[0].start is not None else run[0].paragraph), text),
        source_id=source.id,
        index=index,
        first=first,
        last=first + len(run) - 1,
        text=text,
        start=run[0].start,
        end=max(ends) if ends else None,
        paragraph=run[0].paragraph,
        speakers=tuple(dict.fromkeys(segment.speaker for segment in run if segment.speaker)),
    )
