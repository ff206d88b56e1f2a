"""Which of a video's captions to read: a person's words in the language spoken, then a machine's hearing of it.

A machine's translation is nobody's words; it is read only if that language was asked for by name. The bytes of a track
are at its address, in a playlist of pieces, or sent along with the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from autointel.adapters.sources.youtube.session import Session
from autointel.errors import NoTranscript

# json3 has no rolling repeats; the others are in the order of how much they tell.
_FORMATS: Final = ("json3", "vtt", "srt", "ttml", "ass", "ssa", "sbv")
_ORIGINAL: Final = "-orig"
_NOT_WORDS: Final = frozenset({"live_chat", "rechat", "comments", "danmaku"})
_PLAYLIST: Final = b"#EXTM3U"
_MOST_PIECES: Final = 5_000


@dataclass(frozen=True)
class Track:
    """One track: ``url`` of its best format, or ``data`` where the site sends the words along."""

    language: str
    automatic: bool
    translated: bool
    format: str
    url: str = ""
    data: str = ""


def choose(info: Mapping[str, Any], language: str | None) -> Track | None:
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


def read_track(session: Session, track: Track) -> bytes:
    """Raises what a session raises, and NoTranscript for a playlist that leads away from the web."""
    if track.data:
        return track.data.encode()
    body = session.captions(track.url)
    if not body.startswith(_PLAYLIST):
        return body
    # HLS (RFC 8216): every line that is no tag is the address of the next piece, a WebVTT file of its own.
    lines = [line.strip() for line in body.decode("utf-8", "replace").splitlines()]
    pieces = [urljoin(track.url, line) for line in lines if line and not line.startswith("#")][:_MOST_PIECES]
    if any(urlsplit(piece).scheme not in {"http", "https"} for piece in pieces):
        raise NoTranscript("The captions are a playlist that leads away from the web.", "Pass them as a file.")
    return b"\n\n".join(session.captions(piece) for piece in pieces)
