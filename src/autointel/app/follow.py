"""Look at what a watch follows (feeds, channels, pages) and put what is new on its queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import anyio
from anyio.to_thread import run_sync

from autointel.adapters.sources.podcasts.feed import Episode, Feed, parse_feed
from autointel.adapters.sources.web.get import Kind, get, kind_of
from autointel.app.batches import is_playlist
from autointel.app.job_queue import Worker
from autointel.app.run_context import NetworkAccess
from autointel.app.sources import is_address, source_of, videos_of
from autointel.app.transcript_cache import FirstAnswer
from autointel.domain.catalogue import JobState, NewJob
from autointel.domain.run import Options
from autointel.domain.transcript import Transcript
from autointel.domain.value import content_id
from autointel.errors import AutointelError, SourceBlocked, UsageError
from autointel.ports import Fetched, Fetcher
from autointel.settings import Settings

_AT_ONCE: Final = 8
"""Addresses asked at once."""
_CHANNEL: Final = 50
"""Videos of a channel that are looked at, newest first."""
_PLAYLIST: Final = 500
"""Videos of a playlist that are looked at: new ones may stand at its end."""
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Extent:
    """``backlog``: how many entries are wanted of an address at its first look. ``most``: how many at a later one."""

    backlog: int = 1
    most: int = 20


@dataclass(frozen=True)
class Looked:
    """One look at an address: how many entries were new and are on the queue now, or why it could not be read."""

    address: str
    new: int = 0
    failure: AutointelError | None = None


def look(
    settings: Settings, worker: Worker, addresses: Sequence[str], options: Options, extent: Extent
) -> list[Looked]:
    """Look at every address once. An address that cannot be read stops no other. Blocks.

    Raises UsageError for what cannot be followed, HomeUnusable.
    """
    for address in addresses:
        if not is_address(address):
            raise UsageError(f"{address} cannot be followed.", "Give the address of a feed, a channel or a page.")
    return anyio.run(_look_at_all, settings, worker, addresses, options, extent)


async def _look_at_all(
    settings: Settings, worker: Worker, addresses: Sequence[str], options: Options, extent: Extent
) -> list[Looked]:
    looked: dict[str, Looked] = {}
    outside = NetworkAccess(settings, offline=options.offline)
    limiter = anyio.CapacityLimiter(_AT_ONCE)

    async def one(address: str) -> None:
        async with limiter:
            try:
                new = await _look_at(outside, worker, options.model_copy(update={"source": address}), extent)
                looked[address] = Looked(address, new)
            except AutointelError as error:
                looked[address] = Looked(address, failure=error)

    try:
        async with anyio.create_task_group() as tasks:
            for address in addresses:
                tasks.start_soon(one, address)
    finally:
        await outside.close()
    return [looked[address] for address in addresses]


async def _look_at(outside: NetworkAccess, worker: Worker, options: Options, extent: Extent) -> int:
    address = options.source
    known = await run_sync(worker.followed.tag, address)
    if is_playlist(address):
        many = _PLAYLIST if "list=" in address else _CHANNEL
        videos = await videos_of(options, outside).expand(address, many)
        found, tag = [NewJob(source=url, keys=(content_id("page", url),)) for url in videos], {}
    else:
        answers = FirstAnswer(outside.fetcher, address)
        if known and await answers.unchanged(known):
            return 0
        page = await get(answers, address)
        found, tag = await _entries(page, outside, options), answers.tag
    found = [job for job in found if may_be_named(outside, address, job.source)]
    return await run_sync(_put, worker, address, found, tag, extent)


async def _entries(page: Fetched, outside: NetworkAccess, options: Options) -> list[NewJob]:
    """What stands at the address, the newest first: the entries of a feed, or the page itself."""
    if kind_of(page) is Kind.FEED:
        return entries_of(await run_sync(parse_feed, page.body, page.url), options.source)
    reader = source_of(options, outside, None, fetcher=_Had(page, options.source, outside.fetcher))
    _, transcript = await reader.fetch(options.source, options.language)
    # A page is known by its words, not by its bytes: those change with every advertisement.
    key = content_id("words", options.source, _words(transcript))
    return [NewJob(source=options.source, keys=(key,), refresh=True)]


def _words(transcript: Transcript) -> str:
    return "\n".join(segment.text for segment in transcript.segments)


def entries_of(feed: Feed, address: str) -> list[NewJob]:
    """The entries of a feed that can be briefed, the newest first: a recording by its guid, an article by its page."""
    return [job for episode in feed.episodes if (job := _entry(episode, feed, address)) is not None]


def _entry(episode: Episode, feed: Feed, address: str) -> NewJob | None:
    # A guid that is an address is one in every feed; any other is the feed's own.
    of_itself = episode.guid.startswith(("http://", "https://"))
    keys = [content_id("guid", episode.guid) if of_itself else content_id("guid", feed.url, episode.guid)]
    if episode.audible:
        keys += [content_id("sound", episode.sound)] if episode.sound else []
        return NewJob(source=address, episode=episode.guid, keys=tuple(keys))
    if not episode.page:
        return None
    keys.append(content_id("page", episode.page))
    return NewJob(source=episode.page, keys=tuple(keys))


def may_be_named(outside: NetworkAccess, address: str, source: str) -> bool:
    """Whether what stands at ``address`` may name this source: no stranger leads to a host of the user's own."""
    if source == address:
        return True
    try:
        parts = urlsplit(source)
        outside.rule_of_page(address).check_name(parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0))
    except (SourceBlocked, ValueError):
        return False
    return parts.scheme in _PORTS


def _put(worker: Worker, address: str, found: Sequence[NewJob], tag: Mapping[str, str], extent: Extent) -> int:
    """Put what is new on the queue, the oldest first. Only then the address counts as read, so a crash repeats it."""
    if worker.followed.tag(address) is None:
        wanted, left = found[: extent.backlog], found[extent.backlog :]
        worker.queue.add(reversed(left), JobState.PASSED_OVER)
        new = worker.queue.add(reversed(wanted))
        worker.followed.note(address, tag)
        return new
    known = worker.queue.known([key for job in found for key in job.keys])
    unknown = [job for job in reversed(found) if known.isdisjoint(job.keys)]
    new = worker.queue.add(unknown[: extent.most])
    # With entries left for the next look, the server must not say then that nothing has changed.
    worker.followed.note(address, tag if len(unknown) <= extent.most else {})
    return new


class _Had(Fetcher):
    """Fetches as another does, but hands out the page that was fetched already when it is asked for first."""

    def __init__(self, page: Fetched, address: str, fetcher: Fetcher) -> None:
        self._pages = {address: page}
        self._fetcher = fetcher

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        named_by: str | None = None,
    ) -> Fetched:
        """See Fetcher."""
        had = self._pages.pop(url, None)
        return had or await self._fetcher.fetch(url, headers=headers, body=body, named_by=named_by)
