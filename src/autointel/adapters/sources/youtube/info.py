"""What yt-dlp knows of a video, as a source."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from autointel.adapters.sources.clock import milliseconds
from autointel.adapters.sources.markup import one_line
from autointel.adapters.sources.youtube.failures import LIVE, UPCOMING
from autointel.domain.source import Source, SourceKind
from autointel.domain.transcript import Chapter, Transcript
from autointel.domain.value import content_id
from autointel.errors import NoTranscript

Info = dict[str, Any]
"""yt-dlp's own dictionary of a page; every value in it is the site's."""


def refuse_unfit(info: Info) -> None:
    """Raises NoTranscript for a list of recordings, SourceUnreachable for one that is live or yet to come."""
    if info.get("_type") == "playlist":
        raise NoTranscript(
            f"{title_of(info)} is a list of recordings, not one.", "Give one of them, or all with run --from FILE."
        )
    for status, failure in (("is_live", LIVE), ("is_upcoming", UPCOMING)):
        if info.get("live_status") == status:
            raise failure.error()


def source_of(info: Info, address: str, transcript: Transcript) -> Source:
    """What the report says of it."""
    url = str(info.get("webpage_url") or address)
    author = next((info[key] for key in ("channel", "uploader", "creator") if isinstance(info.get(key), str)), "")
    duration = info.get("duration")
    return Source(
        id=content_id("url", url),
        kind=SourceKind.VIDEO,
        url=url,
        title=title_of(info),
        author=one_line(author) or None,
        published_at=_day(info),
        duration_seconds=float(duration) if isinstance(duration, int | float) else transcript.duration,
        language=transcript.language,
    )


def title_of(info: Info) -> str:
    """Clean and on one line."""
    return one_line(str(info.get("title") or "")) or "The video"


def _day(info: Info) -> date | None:
    # For a bare media file it is the day of the file's last change.
    if info.get("extractor_key") == "Generic":
        return None
    try:
        return datetime.strptime(str(info.get("upload_date")), "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def chapters_of(info: Info) -> tuple[Chapter, ...]:
    """The uploader's own."""
    found = []
    for row in info.get("chapters") or []:
        start, end = milliseconds(row.get("start_time")), milliseconds(row.get("end_time"))
        title = one_line(str(row.get("title") or ""))
        if title and start is not None:
            found.append(Chapter(title=title, start=start / 1000, end=None if end is None else end / 1000))
    return tuple(found)
