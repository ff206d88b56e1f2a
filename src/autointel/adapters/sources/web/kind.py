"""What came from an address: told by its content first, its declared type second, its name last."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final
from urllib.parse import unquote, urlsplit

from autointel.adapters.sources.markup import one_line
from autointel.adapters.sources.not_prose import is_recording
from autointel.ports import Fetched


class Kind(StrEnum):
    """What can be done with it."""

    FEED = "feed"
    HTML = "html"
    MEDIA = "media"
    TRANSCRIPT = "transcript"


_MEDIA_NAMES: Final = (
    ".mp3",
    ".m4a",
    ".m4b",
    ".aac",
    ".ogg",
    ".oga",
    ".opus",
    ".flac",
    ".wav",
    ".wma",
    ".mp4",
    ".m4v",
    ".mov",
    ".webm",
    ".mkv",
    ".avi",
    ".mpg",
    ".m3u8",
    ".mpd",
)
_PLAYLISTS: Final = frozenset({"application/vnd.apple.mpegurl", "application/x-mpegurl", "application/dash+xml"})
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title|script|div|p|article)\b", re.IGNORECASE)
_FEED: Final = re.compile(rb"<(?:rss|(?:\w+:)?feed|rdf:RDF)\b")
_HEAD: Final = 4096


def kind_of(page: Fetched) -> Kind:
    """Never fails: what is nothing else is taken for a transcript, whose parser says what it is not."""
    head = page.body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if is_media(page):
        return Kind.MEDIA
    if head.startswith(b"<"):
        return _markup(head, page.content_type)
    return Kind.HTML if page.content_type == "text/html" and not head.startswith(b"WEBVTT") else Kind.TRANSCRIPT


def is_media(page: Fetched) -> bool:
    """Sound, pictures that move, or a playlist of them."""
    if page.content_type.startswith(("audio/", "video/")) or page.content_type in _PLAYLISTS:
        return True
    if page.body.startswith(b"#EXTM3U") or is_recording(page.body):
        return True
    return page.content_type in {"application/octet-stream", "binary/octet-stream"} and named_like_media(page.url)


def named_like_media(url: str) -> bool:
    """Whether the path ends as a recording's does."""
    return urlsplit(url).path.lower().endswith(_MEDIA_NAMES)


def name_of(url: str) -> str:
    """The last part of the path, safe to show; formats that content leaves open are told by it."""
    return one_line(unquote(urlsplit(url).path).rpartition("/")[2], limit=100) or "page"


def _markup(head: bytes, declared: str) -> Kind:
    if _FEED.search(head):
        return Kind.FEED
    if declared in {"text/html", "application/xhtml+xml"} or _HTML.search(head):
        return Kind.HTML
    # Any XML that says it is a feed, however it is broken; the rest may be TTML.
    return Kind.FEED if "rss" in declared or "atom" in declared else Kind.TRANSCRIPT
