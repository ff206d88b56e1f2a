"""Passages, the unit of memory: short runs of neighbouring segments, cut where the words around them say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from pydantic import Field

from autointel.domain.citation import Citation
from autointel.domain.transcript import Chapter, Segment, Source, Transcript, word_count
from autointel.domain.value import Value, content_id

_PAUSE: Final = 1.5  # seconds between segments that a listener hears as a pause: a passage may end there
_SENTENCE_ENDS: Final = tuple('.!?…。！？।॥؟۔։።။៕"”»」』')
_SILENCE: Final = 2.0  # seconds between segments at which a chunk is cut rather than between two turns
_EARLIEST: Final = 0.7  # of a chunk's budget: no boundary is looked for before


class Passage(Value):
    """A run of whole segments, ``first`` to ``last`` (indexes into the transcript, both included).

    ``id`` is a uuid5 of source and content; ``text`` joins the segments with single spaces.
    """

    id: str
    source_id: str
    index: int = Field(ge=0)
    first: int = Field(ge=0)
    last: int = Field(ge=0)
    text: str = Field(min_length=1)
    start: float | None = None
    end: float | None = None
    paragraph: int | None = None
    speakers: tuple[str, ...] = ()


class Hit(Value):
    """A passage found in memory. ``score`` is comparable within one answer only; higher is nearer."""

    passage: Passage
    score: float
    source_title: str
    source_url: str | None = None
    namespace: str = "default"


class Scope(Value):
    """Limits of a search: these sources, passages in which one of these speakers speaks. None is no limit."""

    source_ids: frozenset[str] | None = None
    speakers: frozenset[str] | None = None

    def __bool__(self) -> bool:
        return self.source_ids is not None or self.speakers is not None


ANYWHERE: Final = Scope()


def passage_of(citation: Citation, passages: Sequence[Passage]) -> Passage:
    """The passage that a quote begins in: the last that starts no later and holds its first words.

    A quote that runs over a passage's end still belongs to where it begins.
    """
    where = citation.start if citation.start is not None else citation.paragraph
    earlier = [passage for passage in passages if _begins(passage, citation) <= (where or 0)] or [passages[0]]
    opening = citation.quote[:40]
    return next((passage for passage in reversed(earlier) if opening in passage.text), earlier[-1])


def _begins(passage: Passage, citation: Citation) -> float:
    return (passage.start if citation.start is not None else passage.paragraph) or 0


def cut(source: Source, transcript: Transcript, target_words: int = 120) -> tuple[Passage, ...]:
    """Passages of about ``target_words`` (at most half as much again, unless one segment alone is longer).

    Every segment is in exactly one passage, in order. Linear in the number of segments.
    """
    return cut_at(source, transcript, _spans_of_segments(transcript.segments, target_words))


def cut_at(source: Source, transcript: Transcript, spans: Iterable[tuple[int, int]]) -> tuple[Passage, ...]:
    """The passages that hold these segments, first and last."""
    runs = ((first, transcript.segments[first : last + 1]) for first, last in spans)
    return tuple(_told_apart(_passage(source, index, first, run) for index, (first, run) in enumerate(runs)))


def _told_apart(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Gives passages with equal text and time distinct ids; the first one keeps the plain id."""
    seen: Counter[str] = Counter()
    for passage in passages:
        before = seen[passage.id]
        seen[passage.id] += 1
        yield passage.model_copy(update={"id": content_id(passage.id, str(before))}) if before else passage


def _spans_of_segments(segments: Sequence[Segment], target: int) -> Iterator[tuple[int, int]]:
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
    return following.start - segment.end >= _PAUSE


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


@dataclass(frozen=True)
class Chunk:
    """Segments ``first`` to ``last``, both included."""

    index: int
    first: int
    last: int
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """One line per turn, with the speaker's name first if the source has one."""
        lines: list[str] = []
        speaker: str | None = None
        for segment in self.segments:
            words = " ".join(segment.text.split())
            if lines and segment.speaker == speaker and segment.paragraph is None:
                lines[-1] += f" {words}"
            elif segment.speaker and segment.speaker != speaker:
                lines.append(f"{segment.speaker}: {words}")
            else:
                lines.append(words)
            speaker = segment.speaker
        return "\n".join(lines)

    @property
    def words(self) -> int:
        """The number of words."""
        return sum(word_count(segment.text) for segment in self.segments)

    def halves(self) -> tuple[Chunk, ...]:
        """The chunk in two, about as long as each other; nothing where it is a single segment."""
        if len(self.segments) < 2:  # noqa: PLR2004
            return ()
        half, length, at = sum(len(segment.text) for segment in self.segments) / 2, 0, 0
        while at < len(self.segments) - 2 and length + len(self.segments[at].text) < half:
            length += len(self.segments[at].text)
            at += 1
        cut = self.first + at
        return (
            Chunk(self.index, self.first, cut, self.segments[: at + 1]),
            Chunk(self.index, cut + 1, self.last, self.segments[at + 1 :]),
        )


def chunks(transcript: Transcript, count: Callable[[str], int], budget: int) -> tuple[Chunk, ...]:
    """The transcript in chunks of at most ``budget`` tokens by ``count`` (a single longer segment is a chunk).

    Cut at chapters first, then silences, then turns, then sentences.
    """
    segments = transcript.segments
    sizes = [count(segment.text) + (count(segment.speaker) if segment.speaker else 0) for segment in segments]
    starts = _chapter_starts(transcript.chapters, segments)
    return tuple(
        Chunk(index, first, last, segments[first : last + 1])
        for index, (first, last) in enumerate(_runs(segments, sizes, starts, budget))
    )


def _runs(
    segments: Sequence[Segment], sizes: Sequence[int], chapters: frozenset[int], budget: int
) -> Iterator[tuple[int, int]]:
    first = 0
    while first < len(segments):
        last, size = first, sizes[first]
        best: tuple[int, bytes] | None = None
        at = first
        while last + 1 < len(segments) and size + sizes[last + 1] <= budget:
            if size >= _EARLIEST * budget:
                strength = (_strength(segments, last, chapters), _lot(segments[last]))
                if best is None or strength > best:
                    best, at = strength, last
            last += 1
            size += sizes[last]
        # Whatever is left at the end fits as it is; elsewhere the best boundary in reach is taken.
        end = last if last + 1 == len(segments) or best is None else at
        yield first, end
        first = end + 1


def _strength(segments: Sequence[Segment], last: int, chapters: frozenset[int]) -> int:
    here, following = segments[last], segments[last + 1]
    if last + 1 in chapters:
        return 4
    if here.end is not None and following.start is not None and following.start - here.end >= _SILENCE:
        return 3
    if here.speaker != following.speaker:
        return 2
    return 1 if here.text.rstrip().endswith((".", "!", "?", "…", "。")) else 0


def _lot(segment: Segment) -> bytes:
    """Breaks ties, always the same way for the same text."""
    return blake2b(segment.text.encode(), digest_size=8).digest()


def _chapter_starts(chapters: Sequence[Chapter], segments: Sequence[Segment]) -> frozenset[int]:
    starts = sorted(chapter.start for chapter in chapters if chapter.start is not None)
    found = set()
    index = 0
    for start in starts:
        while index < len(segments) and (segments[index].start or 0) < start:
            index += 1
        found.add(index)
    return frozenset(found)
