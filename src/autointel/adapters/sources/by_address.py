"""A source by its address, as a person would paste it.

The publisher's own transcript comes before captions, captions before speech recognition. The content
that an address returns decides what it is, and not how the address looks.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from anyio.to_thread import run_sync

from autointel.adapters.sources.files import Recordings, readable
from autointel.adapters.sources.markup import one_line
from autointel.adapters.sources.page_ways import Pages
from autointel.adapters.sources.parse import parse
from autointel.adapters.sources.podcasts.episode import Podcasts, transcript_of
from autointel.adapters.sources.web.get import Kind, charset_of, get, kind_of, name_of, named_like_media
from autointel.adapters.sources.youtube.video import is_youtube
from autointel.domain.transcript import Origin, Source, SourceKind, Transcript
from autointel.domain.value import content_id
from autointel.errors import SourceUnreachable
from autointel.ports import Fetched, Fetcher, TranscriptSource

_SCHEMES: Final = frozenset({"http", "https"})
_BEGINNING: Final = {"range": "bytes=0-4095"}
_PARTIAL: Final = 206


class WebSource(TranscriptSource):
    """Everything behind http and https. ``episode`` names one of a feed's; ``transcribe`` forces recognition."""

    def __init__(
        self,
        fetcher: Fetcher,
        videos: TranscriptSource,
        recordings: Recordings | None = None,
        *,
        episode: str | None = None,
        transcribe: bool = False,
    ) -> None:
        self._fetcher = fetcher
        self._videos = videos
        self._recordings = recordings or Recordings()
        self._episode = episode
        self._podcasts = Podcasts(fetcher, self._recordings, transcribe=transcribe)
        self._pages = Pages(fetcher, videos, self._podcasts, self._recordings, transcribe=transcribe)

    async def fetch(self, address: str, language: str | None) -> tuple[Source, Transcript]:
        """See TranscriptSource."""
        if not is_web_address(address):
            raise SourceUnreachable(
                f"{one_line(address, limit=100)!r} is not a web address that can be fetched.",
                "Give an http or https address, a file, or - for standard input.",
            )
        if is_youtube(address):
            return await self._videos.fetch(address, language)
        page = await self._page(address)
        match kind_of(page):
            case Kind.FEED:
                return await self._podcasts.episode(page, self._episode, language)
            case Kind.MEDIA:
                return await self._recording(page, language)
            case Kind.TRANSCRIPT:
                return await _given(page, language)
            case Kind.HTML:
                return await self._pages.read(page, language)

    async def _page(self, address: str) -> Fetched:
        """The page at the address. Of a recording the beginning is enough: many servers do not say what they send."""
        if not named_like_media(address):
            return await get(self._fetcher, address)
        page = await get(self._fetcher, address, headers=_BEGINNING)
        cut = page.status == _PARTIAL and kind_of(page) is not Kind.MEDIA
        return await get(self._fetcher, address) if cut else page

    async def _recording(self, page: Fetched, language: str | None) -> tuple[Source, Transcript]:
        title = readable(name_of(page.url))
        transcript = await self._recordings.transcribe(page.url, title, language)
        source = Source(
            id=content_id("url", page.url),
            kind=SourceKind.MEDIA,
            url=page.url,
            title=title,
            duration_seconds=transcript.duration,
            language=transcript.language,
        )
        return source, transcript


def is_web_address(address: str) -> bool:
    """Whether it begins with http:// or https:// and names a host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() in _SCHEMES and bool(parts.netloc)


async def _given(page: Fetched, language: str | None) -> tuple[Source, Transcript]:
    parsed = await run_sync(parse, page.body, name_of(page.url), charset_of(page))
    # Whoever publishes at the address vouches for the words, as for a page's own transcript.
    origin = Origin.ARTICLE if parsed.is_written else Origin.PUBLISHER
    transcript = transcript_of(parsed, origin, asked=language)
    source = Source(
        id=content_id("url", page.url),
        kind=parsed.kind,
        url=page.url,
        title=parsed.title or readable(name_of(page.url)),
        author=parsed.author,
        published_at=parsed.published_at,
        duration_seconds=transcript.duration,
        language=transcript.language,
    )
    return source, transcript
