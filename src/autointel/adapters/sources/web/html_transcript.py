"""Podcasting 2.0's transcript in HTML: ``<cite>`` says who, ``<time>`` when, ``<p>`` what.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/transcripts/transcripts.md
"""

from __future__ import annotations

from typing import Final

from autointel.adapters.sources.clock import clock
from autointel.adapters.sources.draft import Cue, Draft, Parsed
from autointel.adapters.sources.markup import clean
from autointel.adapters.sources.normalise import segments_of
from autointel.adapters.sources.text.timing import are_timed, place
from autointel.adapters.sources.web.articles import parse_article
from autointel.adapters.sources.web.page import tree
from autointel.domain.source import SourceKind
from autointel.domain.word_count import word_count

_LONGEST_NAME: Final = 80


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
        estimated=tuple(draft.estimated),
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
    cues: list[Cue] = []
    speaker, start, marked = None, None, False
    for element in root.iter("cite", "time", "p"):
        words = clean(" ".join("".join(str(piece) for piece in element.itertext()).split()))
        if element.tag == "cite":
            # A cite that is never closed holds the rest of the page.
            closed = len(words) <= _LONGEST_NAME and element.find(".//p") is None
            speaker, marked = (words.rstrip(":").strip() or None) if closed else None, True
        elif element.tag == "time":
            start, marked = clock(words), True
        elif words:
            cues.append(Cue(start, None, [words], speaker))
            start = None
    return cues if marked else []
