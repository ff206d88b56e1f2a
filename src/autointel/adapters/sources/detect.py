"""Which format a text is in, by its content; its name is asked only where the content leaves it open.

A parser is imported once its format is found: all of them together cost 0.1 s of every run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from autointel.adapters.sources.draft import Draft
from autointel.adapters.sources.not_prose import xml_kind
from autointel.errors import NoTranscript

Parser = Callable[[str], Draft]

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


def choose(text: str, name: str | None) -> Parser:
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
    return timed_lines(text) or _tabular(text) or _prose(text, (name or "").lower())


def _markup(head: str) -> Parser:
    if _FEED.search(head):
        raise NoTranscript(
            "This is a podcast's feed, which names recordings and transcripts but does not hold their words.",
            f"Pass {_feed_address(head) or 'the web address of the feed'} instead.",
        )
    if _TTML.search(head):
        from autointel.adapters.sources.captions.ttml import parse_ttml

        return parse_ttml
    if _SAMI.search(head):
        from autointel.adapters.sources.captions.sami import parse_sami

        return parse_sami
    if _YOUTUBE.search(head):
        from autointel.adapters.sources.captions.youtube import parse_youtube_xml

        return parse_youtube_xml
    if not xml_kind(head):
        if _CITED.search(head):
            return _transcript_page
        if _HTML.search(head) or _FRAGMENT.match(head):
            from autointel.adapters.sources.web.articles import article_draft

            return article_draft
    return parse_text


def _transcript_page(text: str) -> Draft:
    from autointel.adapters.sources.web.articles import article_draft
    from autointel.adapters.sources.web.html_transcript import transcript_draft

    return transcript_draft(text.encode("utf-8", "replace")) or article_draft(text)


def parse_text(text: str) -> Draft:
    """Any text: it may be no transcript at all."""
    from autointel.adapters.sources.text import plain

    return plain.parse_text(text)


def parse_markdown(text: str) -> Draft:
    """As ``parse_text``, in Markdown."""
    from autointel.adapters.sources.text import plain

    return plain.parse_markdown(text)


def _feed_address(head: str) -> str | None:
    """Where the feed says that it stands."""
    links = (link[0] for link in _FEED_LINK.finditer(head) if re.search(r"rel=[\"']self[\"']", link[0]))
    found = next(
        (address for link in links if (address := re.search(r"href=[\"'](https?://[^\"'<>\s]{1,300})", link))), None
    )
    return found[1] if found else None


def timed_lines(text: str) -> Parser | None:
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
        return parse_markdown
    return parse_text
