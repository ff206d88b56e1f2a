"""A source by its address, as a person would paste it.

The publisher's own transcript comes before captions, captions before speech recognition. The content that an address
returns decides what it is, and not how the address looks. A page's ways to its words are tried in order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from anyio.to_thread import run_sync

from autointel.adapters.sources.decode import decode
from autointel.adapters.sources.draft import Cue, Draft, Parsed
from autointel.adapters.sources.files import Recordings, readable
from autointel.adapters.sources.markup import clean, one_line
from autointel.adapters.sources.normalise import segments_of
from autointel.adapters.sources.parse import parse
from autointel.adapters.sources.podcasts.episode import Podcasts, in_order, transcript_of
from autointel.adapters.sources.podcasts.feed import Episode, Feed, parse_feed
from autointel.adapters.sources.web.articles import Facts, facts, parse_article
from autointel.adapters.sources.web.get import Kind, charset_of, first_readable, get, kind_of, name_of, named_like_media
from autointel.adapters.sources.web.page import Link, Recorded, inspect
from autointel.adapters.sources.youtube.video import is_youtube
from autointel.domain.transcript import Origin, Source, SourceKind, Transcript, word_count
from autointel.domain.value import content_id
from autointel.errors import AutointelError, NoTranscript, SourceUnreachable
from autointel.ports import Fetched, Fetcher, TranscriptSource

Found = tuple[Source, Transcript]
_SCHEMES: Final = frozenset({"http", "https"})
# Of a recording the head is enough.
_BEGINNING: Final = {"range": "bytes=0-4095"}
_PARTIAL: Final = 206
# Fewer words beside a recording are a note on it; more are an article with a recording in it.
_ARTICLE_WORDS: Final = 250
_SPOKEN_WORDS: Final = 50
_MOST_FEEDS: Final = 3
_SHOWN: Final = 5
# One recording's transcripts differ in format and language: "talk.en.vtt", "talk_de.srt", "talk-transcript.vtt".
_FORMAT: Final = re.compile(
    r"(?:[._-](?:[a-z]{2,3}(?:-[a-z]{2,4})?|captions?|subtitles?|transcript|auto|sdh|cc))+\Z", re.IGNORECASE
)
_NOTHING_TO_READ: Final = (
    "The page holds no article text; it may need JavaScript or a subscription.",
    "Open it in a browser, save its text to a file, and pass that file.",
)
_NOTHING_TO_HEAR: Final = (
    "The page names no recording to listen to.",
    "Leave --transcribe away to read its text, or give the audio file.",
)


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


def is_web_address(address: str) -> bool:
    """Whether it begins with http:// or https:// and names a host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() in _SCHEMES and bool(parts.netloc)


class Pages:
    """A page with a recording on it, or an article."""

    def __init__(
        self,
        fetcher: Fetcher,
        videos: TranscriptSource,
        podcasts: Podcasts,
        recordings: Recordings,
        *,
        transcribe: bool = False,
    ) -> None:
        self._fetcher = fetcher
        self._videos = videos
        self._podcasts = podcasts
        self._recordings = recordings
        self._transcribe = transcribe

    async def read(self, page: Fetched, language: str | None) -> Found:
        """Raises NoTranscript, SourceBlocked, SourceUnreachable: of the way that came nearest."""
        page, warnings = await run_sync(_in_utf8, page)
        source, transcript = await self._read(page, language)
        return source, transcript.model_copy(update={"warnings": (*warnings, *transcript.warnings)})

    async def _read(self, page: Fetched, language: str | None) -> Found:
        recorded = await run_sync(inspect, page.body, page.url)
        article = await run_sync(_article, page)
        if not self._transcribe:
            found = await self._published(page, recorded, article, language)
            if found is not None:
                return found
        return await self._recorded(page, recorded, article, language)

    async def _published(
        self, page: Fetched, recorded: Recorded, article: Parsed | NoTranscript, language: str | None
    ) -> Found | None:
        """What the page has written down itself."""
        if isinstance(article, Parsed) and recorded.is_article and not recorded.is_podcast and _is_long(article):
            return await self._as_article(page, recorded, article, language)
        parsed, spoken_in = await self._linked(page, recorded, article, language)
        if parsed is None:
            parsed, spoken_in = _spoken(recorded), recorded.language
        if parsed is None:
            return None
        about = await run_sync(facts, page.body, page.url)
        transcript = transcript_of(parsed, Origin.PUBLISHER, asked=language, declared=spoken_in)
        return _source(page, recorded, about, transcript), transcript

    async def _linked(
        self, page: Fetched, recorded: Recorded, article: Parsed | NoTranscript, language: str | None
    ) -> tuple[Parsed | None, str | None]:
        """The words of a transcript that the page links, and the language declared for them.

        Raises NoTranscript where the page lists the transcripts of several recordings.
        """
        links = _of_one_recording(recorded, page.url)
        if not links and recorded.transcripts and not _is_long(article):
            shown = "; ".join(link.url for link in recorded.transcripts[:_SHOWN])
            raise NoTranscript(
                f"The page links transcripts of several recordings ({len(recorded.transcripts)} files).",
                f"Give the address of one: {shown}.",
            )
        found, _ = await first_readable(
            in_order(links, language or recorded.language), partial(self._transcript, named_by=page.url)
        )
        return (found[1], found[0].language or recorded.language) if found else (None, None)

    async def _transcript(self, link: Link, named_by: str) -> Parsed:
        linked = await get(self._fetcher, link.url, named_by=named_by)
        if kind_of(linked) is not Kind.TRANSCRIPT:
            raise NoTranscript(f"{name_of(linked.url)} is no transcript.", "Give the address of one.")
        return await run_sync(parse, linked.body, name_of(linked.url), charset_of(linked))

    async def _recorded(
        self, page: Fetched, recorded: Recorded, article: Parsed | NoTranscript, language: str | None
    ) -> Found:
        """A recording that the page leads to; an article where there is none."""
        feed_episode = await self._episode(page, recorded)
        if feed_episode is not None:
            return await self._podcasts.read(*feed_episode, page.url, language)
        failure: AutointelError | None = None
        # An article's embedded clips are not what it is about.
        if recorded.is_video or (recorded.embedded and not _is_long(article)):
            for address in _videos(page, recorded):
                try:
                    return await self._videos.fetch(address, language)
                except (NoTranscript, SourceUnreachable) as error:
                    failure = failure or error
        # What stands beside a video that could not be had is no article about it, unless it says that it is one.
        beside = recorded.media or (failure is not None and not recorded.is_article)
        if isinstance(article, Parsed) and not self._transcribe and (_is_long(article) or not beside):
            return await self._as_article(page, recorded, article, language)
        if recorded.media:
            return await self._listen(page, recorded, language)
        if failure is None and isinstance(article, NoTranscript) and not self._transcribe:
            raise article
        raise failure or NoTranscript(*(_NOTHING_TO_HEAR if self._transcribe else _NOTHING_TO_READ))

    async def _episode(self, page: Fetched, recorded: Recorded) -> tuple[Feed, Episode] | None:
        """The episode that this page is about, in one of the feeds it names."""
        if not (recorded.is_podcast or recorded.media):
            return None
        for url in recorded.feeds[:_MOST_FEEDS]:
            try:
                fetched = await get(self._fetcher, url, named_by=page.url)
                feed = await run_sync(parse_feed, fetched.body, fetched.url)
            except (SourceUnreachable, NoTranscript):
                continue
            episode = _about(feed.episodes, recorded)
            if episode is not None:
                return feed, episode
        return None

    async def _listen(self, page: Fetched, recorded: Recorded, language: str | None) -> Found:
        about = await run_sync(facts, page.body, page.url)
        title = about.title or recorded.title or name_of(page.url)
        transcript = await self._recordings.transcribe(recorded.media[0], title, language, named_by=page.url)
        return _source(page, recorded, about, transcript), transcript

    async def _as_article(self, page: Fetched, recorded: Recorded, article: Parsed, language: str | None) -> Found:
        about = Facts(article.title, article.author, article.published_at)
        transcript = transcript_of(article, Origin.ARTICLE, asked=language, declared=recorded.language)
        source = _source(page, recorded, about, transcript)
        return source.model_copy(update={"kind": SourceKind.ARTICLE}), transcript


def _in_utf8(page: Fetched) -> tuple[Fetched, list[str]]:
    """The page in UTF-8, whatever its server, the page itself or its letters say it is in."""
    text, warnings = decode(page.body, name_of(page.url), charset_of(page))
    return page.model_copy(update={"body": text.encode("utf-8", "replace")}), warnings


def _article(page: Fetched) -> Parsed | NoTranscript:
    """The article, or the reason why the page holds none."""
    try:
        return parse_article(page.body, page.url)
    except NoTranscript as reason:
        return reason


def _is_long(article: Parsed | NoTranscript) -> bool:
    return (
        isinstance(article, Parsed) and sum(word_count(segment.text) for segment in article.segments) >= _ARTICLE_WORDS
    )


def _spoken(recorded: Recorded) -> Parsed | None:
    """The transcript that some pages carry in their structured data, by its lines."""
    lines = [clean(line).strip() for line in (recorded.spoken_text or "").splitlines()]
    draft = Draft(SourceKind.VIDEO, [Cue(None, None, [line]) for line in lines if line])
    segments, _ = segments_of(draft)
    if sum(word_count(segment.text) for segment in segments) < _SPOKEN_WORDS:
        return None
    return Parsed(kind=SourceKind.VIDEO, segments=segments)


def _source(page: Fetched, recorded: Recorded, about: Facts, transcript: Transcript) -> Source:
    return Source(
        id=content_id("url", page.url),
        kind=SourceKind.PODCAST if recorded.is_podcast else SourceKind.VIDEO,
        url=page.url,
        title=about.title or recorded.title or name_of(page.url),
        author=about.author,
        published_at=about.published_at,
        duration_seconds=transcript.duration,
        language=transcript.language,
    )


def _of_one_recording(recorded: Recorded, url: str) -> list[Link]:
    """The transcripts that the page links, if they are of one recording, or those that bear the page's own name."""
    by_recording: dict[int | str, list[Link]] = {}
    for link in recorded.transcripts:
        by_recording.setdefault(link.player or _stem(link.url), []).append(link)
    if len(by_recording) == 1:
        return recorded.transcripts
    own = {_stem(address) for address in (url, *recorded.media)}
    return [link for recording, links in by_recording.items() if recording in own for link in links]


def _stem(url: str) -> str:
    """The name that the transcripts of a recording share; their folder where they are named by language alone."""
    folder, _, name = urlsplit(url).path.lower().rpartition("/")
    base, _, extension = name.rpartition(".")
    stem = _FORMAT.sub("", f".{base or extension}").removeprefix(".")
    return stem or folder


def _videos(page: Fetched, recorded: Recorded) -> list[str]:
    """Addresses to try, nearest first."""
    known = [address for address in recorded.embedded if is_youtube(address)]
    return [page.url, *known[:1]] if recorded.is_video else known[:1]


def _about(episodes: Sequence[Episode], recorded: Recorded) -> Episode | None:
    addresses = {_plain(address) for address in recorded.addresses}
    sounds = {_plain(address) for address in recorded.media}
    by_page = (episode for episode in episodes if episode.page and _plain(episode.page) in addresses)
    by_sound = (episode for episode in episodes if episode.sound and _plain(episode.sound) in sounds)
    return next(by_page, None) or next(by_sound, None)


def _plain(address: str) -> str:
    return address.partition("#")[0].partition("?")[0].rstrip("/").partition("://")[2]
