"""A watch: what it follows (feeds, channels, pages), and the digest of what is new.

What is new goes on the watch's queue; the digest goes to files, to a command and to a webhook.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import anyio
from anyio.to_thread import run_sync

from autointel.adapters.home import write_whole
from autointel.adapters.sources.podcasts.feed import Episode, Feed, parse_feed
from autointel.adapters.sources.web.get import Kind, get, kind_of
from autointel.app.batches import is_playlist
from autointel.app.caches import ConditionalFetcher
from autointel.app.job_queue import Worker
from autointel.app.library import reports_of
from autointel.app.run_context import NetworkAccess, is_loopback
from autointel.app.sources import is_address, source_of, videos_of
from autointel.domain.catalogue import Job, JobState, NewJob
from autointel.domain.run import Options
from autointel.domain.value import content_id
from autointel.errors import AutointelError, FetchFailed, SourceBlocked, UsageError
from autointel.ports import Artifacts, Fetched, Fetcher
from autointel.render.digest import FORMATS, DigestEntry, to_json_feed
from autointel.settings import Settings

_AT_ONCE: Final = 8
"""Addresses asked at once."""
_CHANNEL: Final = 50
"""Videos of a channel that are looked at, newest first."""
_PLAYLIST: Final = 500
"""Videos of a playlist that are looked at: new ones may stand at its end."""
_PORTS: Final = {"http": 80, "https": 443}
_IN_A_FILE: Final = 100
"""Briefings in a digest that is a file, the latest first."""
_ANNOUNCED_AT_ONCE: Final = 50
"""Briefings in one call of a command or webhook."""
_COMMAND_SECONDS: Final = 60.0  # a command that takes longer is ended
_OK: Final = range(200, 300)


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
        answers = ConditionalFetcher(outside.fetcher, address)
        if known and await answers.unchanged(known):
            return 0
        page = await get(answers, address)
        tag = answers.tag
        answers.give_back(page)
        found = await _entries(page, answers, outside, options)
    found = [job for job in found if may_be_named(outside, address, job.source)]
    return await run_sync(_put, worker, address, found, tag, extent)


async def _entries(page: Fetched, fetcher: Fetcher, outside: NetworkAccess, options: Options) -> list[NewJob]:
    """What stands at the address, the newest first: the entries of a feed, or the page itself."""
    if kind_of(page) is Kind.FEED:
        return entries_of(await run_sync(parse_feed, page.body, page.url), options.source)
    reader = source_of(options, outside, None, fetcher=fetcher)
    _, transcript = await reader.fetch(options.source, options.language)
    # A page is known by its words, not by its bytes: those change with every advertisement.
    key = content_id("words", options.source, "\n".join(segment.text for segment in transcript.segments))
    return [NewJob(source=options.source, keys=(key,), refresh=True)]


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


@dataclass(frozen=True)
class Delivery:
    """Where digests go. A command gets the JSON Feed on its standard input, a webhook as the body of a POST."""

    files: tuple[Path, ...] = ()
    command: str | None = None
    webhook: str | None = None

    @property
    def calls(self) -> bool:
        """Whether anybody is called with what is new; a file is written as a whole each time."""
        return self.command is not None or self.webhook is not None


def refuse_undeliverable(settings: Settings, delivery: Delivery) -> None:
    """Raise UsageError for what could never be delivered."""
    for path in delivery.files:
        if path.suffix.lower() not in FORMATS:
            raise UsageError(f"{path} has no ending of a digest.", f"End it with {', '.join(FORMATS)}.")
    if delivery.command is not None and not _arguments(delivery.command):
        raise UsageError("The command is empty.", "Name a program, with its arguments.")
    if delivery.webhook is not None and not _may_be_called(settings, delivery.webhook):
        raise UsageError(
            f"The webhook {delivery.webhook} is neither on this machine nor allow-listed.",
            "Name its host in AUTOINTEL_FETCH__ALLOW_HOSTS as host:port.",
        )


def _arguments(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise UsageError(f"The command cannot be parsed: {error}.", "Close its quotes.") from error


def _may_be_called(settings: Settings, url: str) -> bool:
    try:
        return urlsplit(url).scheme in _PORTS and NetworkAccess(settings, offline=True).may_ask(url)
    except ValueError:  # no address at all
        return False


def deliver(settings: Settings, worker: Worker, delivery: Delivery) -> list[AutointelError]:
    """Bring files up to date and announce what nobody has announced; what failed, which the next call repeats. Blocks.

    A call that is interrupted by kill -9 between its delivery and its note is repeated: an item is known by its id.
    Raises HomeUnusable where the catalogue cannot be used.
    """
    failures = [] if not delivery.files else list(_write(worker, delivery.files))
    while delivery.calls and (jobs := worker.queue.announce(worker.name, _ANNOUNCED_AT_ONCE)):
        delivered = False
        try:
            _call(settings, delivery, list(entries(worker.artifacts, jobs)))
            delivered = True
        except AutointelError as error:
            failures.append(error)
            return failures
        finally:
            worker.queue.announced(worker.name, delivered=delivered)
    return failures


def entries(artifacts: Artifacts, jobs: Sequence[Job]) -> Iterator[DigestEntry]:
    """The entries of these jobs; one whose report is gone or from another version is left out."""
    return (DigestEntry.of(report) for _, report in reports_of(artifacts, jobs))


def _write(worker: Worker, files: Sequence[Path]) -> Iterator[AutointelError]:
    latest = list(entries(worker.artifacts, worker.queue.briefed(_IN_A_FILE)))
    for path in files:
        try:
            write_whole(path.absolute(), FORMATS[path.suffix.lower()](latest).encode())
        except AutointelError as error:
            yield error


def _call(settings: Settings, delivery: Delivery, new: Sequence[DigestEntry]) -> None:
    if not new:
        return
    feed = to_json_feed(new).encode()
    if delivery.command is not None:
        _run(delivery.command, feed)
    if delivery.webhook is not None:
        anyio.run(_post, settings, delivery.webhook, feed)


def _run(command: str, feed: bytes) -> None:
    """Without a shell. Its output goes where ours does not: both of our streams belong to the watch."""
    try:
        ended = subprocess.run(  # noqa: S603  the user's own command
            _arguments(command), input=feed, capture_output=True, timeout=_COMMAND_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AutointelError(f"The command {command} could not be run: {error}.", "Check it by hand.") from error
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        why = f": {said[-1]}" if said else ""
        raise AutointelError(f"The command {command} ended with {ended.returncode}{why}.", "Check it by hand.")


async def _post(settings: Settings, url: str, feed: bytes) -> None:
    from autointel.adapters.fetch.addresses import AddressRule
    from autointel.adapters.fetch.fetcher import SafeFetcher

    own = [*settings.fetch.allow_hosts, *([url] if is_loopback(urlsplit(url).hostname or "") else [])]
    fetcher = SafeFetcher(AddressRule.of(own, offline=True))
    try:
        answer = await fetcher.fetch(url, headers={"content-type": "application/feed+json"}, body=feed)
    except (FetchFailed, SourceBlocked) as error:
        raise AutointelError(f"The webhook could not be called: {error.message}", error.hint) from error
    finally:
        await fetcher.close()
    if answer.status not in _OK:
        raise AutointelError(f"The webhook answered {answer.status}.", "Check its address.")
