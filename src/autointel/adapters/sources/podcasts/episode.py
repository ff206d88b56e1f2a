"""An episode of a podcast: its publisher's transcript, else its sound."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync

from autointel.adapters.sources.clock import milliseconds
from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.files import Recordings
from autointel.adapters.sources.markup import one_line
from autointel.adapters.sources.parse import parse
from autointel.adapters.sources.podcasts.feed import Episode, Feed, parse_feed, pick
from autointel.adapters.sources.web.get import Kind, charset_of, first_readable, get, kind_of, name_of
from autointel.adapters.sources.web.html_transcript import parse_transcript_page
from autointel.adapters.sources.web.page import Link
from autointel.domain.transcript import Chapter, Origin, Source, SourceKind, Transcript, Trust
from autointel.domain.value import content_id
from autointel.errors import NoTranscript, SourceUnreachable
from autointel.ports import Fetched, Fetcher

# Best first: WebVTT has times, speakers and a standard; JSON may be single words; HTML often has no times.
_PREFERENCE: Final = ("vtt", "json", "srt", "subrip", "html", "plain")


class Podcasts:
    """``transcribe`` passes over transcripts and listens to the sound."""

    def __init__(self, fetcher: Fetcher, recordings: Recordings, *, transcribe: bool = False) -> None:
        self._fetcher = fetcher
        self._recordings = recordings
        self._transcribe = transcribe

    async def episode(self, page: Fetched, wanted: str | None, language: str | None) -> tuple[Source, Transcript]:
        """The episode of a feed that ``wanted`` names (see ``pick``).

        Raises NoTranscript, SourceUnreachable, SourceBlocked, UsageError.
        """
        feed = await run_sync(parse_feed, page.body, page.url)
        return await self.read(feed, pick(feed, wanted), page.url, language)

    async def read(self, feed: Feed, episode: Episode, url: str, language: str | None) -> tuple[Source, Transcript]:
        """The words of one episode, with the feed's chapters."""
        transcript = None if self._transcribe else await self._published(episode, language or feed.language, feed.url)
        if transcript is None:
            transcript = await self._heard(episode, language, feed.url)
        chapters = transcript.chapters or await self._chapters(episode, transcript, feed.url)
        language = language or transcript.language or feed.language
        source = Source(
            id=content_id("episode", url, episode.guid),
            kind=SourceKind.PODCAST,
            url=episode.page or episode.sound or url,
            media_url=episode.sound or None,
            title=episode.title,
            author=episode.author or feed.author or feed.title,
            published_at=episode.day,
            duration_seconds=episode.duration or transcript.duration,
            language=language,
        )
        return source, transcript.model_copy(update={"chapters": chapters, "language": language})

    async def _published(self, episode: Episode, language: str | None, named_by: str) -> Transcript | None:
        """The first transcript that can be read; what was passed over is warned of."""
        links = in_order(episode.transcripts, language)
        found, warnings = await first_readable(links, partial(self._read, named_by=named_by))
        if found is None:
            return None
        link, parsed = found
        return transcript_of(parsed, Origin.PUBLISHER, declared=link.language or language, warnings=warnings)

    async def _read(self, link: Link, named_by: str) -> Parsed:
        page = await get(self._fetcher, link.url, named_by=named_by)
        if kind_of(page) is Kind.HTML:
            return await run_sync(parse_transcript_page, page.body, page.url)
        return await run_sync(parse, page.body, name_of(page.url), charset_of(page))

    async def _heard(self, episode: Episode, language: str | None, named_by: str) -> Transcript:
        if not episode.sound:
            raise NoTranscript(f"{episode.title} has neither a transcript nor an audio file.", "Try its web page.")
        return await self._recordings.transcribe(episode.sound, episode.title, language, named_by=named_by)

    async def _chapters(self, episode: Episode, transcript: Transcript, named_by: str) -> tuple[Chapter, ...]:
        if not episode.chapters or not transcript.timed:
            return ()
        try:
            page = await get(self._fetcher, episode.chapters, named_by=named_by)
            listed = json.loads(page.body)
        except (SourceUnreachable, ValueError, RecursionError):
            return ()  # a list of contents is not worth a failure
        return tuple(sorted(_chapters_of(listed), key=lambda chapter: chapter.start or 0.0))


def in_order(links: Sequence[Link], language: str | None) -> list[Link]:
    """In the language asked for first, then by how much a format tells; ties as the publisher lists them."""

    def key(link: Link) -> tuple[bool, int]:
        foreign = bool(language and link.language and link.language != language.partition("-")[0].lower())
        told = f"{link.type} {name_of(link.url).lower().rpartition('.')[2]}"
        return foreign, next((rank for rank, mark in enumerate(_PREFERENCE) if mark in told), len(_PREFERENCE))

    return sorted(links, key=key)


def transcript_of(
    parsed: Parsed,
    origin: Origin,
    *,
    asked: str | None = None,
    declared: str | None = None,
    warnings: Sequence[str] = (),
) -> Transcript:
    """A publisher's words are what it stands for; a machine's are not.

    The language is what was asked for, else what the words say of themselves, else what was said of them.
    """
    return Transcript(
        segments=parsed.segments,
        origin=origin,
        trust=Trust.LOW if parsed.automatic else Trust.HIGH,
        language=asked or parsed.language or declared,
        chapters=parsed.chapters,
        warnings=(*warnings, *parsed.warnings),
        turns=parsed.turns,
        mends=parsed.mends,
    )


def _chapters_of(listed: Any) -> Iterator[Chapter]:
    rows = listed.get("chapters") if isinstance(listed, dict) else None
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or row.get("toc") is False or not isinstance(row.get("title"), str):
            continue
        start, end = milliseconds(row.get("startTime")), milliseconds(row.get("endTime"))
        title = one_line(row["title"])
        if title and start is not None:
            yield Chapter(title=title, start=start / 1000, end=None if end is None or end < start else end / 1000)
