"""A transcript as one text: the bridge between words and the seconds they were said at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from autointel.domain.citation import Citation
from autointel.domain.source import Source
from autointel.domain.transcript import Segment, Transcript


@dataclass(frozen=True)
class Script:
    """All segments joined by single spaces, white space inside them folded.

    ``offsets[i]`` is where segment i begins in ``text``. Anything found in ``text`` is verbatim by construction,
    and ``cite`` turns its place into seconds (or a paragraph) without a search.
    """

    text: str
    offsets: tuple[int, ...]
    segments: tuple[Segment, ...]
    url: str | None = None
    estimated: frozenset[int] = frozenset()
    turns: frozenset[int] = frozenset()

    @classmethod
    def of(cls, source: Source, transcript: Transcript) -> Self:
        """The script of a transcript; linear in its length."""
        script = cls.over(transcript.segments, source.url)
        return replace(script, estimated=frozenset(transcript.estimated), turns=frozenset(transcript.turns))

    @classmethod
    def over(cls, segments: Sequence[Segment], url: str | None) -> Self:
        """The script of some neighbouring segments, such as those of one passage."""
        pieces, offsets, position = [], [], 0
        for segment in segments:
            piece = " ".join(segment.text.split())
            offsets.append(position)
            pieces.append(piece)
            position += len(piece) + 1
        return cls(" ".join(pieces), tuple(offsets), tuple(segments), url)

    def segment_at(self, position: int) -> int:
        """Index of the segment that holds the character at ``position``."""
        return max(0, bisect_right(self.offsets, position) - 1)

    def cite(self, start: int, end: int) -> Citation:
        """The citation of ``text[start:end]``: from the first segment's start to the last one's end."""
        begins, ends = self.segment_at(start), self.segment_at(max(start, end - 1))
        first, last = self.segments[begins], self.segments[ends]
        return Citation(
            quote=self.text[start:end],
            start=first.start,
            # Segments may overlap; the latest end is not always the last one's, but it is never before the start.
            end=None if last.end is None or first.start is None else max(last.end, first.start),
            paragraph=first.paragraph,
            place=first.place,
            url=moment_url(self.url, first.start),
            speaker=first.speaker,
            approximate=begins in self.estimated,
        )

    def speaker_at(self, position: int) -> str | None:
        """Who says the character at ``position``, where the source tells."""
        return self.segments[self.segment_at(position)].speaker


def moment_url(url: str | None, start: float | None) -> str | None:
    """The source's address, opened at the second where its site can do that (YouTube, Vimeo, plain media)."""
    if url is None or start is None:
        return url
    second = int(start)
    if "youtube.com/" in url or "youtu.be/" in url:
        return f"{url}{'&' if '?' in url else '?'}t={second}"
    # Media fragments (W3C, 2012): browsers open audio and video there.
    return f"{url.split('#')[0]}#t={second}"
