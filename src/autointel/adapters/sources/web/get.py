"""Asking for one of a source's pages: what came, and why it could not be had.

The kind of what came is told by its content first, its declared type second, its name last.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit

import anyio

from autointel.adapters.sources.markup import one_line
from autointel.adapters.sources.not_prose import is_recording
from autointel.adapters.sources.web.page import Link
from autointel.errors import FetchFailed, NoTranscript, SourceBlocked, SourceUnreachable
from autointel.ports import Fetched, Fetcher

MOST_LINKS: Final = 5
"""Addresses of one kind that a page names and that are tried, one after another."""
LINKS_SECONDS: Final = 60.0
"""Time for all of them together."""
T = TypeVar("T")
_SIGN_IN: Final = "Save it from a browser that is signed in, and pass the file."
_SAID: Final = {
    401: ("asks for a name and a password", _SIGN_IN),
    402: ("asks to be paid", _SIGN_IN),
    403: ("refuses programs", _SIGN_IN),
    404: ("has no such page", "Check the address."),
    410: ("says that the page is gone", "Look for it at web.archive.org."),
    429: ("asks to be left alone for a while", "Try again later."),
    451: ("may not show the page, for legal reasons", "Nothing can be done about it here."),
}
_BLOCKED: Final = frozenset({401, 402, 403, 451})
_OK: Final = frozenset({200, 203, 206})
_SERVER_FAULT: Final = 500
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_MEDIA_NAMES: Final = tuple(
    ".mp3 .m4a .m4b .aac .ogg .oga .opus .flac .wav .wma .mp4 .m4v .mov .webm .mkv .avi .mpg .m3u8 .mpd".split()
)
_PLAYLISTS: Final = frozenset({"application/vnd.apple.mpegurl", "application/x-mpegurl", "application/dash+xml"})
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title|script|div|p|article)\b", re.IGNORECASE)
_FEED: Final = re.compile(rb"<(?:rss|(?:\w+:)?feed|rdf:RDF)\b")
_HEAD: Final = 4096


class Kind(StrEnum):
    """What can be done with it."""

    FEED = "feed"
    HTML = "html"
    MEDIA = "media"
    TRANSCRIPT = "transcript"


async def get(
    fetcher: Fetcher, url: str, *, headers: Mapping[str, str] | None = None, named_by: str | None = None
) -> Fetched:
    """The page, if it was answered with success; ``named_by`` as in Fetcher.

    Raises SourceBlocked, SourceUnreachable.
    """
    try:
        page = await fetcher.fetch(url, headers=headers, named_by=named_by)
    except FetchFailed as error:
        raise SourceUnreachable(error.message, error.hint) from error
    if page.status in _OK:
        return page
    host = page.url.partition("://")[2].partition("/")[0]
    fault = "is out of order" if page.status >= _SERVER_FAULT else "did not give the page"
    said, hint = _SAID.get(page.status, (fault, "Try again later."))
    kind = SourceBlocked if page.status in _BLOCKED else SourceUnreachable
    raise kind(f"{host} {said} (status {page.status}).", hint)


def charset_of(page: Fetched) -> str | None:
    """The charset that a server declares for a page."""
    found = _CHARSET.search(page.headers.get("content-type", ""))
    return found[1] if found else None


async def first_readable(
    links: Sequence[Link], read: Callable[[Link], Awaitable[T]]
) -> tuple[tuple[Link, T] | None, list[str]]:
    """The first link that can be read with what it holds, and why those before it were passed over.

    At most MOST_LINKS are tried, for LINKS_SECONDS in all: a page may name thousands, each with a deadline of its own.
    """
    passed: list[str] = []
    with anyio.move_on_after(LINKS_SECONDS):
        for link in links[:MOST_LINKS]:
            try:
                return (link, await read(link)), passed
            except (SourceUnreachable, NoTranscript) as error:
                passed.append(f"A transcript was passed over: {error.message}")
    if len(links) > MOST_LINKS:
        passed.append(f"Transcripts that were not tried, beyond {MOST_LINKS}: {len(links) - MOST_LINKS}.")
    return None, passed


def kind_of(page: Fetched) -> Kind:
    """Never fails: what is nothing else is taken for a transcript, whose parser says what it is not."""
    head = page.body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if _is_media(page):
        return Kind.MEDIA
    if head.startswith(b"<"):
        return _markup(head, page.content_type)
    return Kind.HTML if page.content_type == "text/html" and not head.startswith(b"WEBVTT") else Kind.TRANSCRIPT


def _is_media(page: Fetched) -> bool:
    """Sound, pictures that move, or a playlist of them."""
    if page.content_type.startswith(("audio/", "video/")) or page.content_type in _PLAYLISTS:
        return True
    if page.body.startswith(b"#EXTM3U") or is_recording(page.body):
        return True
    return page.content_type in {"application/octet-stream", "binary/octet-stream"} and named_like_media(page.url)


def _markup(head: bytes, declared: str) -> Kind:
    if _FEED.search(head):
        return Kind.FEED
    if declared in {"text/html", "application/xhtml+xml"} or _HTML.search(head):
        return Kind.HTML
    # Any XML that says it is a feed, however it is broken; the rest may be TTML.
    return Kind.FEED if "rss" in declared or "atom" in declared else Kind.TRANSCRIPT


def named_like_media(url: str) -> bool:
    """Whether the path ends as a recording's does."""
    return urlsplit(url).path.lower().endswith(_MEDIA_NAMES)


def name_of(url: str) -> str:
    """The last part of the path, safe to show; formats that content leaves open are told by it."""
    return one_line(unquote(urlsplit(url).path).rpartition("/")[2], limit=100) or "page"
