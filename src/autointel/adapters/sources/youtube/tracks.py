"""The bytes of a caption track: at its address, in a playlist of pieces, or sent along with the page."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin, urlsplit

from autointel.adapters.sources.youtube.captions import Track
from autointel.adapters.sources.youtube.session import Session
from autointel.errors import NoTranscript

_PLAYLIST: Final = b"#EXTM3U"
_MOST_PIECES: Final = 5_000


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
