"""Citations: a quote with its place. A quote is a stretch of the transcript's own words, so every one is verbatim."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from pydantic import Field, model_validator

from autointel.domain.transcript import Segment, Source, Transcript, word_count
from autointel.domain.value import Value

# Seconds from which a segment is a turn, at whose end a quote need not end.
_TURN: Final = 15.0
# Seconds that a sentence may begin after its segment does and still be given the segment's own start.
_NEAR: Final = 1.5
# Seconds a word in speech half as fast as usual.
_SLOW: Final = 0.8


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
    turns: frozenset[int] = frozenset()

    @classmethod
    def of(cls, source: Source, transcript: Transcript) -> Self:
        """The script of a transcript; linear in its length. A moment of a podcast opens its recording, not its page."""
        script = cls.over(transcript.segments, source.media_url or source.url)
        return replace(script, turns=frozenset(transcript.turns))

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
        """The citation of ``text[start:end]``: from where its first word stands to where its last one does.

        A quote that begins more than 1.5 seconds after its segment, by its place in the segment's text, is given that
        second, marked; inside a turn of more than 15 seconds its end is worked out in the same way.
        """
        begins, ends = self.segment_at(start), self.segment_at(max(start, end - 1))
        first, last = self.segments[begins], self.segments[ends]
        opening, closing = self._opening(begins, start), self._closing(ends, end)
        # Segments may overlap; the latest end is not always the last one's, but it is never before the start.
        closing = None if closing is None or opening is None else max(closing, opening)
        placed = opening != first.start
        return Citation(
            quote=self.text[start:end],
            start=opening,
            end=closing,
            paragraph=first.paragraph,
            place=first.place,
            url=moment_url(self.url, opening, first.place),
            speaker=first.speaker,
            approximate=placed or first.estimated,
            within=_range(first, last) if placed else None,
        )

    def _opening(self, index: int, position: int) -> float | None:
        start = self.segments[index].start
        if start is None or position <= self.offsets[index]:
            return start
        likely = self._between(index, position)
        return likely if likely - start > _NEAR else start

    def _closing(self, index: int, position: int) -> float | None:
        start, end = self.segments[index].start, self.segments[index].end
        if start is None or end is None or end - start <= _TURN:
            return end
        return self._between(index, position)

    def _between(self, index: int, position: int) -> float:
        """The second of a place in a segment: time runs with the letters, and no slower than slow speech.

        A segment that lasts far longer than its words, up to the next one or over a silence, has them at its beginning.
        """
        segment = self.segments[index]
        start, end = segment.start or 0.0, segment.end or 0.0
        text = " ".join(segment.text.split())
        share = min(1.0, max(0.0, (position - self.offsets[index]) / max(1, len(text))))
        return round(start + min(end - start, word_count(text) * _SLOW) * share, 3)

    def speaker_at(self, position: int) -> str | None:
        """The speaker at ``position``, if the source names one."""
        return self.segments[self.segment_at(position)].speaker


def _range(first: Segment, last: Segment) -> tuple[float, float] | None:
    if first.start is None or last.end is None:
        return None
    return first.start, max(first.start, last.end)


def moment_url(url: str | None, start: float | None, place: str | None = None) -> str | None:
    """The source's address with the second (YouTube, Vimeo, plain media) or a PDF's page in it."""
    if url is None:
        return None
    if start is None:
        page = (place or "").removeprefix("p. ")
        return f"{url.split('#')[0]}#page={page}" if page.isdecimal() and page != place else url
    second = int(start)
    if "youtube.com/" in url or "youtu.be/" in url:
        return f"{url}{'&' if '?' in url else '?'}t={second}"
    # Media fragments (W3C, 2012): browsers open audio and video there.
    return f"{url.split('#')[0]}#t={second}"


class Citation(Value):
    """A verbatim quote from the transcript (up to white space), and its place.

    Times are seconds; ``paragraph`` is set where the source has no times. ``place`` is the page ("p. 12") or chapter of
    a document. ``url`` opens the moment, where it can.
    ``approximate`` marks times that the source does not state and that were worked out from its words;
    ``within`` are then the stated seconds between which the words stand, where the source states any.
    Only ``Script.cite`` makes one.
    """

    quote: str = Field(min_length=1)
    start: float | None = None
    end: float | None = None
    paragraph: int | None = None
    place: str | None = None
    url: str | None = None
    speaker: str | None = None
    approximate: bool = False
    within: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _points_somewhere(self) -> Citation:
        if self.start is None and self.paragraph is None:
            raise ValueError("a citation has a second or a paragraph")
        return self
