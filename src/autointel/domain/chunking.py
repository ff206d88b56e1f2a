"""Chunks: runs of segments that a model reads in one call.

A boundary depends on the words around it and not on where the chunk began, so a transcript that has grown or been
mended falls into the same chunks everywhere else, and only what changed is read (and paid for) again. The idea is
content-defined chunking (Muthitacharoen et al., "A Low-bandwidth Network File System", 2001) over segments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from autointel.domain.transcript import Chapter, Segment, Transcript

_SILENCE: Final = 2.0  # seconds
_EARLIEST: Final = 0.7  # of the budget: no boundary is looked for before


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
        return sum(len(segment.text.split()) for segment in self.segments)

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
