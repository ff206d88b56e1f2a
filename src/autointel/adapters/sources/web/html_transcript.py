"""Podcasting 2.0's transcript in HTML: ``<cite>`` says who, ``<time>`` when, ``<p>`` what.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/transcripts/transcripts.md
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.clock import clock, without_clock
from autointel.adapters.sources.draft import Cue, Draft, Parsed
from autointel.adapters.sources.markup import clean
from autointel.adapters.sources.normalise import segments_of
from autointel.adapters.sources.text.timing import are_timed, place
from autointel.adapters.sources.unseen import unseen
from autointel.adapters.sources.web.articles import parse_article
from autointel.adapters.sources.web.page import tree
from autointel.domain.transcript import SourceKind, word_count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element
    from lxml.html import HtmlElement

_LONGEST_NAME: Final = 80
_LONGEST_LABEL: Final = 1_000
_MOST_PARTS: Final = 50


def parse_transcript_page(html: bytes, url: str) -> Parsed:
    """Timed if its times come often enough to place every paragraph; else by paragraph.

    A page without these marks is read as an article. Raises NoTranscript.
    """
    draft = transcript_draft(html)
    if draft is None:
        return parse_article(html, url)
    segments, _ = segments_of(draft)
    return Parsed(
        kind=SourceKind.PODCAST,
        segments=segments,
        warnings=tuple(draft.warnings),
        turns=tuple(draft.turns),
        mends=draft.mends,
    )


def transcript_draft(html: bytes) -> Draft | None:
    """The same before it is cut into segments; None for a page without these marks."""
    cues = _cues(html)
    if not cues:
        return None
    stamps = [cue.start for cue in cues if cue.start is not None]
    timed = are_timed(stamps, len(cues), sum(word_count(cue.text) for cue in cues))
    warnings = place(cues) if timed else []
    if not timed:
        cues = [Cue(None, None, cue.lines, cue.speaker) for cue in cues]
    return Draft(SourceKind.PODCAST, cues, warnings=warnings)


def _cues(html: bytes) -> list[Cue]:
    root = tree(html)
    if root is None:
        return []
    reading = _Reading(unseen(root))
    reading.read(root, within=False)
    return reading.cues if reading.marked else []


class _Reading:
    """The page's marks in the order of the document; a broken tag may have put some of them inside of others."""

    def __init__(self, unseen: Iterable[_Element]) -> None:
        self._unseen = set(unseen)
        self.cues: list[Cue] = []
        self.marked = False
        self._speaker: str | None = None
        self._start: int | None = None
        self._run: list[str] = []

    def read(self, element: HtmlElement, *, within: bool) -> None:
        """An element and all in it; ``within`` a paragraph its words are said. As deep as libxml2 lets pages be."""
        said = within
        if element.tag in {"cite", "time"}:
            said = not self._is_mark(element, within=within)
        elif element.tag == "p":
            self._flush()
            said = True
        if said:
            self._run.append(element.text or "")
        for child in element:
            if isinstance(child.tag, str) and child not in self._unseen:
                self.read(child, within=said)
            if said:
                self._run.append(child.tail or "")
        if element.tag == "p" or (said and not within):
            self._flush()

    def _is_mark(self, element: HtmlElement, *, within: bool) -> bool:
        """Note who speaks or when; False for a cite without a colon inside a paragraph, which names a book."""
        words = _label(element)
        if within and element.tag == "cite" and not words.endswith(":"):
            return False
        self._flush()
        self.marked = True
        if element.tag == "cite" and (
            not words or element.find(".//p") is not None or element.find(".//time") is not None
        ):
            # A cite that is never closed holds what follows it, and names somebody only if a colon ends its own words.
            label = clean(" ".join((element.text or "")[:_LONGEST_LABEL].split()))
            self._names(label if label.endswith(":") or without_clock(label)[1] is not None else "")
            element.text = None if self._speaker else element.text
            return False
        if element.tag == "time":
            self._start = clock(words)
        else:
            self._names(words)
        return True

    def _names(self, label: str) -> None:
        name, start = without_clock(label)
        name = name.rstrip(":").strip()
        self._speaker = name if 0 < len(name) <= _LONGEST_NAME else None
        self._start = self._start if start is None else start

    def _flush(self) -> None:
        words = clean(" ".join("".join(self._run).split()))
        self._run.clear()
        if words:
            self.cues.append(Cue(self._start, None, [words], self._speaker))
            self._start = None


def _label(element: HtmlElement) -> str:
    """The words in a mark; "" where it holds so much that it was never closed, which is not read to its end.

    Marks stand in one another hundreds deep where none is closed, and each would be read with all that follows it.
    """
    if next(islice(element.iter(), _MOST_PARTS, None), None) is not None:
        return ""
    words = "".join(str(piece) for piece in element.itertext())
    return clean(" ".join(words.split())) if len(words) <= _LONGEST_LABEL else ""
