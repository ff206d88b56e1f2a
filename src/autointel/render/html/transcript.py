"""The whole transcript for the page: parts, turns and lines, each line with an address of its own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from autointel.domain.analysis import Finding, KeyJudgment
from autointel.domain.citation import Citation, Script
from autointel.domain.report import Report, ReportedClaim, Results
from autointel.domain.transcript import Chapter, Segment, word_count
from autointel.render.plain_text import plain, shortened
from autointel.render.sections import unjudged
from autointel.render.sheet import moment
from autointel.text.sentences import cut

_LONG: Final = 280  # characters; a longer segment is cut into sentences, so that a citation leads to one of them
_PARAGRAPH: Final = 90  # words after which a speaker's turn goes on in a new paragraph, with a time of its own
_PART_SECONDS: Final = 600.0
_PART_WORDS: Final = 1_500
_SPEAKER: Final = 60
_MOST_MARKS: Final = 6  # citations named behind a line
# Items that the page shows in the order of the source, without their numbers.
_UNNUMBERED: Final = {"excerpt": "excerpt", "statement": "possible claim"}
_SPACE: Final = re.compile(r"\s+")

Cited = Citation | ReportedClaim


@dataclass(frozen=True)
class Line:
    """A segment, or a sentence of a long one. ``anchor`` is its id: ``t=157`` in seconds, ``p=12`` in paragraphs."""

    anchor: str
    text: str
    at: str
    speaker: str
    start: float | None
    paragraph: int | None


@dataclass(frozen=True)
class Turn:
    """Neighbouring lines of one speaker. ``goes_on`` where the speaker is the same as in the turn before."""

    speaker: str
    lines: tuple[Line, ...]
    goes_on: bool


@dataclass(frozen=True)
class Part:
    """A chapter, or ten minutes where the source has no chapters. ``number`` is the chapter's, from 1; 0 for none."""

    title: str
    at: str
    number: int
    turns: tuple[Turn, ...]

    @property
    def words(self) -> int:
        """How many words are said in it."""
        return sum(word_count(line.text) for turn in self.turns for line in turn.lines)


@dataclass(frozen=True)
class Spot:
    """The place of a quote: the first of ``lines`` lines."""

    anchor: str
    lines: int
    start: float | None


class TranscriptView:
    """The transcript as it is shown; finds the lines that a citation quotes."""

    def __init__(self, results: Results) -> None:
        self.timed = results.transcript.timed
        self._results = results
        self._lines = tuple(_lines_of(results))
        offsets, position = [], 0
        for line in self._lines:
            offsets.append(position)
            position += len(line.text) + 1
        self._offsets = offsets
        self._text = " ".join(line.text for line in self._lines)
        self._known: dict[tuple[str, float | None, int | None], Spot | None] = {}
        self.parts = tuple(_parts(self._lines, results.chapters, timed=self.timed))

    def spot(self, cited: Cited) -> Spot | None:
        """The lines that hold the quote, those nearest to its stated place; None where none does."""
        key = (cited.quote, cited.start, cited.paragraph)
        if key not in self._known:
            self._known[key] = self._found(cited)
        return self._known[key]

    def _found(self, cited: Cited) -> Spot | None:
        quote = _folded(cited.quote)
        nearest: tuple[float, int, int] | None = None
        at = self._text.find(quote) if quote else -1
        while at >= 0:
            first = self._line_at(at)
            far = _distance(self._lines[first], cited)
            if nearest is None or far < nearest[0]:
                nearest = (far, first, self._line_at(at + len(quote) - 1))
            at = self._text.find(quote, at + len(quote))
        if nearest is None:
            return None
        _, first, last = nearest
        return Spot(self._lines[first].anchor, last - first + 1, self._lines[first].start)

    def _line_at(self, position: int) -> int:
        return max(0, bisect_right(self._offsets, position) - 1)

    def marks(self, report: Report) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """The items that cite each line, by its anchor: a label and the anchor of the item."""
        found: dict[str, dict[str, str]] = {}
        for label, anchor, citations in (*_citing(report), *_noted(report, self._results)):
            for each in citations:
                if spot := self.spot(each):
                    found.setdefault(spot.anchor, {})[anchor] = label
        return {
            line: tuple((label, anchor) for anchor, label in [*marks.items()][:_MOST_MARKS])
            for line, marks in found.items()
        }


def _citing(report: Report) -> Iterator[tuple[str, str, Iterable[Cited]]]:
    found = report.analysis
    kinds: tuple[tuple[str, Sequence[Finding | KeyJudgment]], ...] = (
        ("judgment", report.briefing.judgments),
        ("insight", found.insights),
        ("theme", found.themes),
        ("fallacy", found.fallacies),
        ("perspective", found.perspectives),
        ("excerpt", found.excerpts),
        ("statement", found.statements),
        *((name.removesuffix("s"), findings) for name, findings in found.further.items()),
    )
    for number, claim in enumerate(report.fact_check.claims, 1):
        yield f"claim {number}", f"claim-{number}", (claim,)
    for kind, items in kinds:
        for number, item in enumerate(items, 1):
            yield _UNNUMBERED.get(kind, f"{kind} {number}"), f"{kind}-{number}", item.citations


def _noted(report: Report, results: Results) -> Iterator[tuple[str, str, Iterable[Cited]]]:
    for kind, notes in zip(("point", "note"), unjudged(results, report.briefing.judgments), strict=True):
        for number, note in enumerate(notes, 1):
            yield f"{kind} {number}", f"{kind}-{number}", (note.citation, *note.more)


def _distance(line: Line, cited: Cited) -> float:
    if cited.start is not None and line.start is not None:
        return abs(line.start - cited.start)
    return abs((line.paragraph or 0) - (cited.paragraph or 0))


def _folded(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _lines_of(results: Results) -> Iterator[Line]:
    used: Counter[str] = Counter()
    script = Script.of(results.source, results.transcript)
    for index, segment in enumerate(results.transcript.segments):
        speaker = shortened(plain(segment.speaker or ""), _SPEAKER)
        for start, end, text in _pieces(segment):
            # The time of a sentence inside a long segment is worked out as a citation's is.
            cited = script.cite(script.offsets[index] + start, script.offsets[index] + end)
            place = f"p={segment.paragraph}" if cited.start is None else f"t={int(cited.start)}"
            used[place] += 1
            anchor = place if used[place] == 1 else f"{place}.{used[place]}"
            at = moment(cited.start, cited.paragraph, cited.place, approximate=cited.approximate)
            yield Line(anchor, text, at, speaker, cited.start, cited.paragraph)


def _pieces(segment: Segment) -> Iterator[tuple[int, int, str]]:
    """The segment, or its sentences where it is long; together they are all of its text."""
    text = _folded(segment.text)
    if len(text) <= _LONG:
        if text:
            yield 0, len(text), text
        return
    starts = [0, *(sentence.start for sentence in cut(Script.over((segment,), None))[1:])]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        if piece := text[start:end].strip():
            yield start, start + len(piece), piece


def _parts(lines: Sequence[Line], chapters: Sequence[Chapter], *, timed: bool) -> Iterator[Part]:
    begun = [
        (float(place), number, plain(chapter.title))
        for number, chapter in enumerate(chapters, 1)
        if (place := chapter.start if timed else chapter.paragraph) is not None
    ]
    begun.sort(key=lambda each: each[:2])
    if begun:
        yield from _by_chapter(lines, begun)
        return
    part: list[Line] = []
    words = 0
    for line in lines:
        since = line.start is not None and part and line.start - (part[0].start or 0.0) >= _PART_SECONDS
        if part and (since or (line.start is None and words >= _PART_WORDS)):
            yield _part("", 0, part, line.at)
            part, words = [], 0
        part.append(line)
        words += word_count(line.text)
    if part:
        yield _part("", 0, part, part[-1].at)


def _by_chapter(lines: Sequence[Line], begun: Sequence[tuple[float, int, str]]) -> Iterator[Part]:
    starts = [place for place, _, _ in begun]

    def chapter_of(line: Line) -> int:
        place = line.start if line.start is not None else float(line.paragraph or 0)
        return bisect_right(starts, place) - 1

    held = {index: [*members] for index, members in groupby(lines, chapter_of)}
    if -1 in held:
        yield _part("Before the first chapter", 0, held[-1], "")
    for index, (_, number, title) in enumerate(begun):
        if index in held:
            yield _part(title or f"Chapter {number}", number, held[index], "")


def _part(title: str, number: int, lines: Sequence[Line], until: str) -> Part:
    first = lines[0].at
    named = title or (f"{first} to {until}" if until and until != first else first)
    return Part(named, first, number, tuple(_turns(lines)))


def _turns(lines: Sequence[Line]) -> Iterator[Turn]:
    for speaker, spoken in groupby(lines, lambda line: line.speaker):
        goes_on = False
        held: list[Line] = []
        words = 0
        for line in spoken:
            if held and (words >= _PARAGRAPH or line.paragraph != held[0].paragraph):
                yield Turn(speaker, tuple(held), goes_on)
                held, words, goes_on = [], 0, True
            held.append(line)
            words += word_count(line.text)
        yield Turn(speaker, tuple(held), goes_on)
