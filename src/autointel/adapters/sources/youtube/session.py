"""yt-dlp as a library, quiet, configured by nothing but us, and with its warnings kept."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from autointel.adapters.sources.youtube.failures import explained, said_in
from autointel.errors import AutointelError, NoTranscript

_SECONDS: Final = 20
_LARGEST_CAPTIONS: Final = 20_000_000  # bytes

MakeDownloader = Callable[[Mapping[str, Any]], Any]
"""Options to a ``yt_dlp.YoutubeDL``."""

Guard = Callable[[str], AbstractContextManager[None]]
"""Within it, this thread's connections keep to the rule for what the page at an address names."""


def youtube_dl(options: Mapping[str, Any]) -> Any:
    """The real one; its import takes half a second."""
    from yt_dlp import YoutubeDL

    return YoutubeDL(dict(options))


@dataclass(frozen=True)
class Access:
    """How a user may be let in: their browser's cookies by its name, a cookie file, a proxy."""

    cookies_from_browser: str | None = None
    cookies: Path | None = None
    proxy: str | None = None


@dataclass
class Warnings:
    """What yt-dlp says on the way; it takes this for a logger."""

    lines: list[str] = field(default_factory=list)

    def debug(self, message: str) -> None:
        """Not kept."""

    def warning(self, message: str) -> None:
        """Kept: the reason for an empty result is often only here."""
        self.lines.append(message)

    def error(self, message: str) -> None:
        """Raised as well, so not kept."""


class Session:
    """One look at one page, in the thread it is made in. ``warnings`` fill as it goes."""

    def __init__(
        self,
        make: MakeDownloader,
        guard: Callable[[], AbstractContextManager[None]],
        access: Access,
        options: Mapping[str, Any],
    ) -> None:
        self.warnings: list[str] = []
        self._guard = guard
        logger = Warnings(self.warnings)
        self._downloader = self._try(lambda: make({**_options(access), "logger": logger, **options}))

    def look(self, url: str) -> dict[str, Any]:
        """What yt-dlp knows of the page. Raises what ``explained`` makes of a failure, and SourceBlocked."""
        info = self._try(lambda: self._downloader.sanitize_info(self._downloader.extract_info(url, download=False)))
        if not isinstance(info, dict):
            raise NoTranscript("No recording was found on the page.", "Give the page of one recording.")
        # Without formats yt-dlp goes on, and only warns of the reason.
        reason = said_in(self.warnings)
        if reason is not None and not info.get("formats"):
            raise reason
        return info

    def captions(self, url: str) -> bytes:
        """A track, through yt-dlp's own connection: some sites give it only to whom they gave the page."""
        return bytes(self._try(lambda: self._downloader.urlopen(url).read(_LARGEST_CAPTIONS)))

    def download(self, url: str) -> dict[str, Any]:
        """The recording itself, to where the options say."""
        return dict(self._try(lambda: self._downloader.extract_info(url, download=True)))

    def close(self) -> None:
        """Let its connections go. Whatever failed has failed before, and been told."""
        with suppress(Exception):
            self._downloader.close()

    def _try(self, action: Callable[[], Any]) -> Any:
        with self._guard():
            try:
                return action()
            except AutointelError:
                raise
            except Exception as error:  # bare RequestError, TypeError and KeyError have been seen beside its own
                raise explained(error, self.warnings) from error


def _options(access: Access) -> dict[str, Any]:
    return {
        "quiet": True,
        "noprogress": True,
        "color": "never",
        "cachedir": False,
        "skip_download": True,
        "noplaylist": True,
        "socket_timeout": _SECONDS,
        "retries": 1,
        "extractor_retries": 1,
        # Without a JavaScript runtime there are no formats, and still there are captions.
        "ignore_no_formats_error": True,
        "extract_flat": "in_playlist",
        # Nothing is written while looking; without it, captions that are withheld are passed over in silence.
        "writesubtitles": True,
        "enable_file_urls": False,
        # "" is no proxy at all, whatever the environment says.
        "proxy": access.proxy or "",
        # As text: yt-dlp writes back what the sites set, which is not ours to put into a user's file.
        "cookiefile": io.StringIO(access.cookies.read_text(encoding="utf-8")) if access.cookies else None,
        "cookiesfrombrowser": (access.cookies_from_browser, None, None, None) if access.cookies_from_browser else None,
    }
