"""Videos on YouTube and the other sites that yt-dlp knows: captions first, the recording only without them.

A person's words in the language spoken come before a machine's hearing of it. A machine's translation is nobody's
words; it is read only if that language was asked for by name. The bytes of a track are at its address, in a playlist of
pieces, or sent along with the page.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar, TypeVarTuple
from urllib.parse import urlsplit

import anyio
from anyio.to_thread import run_sync

from autointel.adapters.sources.clock import milliseconds
from autointel.adapters.sources.markup import language_code, one_line
from autointel.adapters.sources.parse import parse
from autointel.adapters.sources.youtube.session import (
    LIVE,
    NO_JAVASCRIPT,
    UPCOMING,
    WITHHELD,
    Access,
    Guard,
    MakeDownloader,
    Session,
    youtube_dl,
)
from autointel.domain.transcript import Chapter, Origin, Source, SourceKind, Transcript, Trust
from autointel.domain.value import content_id
from autointel.errors import NoTranscript, SourceUnreachable
from autointel.extensions import how_to_install
from autointel.ports import SpeechRecogniser, TranscriptSource

Info = dict[str, Any]
"""yt-dlp's own dictionary of a page; every value in it is the site's."""
T = TypeVar("T")
Given = TypeVarTuple("Given")
_HOSTS: Final = ("youtube.com", "youtu.be", "youtube-nocookie.com")
_DOWNLOAD_SECONDS: Final = 3600.0
_LARGEST: Final = 2_000_000_000  # bytes of one recording
# Streams over plain HTTP only: anything else would be handed to ffmpeg, which keeps to no rule of ours.
_SOUND: Final = "bestaudio[protocol^=http]/best[protocol^=http]"
_RUNTIMES: Final = ("deno", "node", "bun", "quickjs")
_NO_CAPTIONS: Final = f"Install speech recognition ({how_to_install('asr')}), or pass a transcript file."
# json3 has no rolling repeats; the others are in the order of how much they tell.
_FORMATS: Final = ("json3", "vtt", "srt", "ttml", "ass", "ssa", "sbv")
_ORIGINAL: Final = "-orig"
_NOT_WORDS: Final = frozenset({"live_chat", "rechat", "comments", "danmaku"})
_PLAYLIST: Final = b"#EXTM3U"
_MOST_PIECES: Final = 5_000


class VideoSites(TranscriptSource):
    """yt-dlp behind one client. ``transcribe`` passes over captions; ``keep`` is where recordings stay."""

    def __init__(
        self,
        *,
        guard: Guard = lambda _: nullcontext(),
        access: Access | None = None,
        recogniser: SpeechRecogniser | None = None,
        keep: Path | None = None,
        transcribe: bool = False,
        look_seconds: float = 180.0,
        make: MakeDownloader = youtube_dl,
    ) -> None:
        self._seconds = look_seconds
        self._guard = guard
        self._access = access or Access()
        self._recogniser = recogniser
        self._keep = keep
        self._transcribe = transcribe
        self._make = make

    async def fetch(self, address: str, language: str | None) -> tuple[Source, Transcript]:
        """See TranscriptSource. Each way in which a site can refuse has its own message."""
        info, transcript, withheld = await self._within(self._seconds, self._captions, address, language)
        if transcript is None:
            try:
                transcript = await self._heard(address, info, language)
            except SourceUnreachable as error:
                # There are captions, and what would help with them is easier than what would help with the recording.
                raise WITHHELD.error() if withheld else error from error
        return source_of(info, address, transcript), transcript.model_copy(update={"chapters": _chapters_of(info)})

    async def expand(self, address: str, limit: int) -> list[str]:
        """The addresses of a playlist's or channel's first ``limit`` videos; of a single video, its own."""
        return await self._within(self._seconds, self._expand, address, limit)

    async def _within(self, seconds: float, action: Callable[[*Given], T], *given: *Given) -> T:
        """In a thread, which is left behind when a site answers drop by drop: yt-dlp's own limits never see that."""
        with anyio.move_on_after(seconds):
            return await run_sync(action, *given, abandon_on_cancel=True)
        raise SourceUnreachable(f"The site did not answer in full within {seconds:g} seconds.", "Try again later.")

    def _expand(self, address: str, limit: int) -> list[str]:
        with self._session(address, {"playlist_items": f"1:{limit}", "noplaylist": False}) as session:
            info = session.look(address)
        rows = info.get("entries") if info.get("_type") == "playlist" else [info]
        found = [row.get("webpage_url") or row.get("url") for row in rows or [] if isinstance(row, dict)]
        return [url for url in found if isinstance(url, str)][:limit]

    def _captions(self, address: str, language: str | None) -> tuple[Info, Transcript | None, bool]:
        """What is known of the video, its captions, and whether there are some that the site withholds."""
        with self._session(address, {"playlist_items": "1:5"}) as session:
            info = session.look(address)
            _refuse_unfit(info)
            track = None if self._transcribe else choose_track(info, language)
            if track is not None:
                return info, _transcript(track, _read_track(session, track)), False
            withheld = any(WITHHELD.pattern.search(line) for line in session.warnings)
        if withheld and self._recogniser is None:
            raise WITHHELD.error()
        return info, None, withheld

    async def _heard(self, address: str, info: Info, language: str | None) -> Transcript:
        if self._recogniser is None:
            raise NoTranscript(f"{title_of(info)} has no captions.", _NO_CAPTIONS)
        with tempfile.TemporaryDirectory(prefix="autointel-") as scratch:
            folder = self._keep or Path(scratch)
            recording = await self._within(_DOWNLOAD_SECONDS, self._download, address, folder)
            return await self._recogniser.recognise(recording, language)

    def _download(self, address: str, folder: Path) -> Path:
        options = {
            "skip_download": False,
            "ignore_no_formats_error": False,
            "format": _SOUND,
            "outtmpl": {"default": str(folder / f"{content_id('recording', address)}.%(ext)s")},
            "max_filesize": _LARGEST,
            "external_downloader": {"default": "native"},
            "fixup": "never",
            # YouTube's media addresses are worked out by its own scripts; yt-dlp by itself looks for deno only.
            "js_runtimes": {name: {} for name in _RUNTIMES},
        }
        with self._session(address, options) as session:
            try:
                info = session.download(address)
            except SourceUnreachable as error:
                missing = any(NO_JAVASCRIPT.pattern.search(line) for line in session.warnings)
                raise NO_JAVASCRIPT.error() if missing else error from error
        for done in info.get("requested_downloads") or []:
            if Path(done.get("filepath", "")).is_file():
                return Path(done["filepath"])
        # yt-dlp passes over what is too large without a word.
        raise SourceUnreachable(f"The recording is larger than {_LARGEST // 10**9} GB.", "Pass its transcript instead.")

    @contextmanager
    def _session(self, address: str, options: dict[str, Any]) -> Iterator[Session]:
        session = Session(self._make, partial(self._guard, address), self._access, options)
        try:
            yield session
        finally:
            session.close()


def _chapters_of(info: Info) -> tuple[Chapter, ...]:
    """The uploader's own."""
    found = []
    for row in info.get("chapters") or []:
        start, end = milliseconds(row.get("start_time")), milliseconds(row.get("end_time"))
        title = one_line(str(row.get("title") or ""))
        if title and start is not None:
            found.append(Chapter(title=title, start=start / 1000, end=None if end is None else end / 1000))
    return tuple(found)


def _refuse_unfit(info: Info) -> None:
    """Raises NoTranscript for a list of recordings, SourceUnreachable for one that is live or yet to come."""
    if info.get("_type") == "playlist":
        raise NoTranscript(
            f"{title_of(info)} is a list of recordings, not one.", "Give one of them, or all with run --from FILE."
        )
    for status, failure in (("is_live", LIVE), ("is_upcoming", UPCOMING)):
        if info.get("live_status") == status:
            raise failure.error()


def _transcript(track: Track, data: bytes) -> Transcript:
    parsed = parse(data, f"captions.{track.format}")
    warnings = (
        [f"The captions are a machine's translation into {one_line(track.language, limit=20)!r}."]
        if track.translated
        else []
    )
    return Transcript(
        segments=parsed.segments,
        origin=Origin.AUTOMATIC_CAPTIONS if track.automatic else Origin.CAPTIONS,
        trust=Trust.LOW if track.automatic else Trust.HIGH,
        language=language_code(track.language),
        warnings=(*warnings, *parsed.warnings),
        turns=parsed.turns,
        mends=parsed.mends,
    )


def _read_track(session: Session, track: Track) -> bytes:
    """Raises what a session raises, and NoTranscript for a playlist that leads away from the web."""
    if track.data:
        return track.data.encode()
    body = session.captions(track.url)
    if not body.startswith(_PLAYLIST):
        return body
    from autointel.adapters.sources.web.page import absolute

    # HLS (RFC 8216): every line that is no tag is the address of the next piece, a WebVTT file of its own.
    lines = [line.strip() for line in body.decode("utf-8", "replace").splitlines()]
    pieces = [absolute(line, track.url) for line in lines if line and not line.startswith("#")][:_MOST_PIECES]
    if not all(pieces):
        raise NoTranscript("The captions are a playlist that leads away from the web.", "Pass them as a file.")
    return b"\n\n".join(session.captions(piece) for piece in pieces)


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


def _day(info: Info) -> date | None:
    # For a bare media file it is the day of the file's last change.
    if info.get("extractor_key") == "Generic":
        return None
    try:
        return datetime.strptime(str(info.get("upload_date")), "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def title_of(info: Info) -> str:
    """Clean and on one line."""
    return one_line(str(info.get("title") or "")) or "The video"


def is_youtube(url: str) -> bool:
    """Whether yt-dlp should be asked before the page is."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return any(host == known or host.endswith(f".{known}") for known in _HOSTS)


@dataclass(frozen=True)
class Track:
    """One track: ``url`` of its best format, or ``data`` where the site sends the words along."""

    language: str
    automatic: bool
    translated: bool
    format: str
    url: str = ""
    data: str = ""


def choose_track(info: Mapping[str, Any], language: str | None) -> Track | None:
    """The best track of a video that yt-dlp has looked at, or None. ``language`` as in "de" or "pt-BR"."""
    manual = list(_tracks(info.get("subtitles"), automatic=False))
    heard = list(_tracks(info.get("automatic_captions"), automatic=True))
    spoken = _spoken(info, heard)
    if language is not None:
        return _first(_in(manual, language), _in(_untranslated(heard), language), _in(heard, language)) or None
    return _first(_in(manual, spoken), _in(_untranslated(heard), spoken), manual, _untranslated(heard))


def _tracks(listed: object, *, automatic: bool) -> Iterable[Track]:
    for key, formats in listed.items() if isinstance(listed, dict) else ():
        best = _best(formats)
        if best is None or key in _NOT_WORDS:
            continue
        url = str(best.get("url") or "")
        yield Track(
            language=str(key).removesuffix(_ORIGINAL),
            automatic=automatic,
            translated="tlang=" in url,
            format=str(best.get("ext") or ""),
            url=url,
            data=str(best.get("data") or ""),
        )


def _best(formats: object) -> Mapping[str, Any] | None:
    usable = [
        track
        for track in (formats if isinstance(formats, list) else [])
        if isinstance(track, dict) and track.get("ext") in _FORMATS and (track.get("url") or track.get("data"))
    ]
    return min(usable, key=lambda track: _FORMATS.index(track["ext"]), default=None)


def _spoken(info: Mapping[str, Any], heard: Sequence[Track]) -> str | None:
    declared = info.get("language")
    if isinstance(declared, str) and declared:
        return declared
    # What a machine heard, it heard in the language that was spoken.
    return next((track.language for track in heard if not track.translated), None)


def _first(*choices: Sequence[Track]) -> Track | None:
    return next((tracks[0] for tracks in choices if tracks), None)


def _in(tracks: Sequence[Track], language: str | None) -> list[Track]:
    """In exactly this language, then in another form of it: "pt-BR" serves "pt"."""
    if not language:
        return []
    wanted = language.lower()
    exact = [track for track in tracks if track.language.lower() == wanted]
    return exact or [track for track in tracks if track.language.lower().split("-")[0] == wanted.split("-")[0]]


def _untranslated(tracks: Sequence[Track]) -> list[Track]:
    return [track for track in tracks if not track.translated]
