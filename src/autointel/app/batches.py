"""The sources of a batch: files, addresses, playlists and feeds, taken apart into single sources; batches by id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from autointel.app.misspelt import did_you_mean
from autointel.app.run_context import NetworkAccess, event_loop
from autointel.app.sources import is_address, videos_of, with_scheme
from autointel.app.stores import opened_home
from autointel.domain.catalogue import JobState, NewJob, printable
from autointel.domain.run import Options
from autointel.domain.value import content_id
from autointel.errors import AutointelError, SourceUnreachable, UsageError
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.sources.youtube.session import MakeDownloader

PLAYLIST_LIMIT: Final = 10
"""How many videos of a playlist are read where no limit is given."""
_LISTS: Final = re.compile(r"/(?:playlist$|@[^/]+|channel/|c/|user/)")


@dataclass(frozen=True)
class Entry:
    """One source; ``episode`` is the guid of a feed's."""

    address: str
    episode: str | None = None


def entries_of(
    settings: Settings, options: Options, limit: int | None, make_downloader: MakeDownloader | None = None
) -> list[Entry]:
    """The single sources that ``options.source`` stands for. A feed counts as one unless ``limit`` is above one.

    Blocks. Raises AutointelError where a playlist or a feed cannot be read.
    """
    if not is_address(options.source):
        return [Entry(options.source)]
    with event_loop() as portal:
        return portal.call(_entries_online, settings, options, limit, make_downloader)


async def _entries_online(
    settings: Settings, options: Options, limit: int | None, make_downloader: MakeDownloader | None
) -> list[Entry]:
    outside = NetworkAccess(settings, offline=options.offline, proxy=options.acquisition.proxy)
    try:
        if is_playlist(options.source):
            videos = videos_of(options, outside, make=make_downloader)
            return [Entry(url) for url in await videos.expand(options.source, limit or PLAYLIST_LIMIT)]
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
    from autointel.adapters.sources.web.get import Kind, get, kind_of
    from autointel.adapters.sources.youtube.video import is_youtube

    if is_youtube(address):
        return [Entry(address)]
    page = await get(outside.fetcher, address)
    if kind_of(page) is not Kind.FEED:
        return [Entry(address)]
    feed = await run_sync(parse_feed, page.body, page.url)
    return [Entry(address, episode.guid) for episode in feed.episodes[:limit]]


@dataclass(frozen=True)
class BatchSources:
    """The single sources of a batch, and the lists that could not be read, each with its error."""

    jobs: tuple[NewJob, ...]
    failures: tuple[tuple[str, AutointelError], ...]

    @property
    def failed(self) -> int:
        """The number of lists that could not be read."""
        return len(self.failures)


def sources_of_batch(settings: Settings, options: Options, named: Sequence[str], limit: int | None) -> BatchSources:
    """Every single source of the files, addresses, feeds, playlists, channels and folders that are named. Blocks.

    A list that cannot be read becomes one of ``failures``. Raises UsageError for standard input and wrong options.
    """
    jobs: list[NewJob] = []
    failures: list[tuple[str, AutointelError]] = []
    for name in named:
        try:
            jobs += [_job(entry) for entry in _named_entries(settings, options, name, limit)]
        except UsageError:
            raise
        except AutointelError as error:
            failures.append((name, error))
    return BatchSources(tuple(jobs), tuple(failures))


def _named_entries(settings: Settings, options: Options, name: str, limit: int | None) -> list[Entry]:
    if name == "-":
        raise UsageError("Standard input is no source of a batch.", "Save it to a file, or use autointel run -.")
    if not is_address(with_scheme(name)) and Path(name).is_dir():
        return [Entry(str(path)) for path in files_in(Path(name))]
    source = with_scheme(name) if is_address(with_scheme(name)) else str(Path(name).absolute())
    return entries_of(settings, options.model_copy(update={"source": source}), limit)


def files_in(folder: Path) -> list[Path]:
    """All files below a folder in the order of their names, as absolute paths; hidden ones are left out.

    Raises SourceUnreachable for a folder without any, or one that cannot be read.
    """
    try:
        found = sorted(path for path in _walk(folder.absolute()) if path.is_file())
    except OSError as error:
        raise SourceUnreachable(f"{folder} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if not found:
        raise SourceUnreachable(f"The folder {folder} holds no file.", "Name another folder.")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """Links to folders are not followed: they may lead back."""
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        else:
            yield path


def _job(entry: Entry) -> NewJob:
    # One file by two paths is one source.
    same = entry.address if is_address(entry.address) else str(Path(entry.address).resolve())
    return NewJob(
        source=entry.address, episode=entry.episode, keys=(content_id("batch", printable(same), entry.episode or ""),)
    )


def find_batch(settings: Settings, batch_id: str) -> tuple[str, str]:
    """The whole id of the batch that begins so, and the request of its runs as JSON. Raises UsageError."""
    with opened_home(settings) as (_, catalogue):
        found = catalogue.batches.find(batch_id)
        request = None if found is None else catalogue.batches.request(found)
        meant = did_you_mean(batch_id, catalogue.batches.counts()) if request is None else ""
    if found is None or request is None:
        message = f"There is no batch {batch_id}, or more than one begins so."
        raise UsageError(message, f"{meant}autointel batch lists them.")
    return found, request


def known_batches(settings: Settings) -> list[tuple[str, dict[JobState, int]]]:
    """Every batch, the newest first, with its sources by state."""
    with opened_home(settings) as (_, catalogue):
        return list(catalogue.batches.counts().items())
