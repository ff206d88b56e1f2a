"""Bytes in, transcript out: the one way in for files, standard input and captions fetched from the web.

A text's content says which format it is in; its name is asked only where the content leaves it open. A parser is
imported once its format is found: all of them together cost 0.1 s of every run.
"""

from __future__ import annotations

import gc
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Final

from autointel.adapters.sources.decode import decode
from autointel.adapters.sources.documents.documents import parse_document
from autointel.adapters.sources.draft import Cue, Draft, Parsed
from autointel.adapters.sources.normalise import segments_of
from autointel.adapters.sources.not_prose import check_prose, refuse_by_head, refuse_foreign, refuse_markers, xml_kind
from autointel.domain.transcript import DOCUMENTS, SourceKind
from autointel.errors import NoTranscript

Parser = Callable[[str], Draft]
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
_FEWEST_SPEAKERS: Final = 2
# Letters of a document that its captions must hold; an example in an essay holds few of them.
_MOST_LETTERS: Final = 0.7
# What may have been left out of a document's talk between two of its cues.
_NEAR: Final = 100_000
# Letters of a document: a book of 5,000 pages. Zipped, they may be a few kB.
_MOST_OF_DOCUMENT: Final = 15_000_000
_HEAD: Final = 20_000
_JSON: Final = re.compile(r"\{\s*[\"}]|\[\s*[\[{\]]")
_TTML: Final = re.compile(r"<(?:\w+:)?tt(?:[\s>]|\Z)")
_SAMI: Final = re.compile(r"<sami\b|<sync\b[^<>]{0,200}\bstart\b", re.IGNORECASE)
_YOUTUBE: Final = re.compile(r"<(?:transcript|timedtext)\b[^<>]{0,200}>\s*<(?:head|body|w?[sp]|text|window)\b")
_FEED: Final = re.compile(r"<(?:rss|(?:\w{1,40}:)?feed|rdf:RDF)[\s>]")
_FEED_LINK: Final = re.compile(r"<(?:atom:)?link\b[^<>]{0,300}>")
_HTML: Final = re.compile(r"<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
# A piece of a page begins with one of its blocks.
_FRAGMENT: Final = re.compile(
    r"<(?:div|p|cite|article|section|main|header|figure|h[1-6]|ul|ol|dl|table|blockquote|meta|title|style|script)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
_ASS: Final = re.compile(r"^(?:\[Script Info\]|Dialogue: )", re.MULTILINE)
# Who and when, as Podcasting 2.0's transcripts in HTML say it.
_CITED: Final = re.compile(r"<cite\b[^<>]{0,200}>[^<>]{1,80}</cite>\s{0,20}<time\b", re.IGNORECASE)
_CAPTION_NAMES: Final = (".srt", ".sbv", ".vtt", ".sub")
# A line of two times that no caption can have: it has words below it that must not be read as a text's.
_BROKEN_TIMES: Final = re.compile(r"[ \t\d:.,;-]{0,40}\d:\d[ \t\d:.,;-]{0,40}>[ \t\d:.,;-]{0,40}\d:\d")
# A file of so few words under a caption's name is a broken caption file, not an essay.
_FEW_WORDS: Final = 20


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
    if draft.kind in DOCUMENTS:
        if sum(len(line) for cue in draft.cues for line in cue.lines) > _MOST_OF_DOCUMENT:
            raise NoTranscript(f"{shown} holds more text than a book of 5,000 pages.", "Pass the part that matters.")
        draft = _with_dialogue(draft)
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
    parser = _choose(text, name)
    refuse_markers(text, shown)
    if parser in {_parse_text, _parse_markdown}:
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


def _choose(text: str, name: str | None) -> Parser:
    """The parser for ``text``. Raises NoTranscript for captions without a cue."""
    head = text[:_HEAD].lstrip()
    if head.startswith("WEBVTT"):
        from autointel.adapters.sources.captions.vtt import parse_vtt

        return parse_vtt
    if _JSON.match(head):
        from autointel.adapters.sources.captions.json_formats import parse_json

        return parse_json
    from autointel.adapters.sources.captions.annotations import annotation_parser

    annotation = annotation_parser(head)
    if annotation is not None:
        return annotation
    if head.startswith("<"):
        return _markup(head)
    if _ASS.search(head):
        from autointel.adapters.sources.captions.line_formats import parse_ass

        return parse_ass
    return _timed_lines(text) or _tabular(text) or _prose(text, (name or "").lower())


def _markup(head: str) -> Parser:
    if _FEED.search(head):
        raise NoTranscript(
            "This is a podcast's feed, which names recordings and transcripts but does not hold their words.",
            f"Pass {_feed_address(head) or 'the web address of the feed'} instead.",
        )
    if _TTML.search(head):
        from autointel.adapters.sources.captions.markup_formats import parse_ttml

        return parse_ttml
    if _SAMI.search(head):
        from autointel.adapters.sources.captions.markup_formats import parse_sami

        return parse_sami
    if _YOUTUBE.search(head):
        from autointel.adapters.sources.captions.markup_formats import parse_youtube_xml

        return parse_youtube_xml
    if not xml_kind(head):
        if _CITED.search(head):
            return _transcript_page
        if _HTML.search(head) or _FRAGMENT.match(head):
            from autointel.adapters.sources.web.articles import article_draft

            return article_draft
    return _parse_text


def _feed_address(head: str) -> str | None:
    """Where the feed says that it stands."""
    links = (link[0] for link in _FEED_LINK.finditer(head) if re.search(r"rel=[\"']self[\"']", link[0]))
    found = next(
        (address for link in links if (address := re.search(r"href=[\"'](https?://[^\"'<>\s]{1,300})", link))), None
    )
    return found[1] if found else None


def _transcript_page(text: str) -> Draft:
    from autointel.adapters.sources.web.articles import article_draft
    from autointel.adapters.sources.web.html_transcript import transcript_draft

    return transcript_draft(text.encode("utf-8", "replace")) or article_draft(text)


def _parse_text(text: str) -> Draft:
    """Any text: it may be no transcript at all."""
    from autointel.adapters.sources.text import plain

    return plain.parse_text(text)


def _timed_lines(text: str) -> Parser | None:
    """SubRip or SubViewer, by the first line that is nothing but times, or else by one of broken times."""
    from autointel.adapters.sources.captions.line_formats import RANGE, parse_premiere
    from autointel.adapters.sources.captions.reader import arrow_span, comma_span, parse_sbv, parse_srt

    broken: Parser | None = None
    for line in text[:_HEAD].split("\n"):
        if RANGE.match(line):
            return parse_premiere
        span = arrow_span(line)
        if span is not None and span.start is not None and span.end is not None:
            return parse_srt
        if span is not None and _BROKEN_TIMES.match(line):
            broken = parse_srt
        if comma_span(line) is not None:
            return parse_sbv
    return broken


def _tabular(text: str) -> Parser | None:
    """Formats of one subtitle or one row a line."""
    from autointel.adapters.sources.captions.line_formats import is_lrc, is_old_format, parse_lrc, parse_microdvd
    from autointel.adapters.sources.captions.tables import parse_table, table_of

    if is_old_format(text):
        return parse_microdvd
    if is_lrc(text):
        return parse_lrc
    return parse_table if table_of(text) is not None else None


def _prose(text: str, name: str) -> Parser:
    if name.endswith(_CAPTION_NAMES) and len(text[:_HEAD].split()) < _FEW_WORDS:
        raise NoTranscript("The captions have no cue in them.", "Check that the download is complete.")
    from autointel.adapters.sources.text.markdown import looks_like_markdown

    if name.endswith((".md", ".markdown", ".mdx")) or text.startswith("---\n") or looks_like_markdown(text):
        return _parse_markdown
    return _parse_text


def _parse_markdown(text: str) -> Draft:
    """As ``_parse_text``, in Markdown."""
    from autointel.adapters.sources.text import plain

    return plain.parse_markdown(text)


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


def _with_dialogue(draft: Draft) -> Draft:
    """The same, with speakers and times where the paragraphs are a transcript; each keeps its page or chapter."""
    paragraphs = ["\n".join(cue.lines) for cue in draft.cues]
    # Captions in a document have each line in a paragraph of its own, or each cue, as Teams writes them.
    captions = _timed_lines("\n".join(paragraphs))
    spoken = captions("\n".join(paragraphs)) if captions else None
    if spoken is None or _letters(spoken.cues) < _MOST_LETTERS * _letters(draft.cues):
        spoken = _parse_text("\n\n".join(paragraphs))
    timed = any(cue.start is not None for cue in spoken.cues)
    if not timed and not _is_talk(spoken.cues) and draft.kind is SourceKind.PDF:
        # A line of print is no line of speech; where names stand in lines of their own, the reading above is right.
        spoken = _parse_text("\n\n".join(" ".join(cue.lines) for cue in draft.cues))
        timed = any(cue.start is not None for cue in spoken.cues)
    if not timed and not _is_talk(spoken.cues):
        return draft
    # White space apart, the words are the same in both: what stands where is counted in letters.
    ends = list(accumulate(len("".join(paragraph.split())) for paragraph in paragraphs))
    whole = "".join("".join(paragraph.split()) for paragraph in paragraphs)
    position = 0
    for cue in spoken.cues:
        letters = "".join(cue.text.split())
        found = whole.find(letters, position, position + len(letters) + _NEAR)
        position = max(found, position)
        place = bisect_right(ends, position)
        cue.place = draft.cues[min(place, len(draft.cues) - 1)].place
        position += len(letters) if found >= 0 else 0
    draft.cues = spoken.cues
    draft.marks = []
    draft.warnings += spoken.warnings
    return draft


def _letters(cues: Sequence[Cue]) -> int:
    return sum(map(str.isalpha, "".join(line for cue in cues for line in cue.lines)))


def _is_talk(cues: Sequence[Cue]) -> bool:
    return len({cue.speaker for cue in cues if cue.speaker}) >= _FEWEST_SPEAKERS


def _no_words(shown: str, left_out: int) -> NoTranscript:
    if not left_out:
        return NoTranscript(f"{shown} holds no words.", _HINT)
    blocks = "block of words has" if left_out == 1 else "blocks of words have"
    return NoTranscript(
        f"{shown} holds no words that can be timed: {left_out} {blocks} no time that can be read.",
        "Mend the times, or save the words without them as a text file.",
    )
