"""Citations: a quote with its place, and how a quote is found in the transcript.

A quote is looked for exactly, then tolerantly, and never with another number in it. A model copies nearly right:
another case, a comma less, a misheard word mended. The transcript's own words are shown afterwards, so tolerance
decides only whether the words were said, never what a reader sees.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import Final, Self

from pydantic import Field, model_validator

from autointel.domain.source import Source
from autointel.domain.transcript import Segment, Transcript
from autointel.domain.value import Value

# Seconds from which a segment is a turn, in which a quote needs a second of its own.
LONG: Final = 15.0


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
        """The script of a transcript; linear in its length. A moment of a podcast opens its recording, not its page."""
        script = cls.over(transcript.segments, source.media_url or source.url)
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
        """The citation of ``text[start:end]``: from where its first word stands to where its last one does.

        Inside a segment of more than 15 seconds, such as a turn of minutes, the seconds are worked out from the place
        in its text, and marked.
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
            approximate=placed or begins in self.estimated,
            within=_range(first, last) if placed else None,
        )

    def _opening(self, index: int, position: int) -> float | None:
        segment = self.segments[index]
        return segment.start if not self._is_long(index) else self._between(index, position)

    def _closing(self, index: int, position: int) -> float | None:
        segment = self.segments[index]
        return segment.end if not self._is_long(index) else self._between(index, position)

    def _is_long(self, index: int) -> bool:
        segment = self.segments[index]
        return segment.start is not None and segment.end is not None and segment.end - segment.start > LONG

    def _between(self, index: int, position: int) -> float:
        """The second of a place in a long segment: time runs with the letters."""
        segment = self.segments[index]
        start, end = segment.start or 0.0, segment.end or 0.0
        length = len(" ".join(segment.text.split()))
        share = min(1.0, max(0.0, (position - self.offsets[index]) / max(1, length)))
        return round(start + (end - start) * share, 3)

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
    Only code that has found the quote in the transcript makes one (``domain/citation.py``).
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


_WORD: Final = re.compile(r"\w+(?:[.,:]\d+|\x00\w+)*")
_SHORTEST: Final = 3  # words; fewer stand anywhere and prove nothing, unless they are exact
_ALIKE: Final = 0.87  # of the words, in order: one slip in eight
_CANDIDATES: Final = 12  # places looked at closely

# Said as words, heard as digits, and the other way round: a number is never "a small recognition error".
_BINDING_WORDS: Final = frozenset(
    (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million "
        "billion trillion half third quarter percent no not never none nothing neither nor cannot "
        "dont doesnt didnt isnt arent wasnt werent wont wouldnt cant couldnt shouldnt havent hasnt hadnt mustnt aint"
    ).split()
)


@dataclass(frozen=True)
class _Word:
    folded: str
    start: int
    end: int

    @property
    def is_binding(self) -> bool:
        """Whether replacing the word would change the claim: numbers and negations."""
        return self.folded in _BINDING_WORDS or any(character.isdigit() for character in self.folded)


@dataclass(frozen=True)
class QuoteFinder:
    """Finds quotes in one script. Building it is linear; a look-up costs about the quote times its rarest word."""

    script: Script

    @cached_property
    def _words(self) -> tuple[_Word, ...]:
        return tuple(_words_of(self.script.text))

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for index, word in enumerate(self._words):
            places.setdefault(word.folded, []).append(index)
        return places

    def find(self, quote: str) -> Citation | None:
        """The transcript's own words for ``quote`` and their place; None if they were not said.

        Of several equal places the first is cited.
        """
        quote = " ".join(quote.split())
        if not quote:
            return None
        exact = self.script.text.find(quote)
        if exact >= 0:
            return self.script.cite(exact, exact + len(quote))
        wanted = tuple(_words_of(quote))
        if len(wanted) < _SHORTEST:
            return None
        span = self._same_words(wanted) or self._nearly_same_words(wanted)
        return None if span is None else self._cite_words(*span)

    def _same_words(self, wanted: Sequence[_Word]) -> tuple[int, int] | None:
        folded = [word.folded for word in wanted]
        offset, rarest = min(enumerate(folded), key=lambda item: len(self._places.get(item[1], ())))
        for place in self._places.get(rarest, ()):
            first = place - offset
            if first >= 0 and [word.folded for word in self._words[first : first + len(folded)]] == folded:
                return first, first + len(folded)
        return None

    def _nearly_same_words(self, wanted: Sequence[_Word]) -> tuple[int, int] | None:
        folded = [word.folded for word in wanted]
        best, best_score = None, 0.0
        for first in self._likely_starts(folded):
            span, score = self._fit(folded, first)
            if score > best_score and score >= _ALIKE and self._same_bindings(wanted, *span):
                best, best_score = span, score
        return best

    def _likely_starts(self, folded: Sequence[str]) -> list[int]:
        """Where the quote's rarer words stand at the distances that the quote has them at."""
        votes: Counter[int] = Counter()
        for offset, word in enumerate(folded):
            places = self._places.get(word, ())
            if len(places) <= 50:  # noqa: PLR2004  commoner words vote everywhere and say nothing
                votes.update(max(0, place - offset) for place in places)
        return [start for start, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:_CANDIDATES]]

    def _fit(self, folded: Sequence[str], first: int) -> tuple[tuple[int, int], float]:
        """The best window near ``first``: from the first to the last word that the two have in common."""
        begin, end = max(0, first - 3), min(len(self._words), first + len(folded) + 3)
        there = [word.folded for word in self._words[begin:end]]
        blocks = [b for b in SequenceMatcher(None, folded, there, autojunk=False).get_matching_blocks() if b.size]
        if not blocks:
            return (begin, end), 0.0
        # A first or last word that differs is still part of what was said.
        start = max(begin, begin + blocks[0].b - blocks[0].a)
        stop = min(end, begin + blocks[-1].b + blocks[-1].size + (len(folded) - blocks[-1].a - blocks[-1].size))
        matched = sum(block.size for block in blocks)
        return (start, stop), 2 * matched / (len(folded) + stop - start)

    def _same_bindings(self, wanted: Sequence[_Word], first: int, last: int) -> bool:
        said = [word.folded for word in self._words[first:last] if word.is_binding]
        return said == [word.folded for word in wanted if word.is_binding]

    def _cite_words(self, first: int, last: int) -> Citation:
        start, end = self._words[first].start, self._words[last - 1].end
        # A sentence is quoted with its full stop.
        while end < len(self.script.text) and self.script.text[end] in ".!?…。":
            end += 1
        return self.script.cite(start, end)


def _words_of(text: str) -> list[_Word]:
    plain = text.replace("’", "'").replace("'", "\x00")
    # "don't" is one word; the apostrophe is dropped from it so that "dont" is the same.
    words = []
    for match in _WORD.finditer(plain):
        folded = unicodedata.normalize("NFKC", match.group().replace("\x00", "")).casefold()
        words.append(_Word(folded, match.start(), match.end()))
    return words
