"""What a line of a list stands for: one source, or the first of a playlist's or a feed's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from anyio.from_thread import start_blocking_portal

from autointel.app.network import NetworkAccess
from autointel.app.sources import is_address, videos_of
from autointel.domain.run import Options
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.sources.youtube.session import MakeDownloader

PLAYLIST: Final = 10
"""How many of a playlist are read where no limit is given."""
_LISTS: Final = re.compile(r"/(?:playlist$|@[^/]+|channel/|c/|user/)")


@dataclass(frozen=True)
class Entry:
    """One source; ``episode`` is the guid of a feed's."""

    address: str
    episode: str | None = None


def expand(settings: Settings, options: Options, limit: int | None, make: MakeDownloader | None = None) -> list[Entry]:
    """What ``options.source`` stands for. A feed is expanded only where a ``limit`` says that more than one is wanted.

    Blocks. Raises what asking for it raises.
    """
    if not is_address(options.source):
        return [Entry(options.source)]
    with start_blocking_portal() as portal:
        return portal.call(_expanded, settings, options, limit, make)


async def _expanded(
    settings: Settings, options: Options, limit: int | None, make: MakeDownloader | None
) -> list[Entry]:
    outside = NetworkAccess(settings, offline=options.offline, proxy=options.acquisition.proxy)
    try:
        if is_playlist(options.source):
            videos = videos_of(options, outside, make=make)
            return [Entry(url) for url in await videos.expand(options.source, limit or PLAYLIST)]
        if limit is not None and limit > 1:
            return await _episodes(options.source, outside, limit)
    finally:
        await outside.close()
    return [Entry(options.source)]


def is_playlist(address: str) -> bool:
    """Whether the address is of a list on YouTube; one video out of a list is one video."""
    from autointel.adapters.sources.youtube.video import is_youtube

    if not is_youtube(address):
        return False
    parts = urlsplit(address)
    named = parse_qs(parts.query)
    return bool(_LISTS.match(parts.path)) or (
        "list" in named and "v" not in named and parts.path in {"", "/", "/watch"}
    )


async def _episodes(address: str, outside: NetworkAccess, limit: int) -> list[Entry]:
    from anyio.to_thread import run_sync

    from autointel.adapters.sources.podcasts.feed import parse_feed
    from autointel.adapters.sources.web.get import get
    from autointel.adapters.sources.web.kind import Kind, kind_of
    from autointel.adapters.sources.youtube.video import is_youtube

    if is_youtube(address):
        return [Entry(address)]
    page = await get(outside.fetcher, address)
    if kind_of(page) is not Kind.FEED:
        return [Entry(address)]
    feed = await run_sync(parse_feed, page.body, page.url)
    return [Entry(address, episode.guid) for episode in feed.episodes[:limit]]
