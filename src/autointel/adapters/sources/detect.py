"""Which format a text is in, by its content; its name is asked only where the content leaves it open."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from autointel.adapters.sources.captions.ass import parse_ass
from autointel.adapters.sources.captions.json_formats import parse_json
from autointel.adapters.sources.captions.srt import parse_sbv, parse_srt
from autointel.adapters.sources.captions.time_lines import arrow_span, comma_span
from autointel.adapters.sources.captions.ttml import parse_ttml
from autointel.adapters.sources.captions.vtt import parse_vtt
from autointel.adapters.sources.draft import Draft
from autointel.adapters.sources.text.markdown import looks_like_markdown
from autointel.adapters.sources.text.plain import parse_markdown, parse_text
from autointel.adapters.sources.web.articles import article_draft
from autointel.errors import NoTranscript

Parser = Callable[[str], Draft]

_HEAD: Final = 20_000
_JSON: Final = re.compile(r"\{\s*[\"}]|\[\s*[\[{\]]")
_TTML: Final = re.compile(r"<(?:\w+:)?tt(?:[\s>]|\Z)")
_HTML: Final = re.compile(r"<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_ASS: Final = re.compile(r"^(?:\[Script Info\]|Dialogue: )", re.MULTILINE)
_CAPTION_NAMES: Final = (".srt", ".sbv", ".vtt", ".sub")
# A file of so few words under a caption's name is a broken caption file, not an essay.
_FEW_WORDS: Final = 20


def choose(text: str, name: str | None) -> Parser:
    """The parser for ``text``. Raises NoTranscript for captions without a cue."""
    head = text[:_HEAD].lstrip()
    if head.startswith("WEBVTT"):
        return parse_vtt
    if _JSON.match(head):
        return parse_json
    if head.startswith("<"):
        return _markup(head)
    if _ASS.search(head):
        return parse_ass
    return _timed_lines(text) or _prose(text, (name or "").lower())


def _markup(head: str) -> Parser:
    if _TTML.search(head):
        return parse_ttml
    if _HTML.search(head):
        return article_draft
    return parse_text


def _timed_lines(text: str) -> Parser | None:
    """SubRip or SubViewer, by the first line that is nothing but times."""
    for line in text[:_HEAD].split("\n"):
        span = arrow_span(line)
        if span is not None and span.start is not None and span.end is not None:
            return parse_srt
        if comma_span(line) is not None:
            return parse_sbv
    return None


def _prose(text: str, name: str) -> Parser:
    if name.endswith(_CAPTION_NAMES) and len(text[:_HEAD].split()) < _FEW_WORDS:
        raise NoTranscript("The captions have no cue in them.", "Check that the download is complete.")
    if name.endswith((".md", ".markdown", ".mdx")) or text.startswith("---\n") or looks_like_markdown(text):
        return parse_markdown
    return parse_text
