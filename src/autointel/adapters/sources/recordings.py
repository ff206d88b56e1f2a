"""Recordings without a transcript, at an address or in a file: fetched to disk, transcribed, deleted if fetched."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Final

from anyio.to_thread import run_sync

from autointel.adapters.sources.markup import one_line
from autointel.adapters.sources.not_prose import is_recording
from autointel.domain.source import Source, SourceKind
from autointel.domain.transcript import Transcript
from autointel.domain.value import content_id
from autointel.errors import FetchFailed, NoTranscript, SourceUnreachable
from autointel.ports import Downloader, SpeechRecogniser

_HEAD: Final = 128  # bytes that tell a recording
_HINT: Final = "Install speech recognition (the extra asr: pip install 'autointel[asr]'), or pass a transcript file."


def begins_as_recording(path: Path) -> bool:
    """Whether sound or moving pictures stand at ``path``; False for what cannot be opened."""
    try:
        with path.open("rb") as file:
            return is_recording(file.read(_HEAD))
    except (OSError, ValueError):
        return False


async def listen(
    path: Path, shown: str, title: str, recogniser: SpeechRecogniser | None, language: str | None
) -> tuple[Source, Transcript]:
    """The recording, by its content, and what is said in it; ``shown`` is its path as it may be shown.

    Raises NoTranscript (no recogniser, no speech), ModelUnavailable.
    """
    if recogniser is None:
        raise NoTranscript(f'"{title}" is a recording, and nothing here can listen to it.', _HINT)
    transcript = await recogniser.recognise(path, language)
    source = Source(
        id=content_id("sha256", await run_sync(_digest, path)),
        kind=SourceKind.MEDIA,
        path=shown,
        title=title,
        duration_seconds=transcript.duration,
        language=transcript.language,
    )
    return source, transcript


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Recordings:
    """Needs a recogniser and a way to disk; without either it can only say what is missing.

    ``keep`` is a folder in which downloads stay; without it they are deleted as soon as they have been listened to.
    """

    def __init__(
        self,
        downloader: Downloader | None = None,
        recogniser: SpeechRecogniser | None = None,
        *,
        keep: Path | None = None,
    ) -> None:
        self._downloader = downloader
        self._recogniser = recogniser
        self._keep = keep

    async def transcribe(
        self, url: str, title: str, language: str | None, *, named_by: str | None = None
    ) -> Transcript:
        """The words of the recording at ``url``; ``named_by`` as in Fetcher.

        Raises NoTranscript (no recogniser, no speech), SourceBlocked, SourceUnreachable, ModelUnavailable.
        """
        if self._downloader is None or self._recogniser is None:
            raise NoTranscript(f"{one_line(title, limit=100)} has no transcript and no captions.", _HINT)
        with tempfile.TemporaryDirectory(prefix="autointel-") as scratch:
            folder = Path(scratch) if self._keep is None else self._keep
            folder.mkdir(parents=True, exist_ok=True)
            # Named by id: a title may be anything, "../../x" or "CON" among it.
            path = folder / content_id("recording", url)
            try:
                await self._downloader.download(url, path, named_by=named_by)
            except FetchFailed as error:
                raise SourceUnreachable(error.message, error.hint) from error
            return await self._recogniser.recognise(path, language)
