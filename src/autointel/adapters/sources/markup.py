"""From what a file holds to words that are safe to show: tags, entities, control characters."""

from __future__ import annotations

import html
import re
from typing import Final

# Without a terminator an operating-system command would swallow the rest of the text; it is bounded, and needs one.
_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\n]{0,2048}(?:\x07|\x1b\\)"
    r"|\x1b[ -/]?[0-~]"
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# They reorder what a reader sees: a quote could look unlike what it is.
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
# Marks of direction and joiners that nobody sees at the head of a line.
INVISIBLE: Final = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u061c\u00ad"
_SURROGATES: Final = re.compile("[\ud800-\udfff]")

# WebVTT knows only tags and never a bare "<"; people write "x < y". So a tag must look like one, or it is text.
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>|<\s*[\d:.]+\s*>|</?>")
# SubRip has no tags of its own; these are what players understand, and the overrides borrowed from ASS.
_SRT_TAG: Final = re.compile(
    r"</?(?:b|i|u|s|c|v|font|span|ruby|rt|lang)\b[^<>]*>|\{\\[^{}]*\}|<[\d:.]+>", re.IGNORECASE
)


def clean(text: str) -> str:
    """The text without control characters, terminal escapes and characters that reorder it; newlines stay."""
    text = _ESCAPES.sub("", text)
    text = _CONTROLS.sub("", text)
    text = _SURROGATES.sub("\ufffd", text)
    return _BIDI.sub("", text)


def plain(text: str) -> str:
    """A WebVTT cue text as words: tags dropped, entities resolved, clean."""
    # Entities last: what they stand for is text, never a tag; cleaned after, since they can stand for an escape.
    return _heads(clean(_unescape(_TAG.sub("", text) if "<" in text else text)))


def plain_srt(text: str) -> str:
    """A SubRip text as words."""
    return _heads(clean(_unescape(_SRT_TAG.sub("", text) if "<" in text or "{" in text else text)))


def _heads(text: str) -> str:
    # A mark of direction at the head of a line is the maker's, for the screen; inside a line it may matter.
    return text if text.isascii() else "\n".join(line.lstrip(INVISIBLE) for line in text.split("\n"))


def _unescape(text: str) -> str:
    return html.unescape(text) if "&" in text else text


def one_line(text: str, limit: int = 300) -> str:
    """A title or name: clean, on one line, bounded."""
    return " ".join(clean(text).split())[:limit].strip()
