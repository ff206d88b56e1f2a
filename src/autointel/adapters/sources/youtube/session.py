"""yt-dlp as a library, quiet, configured by nothing but us, and with its warnings kept.

Its failures are told as what they mean for the person who pasted the link: what it is, and what to do next. The sites'
own words arrive in the text of errors and warnings; statuses and types are used where there are any.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from autointel.adapters.sources.markup import one_line
from autointel.errors import AutointelError, NoTranscript, SourceBlocked, SourceUnreachable, UsageError
from autointel.extensions import how_to_upgrade

MakeDownloader = Callable[[Mapping[str, Any]], Any]
"""Options to a ``yt_dlp.YoutubeDL``."""
Guard = Callable[[str], AbstractContextManager[None]]
"""Within it, this thread's connections keep to the rule for what the page at an address names."""
_SOCKET_SECONDS: Final = 20
_LARGEST_CAPTIONS: Final = 20_000_000  # bytes
_COOKIES: Final = "Sign in with a browser and add --cookies-from-browser NAME, or pass --cookies FILE."
_UPGRADE: Final = f"Upgrade it ({how_to_upgrade('yt-dlp')}) and try again; sites change often."
# What yt-dlp writes around the site's own words: its extractor before them, advice behind.
_PREFIX: Final = re.compile(r"^(?:ERROR: )?(?:\[[\w:+ -]+\] )?(?:[\w-]{5,}: )?")
_ADVICE: Final = re.compile(r"(?:; please report this issue on|Use --|You might want to use|\(caused by).*", re.DOTALL)
# Warnings about some of a video's formats, which say nothing of the video.
_TECHNICAL: Final = re.compile(r"\bformats? |po.?token|javascript|challenge|player response|data sync", re.IGNORECASE)


@dataclass(frozen=True)
class Failure:
    """One thing that can be wrong, and the pattern that tells it."""

    pattern: re.Pattern[str]
    kind: type[AutointelError]
    message: str
    hint: str

    def error(self) -> AutointelError:
        """To be raised."""
        return self.kind(self.message, self.hint)


def _failure(pattern: str, kind: type[AutointelError], message: str, hint: str) -> Failure:
    return Failure(re.compile(pattern, re.IGNORECASE), kind, message, hint)


_ABROAD: Final = _failure(
    r"not (?:made this video )?available (?:in|from) your (?:country|location|region)|geo.?restrict",
    SourceBlocked,
    "The video may not be seen from this country.",
    "Use a connection in another country, for example with --proxy URL.",
)
UPCOMING: Final = _failure(
    r"live event will begin|premieres? in|premiere will begin|has not started|not yet (?:started|available)",
    SourceUnreachable,
    "The video has not been broadcast yet.",
    "Try again after it has ended; captions appear some hours later.",
)
LIVE: Final = _failure(
    "is live now",
    SourceUnreachable,
    "The video is live now.",
    "Try again after it has ended; captions appear some hours later.",
)
NO_JAVASCRIPT: Final = _failure(
    "no supported javascript runtime",
    SourceUnreachable,
    "The site gives its recordings only to a JavaScript runtime, and none is installed.",
    "Install deno, or node 22 or newer; captions do without.",
)
WITHHELD: Final = _failure(
    "missing subtitles languages because",
    NoTranscript,
    "The site has captions and withholds them.",
    f"{_COOKIES} Or pass the captions as a file, or --transcribe.",
)
# First match wins: the more special stands first.
FAILURES: Final = (
    _failure(
        r"cookies database|unsupported browser|cookies file|failed to (?:load|decrypt) cookies",
        UsageError,
        "The cookies cannot be read.",
        "Name a browser that is used on this machine (firefox, chrome), or a cookies.txt in Netscape's format.",
    ),
    _failure(r"private video|video is private", SourceBlocked, "The video is private.", _COOKIES),
    _failure(
        r"members.only|join this channel|subscribers? (?:only|tier)|supporters only",
        SourceBlocked,
        "The video is for paying members only.",
        _COOKIES,
    ),
    _failure(
        r"confirm your age|age.restricted|inappropriate for some users|age.verification",
        SourceBlocked,
        "The video is restricted by age.",
        _COOKIES,
    ),
    _failure(
        r"not a bot|unusual traffic|ip is likely being blocked|captcha",
        SourceBlocked,
        "The site takes this machine for a robot.",
        f"{_COOKIES} Waiting some hours often helps, too.",
    ),
    _ABROAD,
    UPCOMING,
    _failure(
        r"video is drm|drm protection",
        SourceBlocked,
        "The video is protected by DRM.",
        "Look for a transcript elsewhere and pass it as a file.",
    ),
    _failure(
        r"copyright|blocked it",
        SourceBlocked,
        "The video is blocked for reasons of copyright.",
        "Look for another copy or a transcript.",
    ),
    _failure(
        r"requires payment|rent(?:al)?\b|purchase|premium (?:members|users)|paid content",
        SourceBlocked,
        "The video must be paid for.",
        _COOKIES,
    ),
    _failure(
        r"removed by the uploader|has been removed|been terminated|no longer available|video (?:is )?unavailable"
        r"|does not exist|isn't available|been deleted",
        SourceUnreachable,
        "The video is not there any more.",
        "Check the address, or look for another copy.",
    ),
    _failure(
        r"unsupported url|no video could be found|no media found",
        NoTranscript,
        "No recording was found on the page.",
        "Give the page of one recording.",
    ),
    _failure(
        r"registered users|login required|sign in to|log in to|requires authentication|signed in",
        SourceBlocked,
        "The site shows the video only to those who are signed in.",
        _COOKIES,
    ),
)
STATUSES: Final[dict[int, Failure]] = {
    401: _failure("", SourceBlocked, "The site asks for a name and a password (status 401).", _COOKIES),
    402: _failure("", SourceBlocked, "The site asks to be paid (status 402).", _COOKIES),
    403: _failure("", SourceBlocked, "The site refuses the request (status 403).", f"{_COOKIES} Or: {_UPGRADE}"),
    404: _failure("", SourceUnreachable, "The site has no such video (status 404).", "Check the address."),
    410: _failure("", SourceUnreachable, "The video is gone (status 410).", "Look for another copy."),
    429: _failure("", SourceUnreachable, "The site asks to be left alone (status 429).", "Wait an hour and try again."),
    451: _failure("", SourceBlocked, "The video may not be shown, for legal reasons (status 451).", "Try --proxy URL."),
}


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
        "socket_timeout": _SOCKET_SECONDS,
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


def said_in(warnings: Iterable[str]) -> AutointelError | None:
    """What the site said was wrong, where yt-dlp only warned of it."""
    reasons = (line for line in warnings if not _TECHNICAL.search(line))
    return next((failure.error() for failure in _told(reasons)), None)


def _told(texts: Iterable[str]) -> Iterator[Failure]:
    for text in texts:
        words = _ADVICE.sub("", text)
        yield from (failure for failure in FAILURES if failure.pattern.search(words))


def explained(error: BaseException, warnings: Iterable[str] = ()) -> AutointelError:
    """The error to show for whatever yt-dlp raised."""
    chain = list(_causes(error))
    status = next((found for found in map(_status, chain) if found is not None), None)
    names = {type(cause).__name__ for cause in chain}
    if "GeoRestrictedError" in names:
        return _ABROAD.error()
    told = next(_told([str(error)]), None)
    if told is not None:
        return told.error()
    if status is not None:
        known = STATUSES.get(status)
        return known.error() if known else SourceUnreachable(f"The site answered with status {status}.", "Try later.")
    if "ProxyError" in names:
        return SourceUnreachable("The proxy does not answer, or refuses.", "Check the address given with --proxy.")
    if names & {"TransportError", "SSLError", "CertificateVerifyError", "IncompleteRead"}:
        return SourceUnreachable("The site could not be reached.", "Check the connection and try again.")
    return said_in(warnings) or _unknown(error, chain)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it wraps (yt-dlp keeps it in ``exc_info`` or ``cause``), and so on; each once."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and cause not in seen:
            seen.append(cause)
            yield cause
            waiting += [getattr(cause, "cause", None), cause.__cause__, *(getattr(cause, "exc_info", None) or ())[1:2]]


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status", None)
    return status if isinstance(status, int) else None


def _unknown(error: BaseException, chain: list[BaseException]) -> AutointelError:
    if any(getattr(cause, "expected", False) for cause in chain):
        return SourceUnreachable(f"The site says: {plainly(str(error))}", "Open the page in a browser to see why.")
    return SourceUnreachable("yt-dlp cannot read this page; the site may have changed.", _UPGRADE)


def plainly(text: str) -> str:
    """The site's own words, without yt-dlp's address and advice."""
    return one_line(_ADVICE.sub("", _PREFIX.sub("", text)), limit=200) or "nothing more."
