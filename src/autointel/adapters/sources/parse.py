"""Bytes in, transcript out: the one way in for files, standard input and captions fetched from the web."""

from __future__ import annotations

from typing import Final

from autointel.adapters.sources.decode import decode
from autointel.adapters.sources.detect import choose
from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.foreign import refuse_foreign
from autointel.adapters.sources.normalise import segments_of
from autointel.errors import NoTranscript

# 120 hours of captions. What has more is a list of something, and would fill memory with lines of nothing.
_MOST_LINES: Final = 1_000_000
_HINT: Final = "Pass a transcript: VTT, SRT, SBV, TTML, ASS, JSON, plain text or Markdown."


def parse(data: bytes, name: str | None) -> Parsed:
    """The transcript in ``data``; ``name`` is a file's name or None, used in messages and where content leaves it open.

    Times are in whole milliseconds, in order; a source without times has paragraphs. Raises NoTranscript for anything
    without words: empty, binary, a recording, a document of another kind, captions without cues. Raises nothing else.
    """
    shown = f'"{name}"' if name else "The input"
    if not data.strip():
        raise NoTranscript(f"{shown} is empty.", _HINT)
    refuse_foreign(data, shown)
    text, warnings = decode(data, shown)
    text = text.removeprefix("\ufeff").replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > _MOST_LINES:
        raise NoTranscript(f"{shown} has more than a million lines, which no transcript has.", "Cut it into parts.")
    draft = choose(text, name)(text)
    segments, chapters = segments_of(draft)
    # Of signs alone, or of characters that nobody sees, nothing can be quoted.
    if not any(character.isalnum() for segment in segments for character in segment.text):
        raise NoTranscript(f"{shown} holds no words.", _HINT)
    return Parsed(
        kind=draft.kind,
        segments=segments,
        title=draft.title,
        author=draft.author,
        published_at=draft.published_at,
        language=draft.language,
        chapters=chapters,
        warnings=(*warnings, *draft.warnings),
        automatic=draft.automatic,
        estimated=tuple(draft.estimated),
        turns=tuple(draft.turns),
        mends=draft.mends,
    )
