"""The recording beside the page: a local file, a podcast's audio, or a video that is loaded only if asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from autointel.domain.report import Results
from autointel.domain.transcript import Source, SourceKind
from autointel.render.markdown import safe_url

YOUTUBE: Final = "https://www.youtube-nocookie.com"
_VIDEO_ID: Final = re.compile(r"[A-Za-z0-9_-]{6,20}")
_VIDEO_ENDINGS: Final = (".mp4", ".webm", ".mkv", ".mov", ".m4v", ".ogv")
_YOUTUBE_HOSTS: Final = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com"})
_PATHS: Final = ("shorts", "live", "embed")


@dataclass(frozen=True)
class Player:
    """The recording to play. ``address`` is empty where the reader has to choose a file.

    ``youtube`` is the id of a video; ``policy`` are the sources that the page's policy has to allow.
    """

    address: str = ""
    is_video: bool = False
    youtube: str = ""
    policy: tuple[str, ...] = ("media-src blob:",)

    @property
    def is_named(self) -> bool:
        """Whether the source names its recording."""
        return bool(self.address or self.youtube)


def player_of(results: Results) -> Player | None:
    """The player for a timed source; None where there are no times to play from."""
    if not results.transcript.timed:
        return None
    source = results.source
    if video := youtube_id(source.url):
        return Player(youtube=video, is_video=True, policy=("media-src blob:", f"frame-src {YOUTUBE}"))
    if address := _recording(source):
        scheme = urlsplit(address).scheme
        # Podcasts count their listeners by redirects over several hosts, so the host alone would not be enough; what
        # is encrypted stays so.
        policy = {"file": "media-src blob: file:", "https": "media-src blob: https:"}.get(scheme)
        policy = policy or "media-src blob: http: https:"
        name = urlsplit(address).path.lower()
        return Player(address, is_video=name.endswith(_VIDEO_ENDINGS), policy=(policy,))
    return Player()


def youtube_id(url: str | None) -> str:
    """The id of a YouTube video; empty for any other address."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    host, path = (parts.hostname or "").lower(), parts.path.strip("/").split("/")
    found = ""
    if host == "youtu.be":
        found = path[0]
    elif host in _YOUTUBE_HOSTS:
        found = path[1] if len(path) > 1 and path[0] in _PATHS else parse_qs(parts.query).get("v", [""])[0]
    return found if _VIDEO_ID.fullmatch(found) else ""


def _recording(source: Source) -> str:
    if source.kind is SourceKind.MEDIA and source.path and source.path != "-":
        try:
            return Path(source.path).absolute().as_uri()
        except (OSError, ValueError):
            return ""
    media = source.media_url or (source.url if source.kind is SourceKind.MEDIA else None)
    return safe_url(media) or ""
