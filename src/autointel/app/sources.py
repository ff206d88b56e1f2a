"""The source behind an address: a file, standard input, or whatever stands on the web."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.files import TranscriptFiles, read_stdin
from autointel.app.network import NetworkAccess
from autointel.domain.run import Options
from autointel.ports import Fetcher, SpeechRecogniser, TranscriptSource

if TYPE_CHECKING:
    from autointel.adapters.sources.youtube.session import MakeDownloader
    from autointel.adapters.sources.youtube.video import VideoSites

_PRIVATE: Final = 0o700


def is_address(source: str) -> bool:
    """Whether it is meant as an address on the web, not as a path; which schemes are fetched is said later."""
    return "://" in source


def source_of(
    options: Options,
    outside: NetworkAccess,
    recogniser: SpeechRecogniser | None,
    *,
    fetcher: Fetcher | None = None,
    read_input: Callable[[int], bytes] = read_stdin,
    media: Path | None = None,
    make: MakeDownloader | None = None,
) -> TranscriptSource:
    """What reads ``options.source``.

    ``fetcher`` is asked for pages in place of the run's own; ``media`` is where recordings stay, if they do;
    ``make`` makes yt-dlp's downloaders.
    """
    if not is_address(options.source):
        return TranscriptFiles(read_input, recogniser=recogniser)
    from autointel.adapters.sources.by_address import WebSource
    from autointel.adapters.sources.media import Recordings

    acquisition = options.acquisition
    keep = media if acquisition.keep_media else None
    if keep is not None:
        keep.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    return WebSource(
        fetcher or outside.fetcher,
        videos_of(options, outside, recogniser, keep=keep, make=make),
        Recordings(outside.fetcher, recogniser, keep=keep),
        episode=acquisition.episode,
        transcribe=acquisition.transcribe,
    )


def videos_of(
    options: Options,
    outside: NetworkAccess,
    recogniser: SpeechRecogniser | None = None,
    *,
    keep: Path | None = None,
    make: MakeDownloader | None = None,
) -> VideoSites:
    """yt-dlp, its connections under the run's rule."""
    from autointel.adapters.fetch.guard import guarded
    from autointel.adapters.sources.youtube.session import Access, youtube_dl
    from autointel.adapters.sources.youtube.video import VideoSites

    acquisition = options.acquisition
    return VideoSites(
        guard=lambda: guarded(outside.rule),
        access=Access(
            cookies_from_browser=acquisition.cookies_from_browser,
            cookies=acquisition.cookies,
            proxy=None if options.offline else acquisition.proxy,
        ),
        recogniser=recogniser,
        keep=keep,
        transcribe=acquisition.transcribe,
        make=make or youtube_dl,
    )
