"""Bytes in, transcript out: the one way in for files, standard input and captions fetched from the web."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from autointel.adapters.sources.decode import decode
from autointel.adapters.sources.detect import choose, parse_markdown, parse_text
from autointel.adapters.sources.documents.documents import parse_document
from autointel.adapters.sources.draft import Draft, Parsed
from autointel.adapters.sources.normalise import segments_of
from autointel.adapters.sources.not_prose import check_prose, refuse_by_head, refuse_foreign, refuse_markers
from autointel.domain.transcript import DOCUMENTS, SourceKind
from autointel.errors import NoTranscript

# A million cues of a number, a time, two lines of words and an empty line. Reading takes time and memory by the line, a
# kilobyte for a cue, and a line may be a byte; this bounds the memory.
_MOST_LINES: Final = 5_000_000
# A line costs as much as 20 characters, so that a list of words takes longer than its size says. What has more lines
# than a day and night of words, and hardly three words in each, is no transcript.
_MOST_SHORT_LINES: Final = 220_000
_SHORT_LINE: Final = 24
# Each time and each ">>" among words begins a paragraph of its own, so these are bounded in the same way.
_MOST_TIMES: Final = 120_000
_SHORT_STRETCH: Final = 24
_TIME: Final = re.compile(r"(?<![\d:])\d{1,3}(?::\d\d){1,2}(?!\d)")
# Formats that anything could pass for.
_PROSE: Final = frozenset({SourceKind.TEXT, SourceKind.MARKDOWN, SourceKind.ARTICLE, SourceKind.TABLE, *DOCUMENTS})
_RARELY: Final = (500_000, 20, 1_000)
# A fence of Markdown around captions or JSON, and the sentence that a language model writes above it.
_PREAMBLE: Final = 1000
_FENCED: Final = re.compile(
    r"(?P<above>[^`]{0,900})```[ \t]*(?P<format>jsonl?|srt|vtt|webvtt|csv|tsv|xml|ass|te?xt|)[ \t]*\n(?P<inner>[^`]*)"
    r"(?:```(?P<below>[^`]{0,2000}))?"
)
_HINT: Final = "Pass a transcript (captions, JSON, a table, text), a saved page, or a PDF, DOCX or EPUB."


def parse(data: bytes, name: str | None, charset: str | None = None) -> Parsed:
    """The transcript in ``data``; ``name`` is a file's name or None, used in messages and where content leaves it open.

    ``charset`` is what a server declares; sound UTF-8 is believed before it.

    Times are in whole milliseconds, in order; a source without times has paragraphs. Raises NoTranscript for anything
    without words: empty, binary, a recording, a document of another kind, captions without cues. Raises nothing else.
    """
    with _collecting_rarely():
        return _parse(data, name, charset)


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Garbage is looked for rarely: half a million lines make millions of values and drop few; it took a third."""
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        # Another thread may have set it meanwhile, for longer.
        if gc.get_threshold() == _RARELY:
            gc.set_threshold(*before)


def _parse(data: bytes, name: str | None, charset: str | None) -> Parsed:
    shown = f'"{name}"' if name else "The input"
    if not data.strip():
        raise NoTranscript(f"{shown} is empty.", _HINT)
    draft = parse_document(data, shown) or _text(data, name, shown, charset)
    share, doubts = check_prose([cue.text for cue in draft.cues], shown, strict=draft.kind in _PROSE)
    draft.markup_share = max(draft.markup_share, share)
    draft.warnings += doubts
    segments, chapters = segments_of(draft)
    # Of signs alone, or of characters that nobody sees, nothing can be quoted.
    if not any(character.isalnum() for segment in segments for character in segment.text):
        raise _no_words(shown, draft.blocks_left_out)
    return Parsed(
        kind=draft.kind,
        segments=segments,
        title=draft.title,
        author=draft.author,
        published_at=draft.published_at,
        language=draft.language,
        chapters=chapters,
        warnings=tuple(draft.warnings),
        automatic=draft.automatic,
        turns=tuple(draft.turns),
        mends=draft.mends,
    )


def _text(data: bytes, name: str | None, shown: str, charset: str | None) -> Draft:
    refuse_foreign(data, shown)
    text, warnings = decode(data, shown, charset)
    text = text.removeprefix("\ufeff").replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    text, dropped = _unfenced(text)
    warnings += dropped
    if text.count("\n") > _MOST_LINES:
        raise NoTranscript(
            f"{shown} has more than {_MOST_LINES:,} lines, which no transcript has.", "Cut it into parts."
        )
    parser = choose(text, name)
    refuse_markers(text, shown)
    if parser in {parse_text, parse_markdown}:
        refuse_by_head(text, shown)
        _refuse_list(text, shown)
    draft = parser(text)
    draft.warnings[:0] = warnings
    return draft


def _unfenced(text: str) -> tuple[str, list[str]]:
    """What stands in a fence of Markdown in which a language model wrote captions or JSON; else the text as it is."""
    fenced = "```" in text[:_PREAMBLE] and text.count("```") <= 2  # noqa: PLR2004 -- opened and closed
    found = _FENCED.fullmatch(text.strip()) if fenced else None
    if found is None:
        return text, []
    around = (found["above"] + (found["below"] or "")).split()
    # A block that names no format, with words around it, is a part of what somebody wrote.
    if around and not found["format"]:
        return text, []
    return found["inner"], [f"Text around the transcript was left out: {len(around)} words."] if around else []


def _refuse_list(text: str, shown: str) -> None:
    """Raise NoTranscript for very many very short lines: a list of words, which would take a minute to read."""
    if text.count("\n") > _MOST_SHORT_LINES:
        lines = sum(bool(line.strip()) for line in text.split("\n"))
        if lines > _MOST_SHORT_LINES and len(text) < _SHORT_LINE * lines:
            raise NoTranscript(f"{shown} is a list of {lines:,} short lines, not a transcript.", "Cut it into parts.")
    if text.count(">>") > _MOST_SHORT_LINES and len(text) < _SHORT_STRETCH * text.count(">>"):
        raise NoTranscript(f"{shown} is a list of {text.count('>>'):,} changes of speaker.", "Cut it into parts.")
    # Each time may begin a line of its own, wherever it stands.
    if text.count(":") > _MOST_TIMES and text.count("\n") <= _MOST_TIMES:
        times = sum(1 for _ in _TIME.finditer(text))
        if times > _MOST_TIMES and len(text) < _SHORT_STRETCH * times:
            raise NoTranscript(f"{shown} is a list of {times:,} times, not a transcript.", "Cut it into parts.")


def _no_words(shown: str, left_out: int) -> NoTranscript:
    if not left_out:
        return NoTranscript(f"{shown} holds no words.", _HINT)
    blocks = "block of words has" if left_out == 1 else "blocks of words have"
    return NoTranscript(
        f"{shown} holds no words that can be timed: {left_out} {blocks} no time that can be read.",
        "Mend the times, or save the words without them as a text file.",
    )
