"""A recording without a transcript: fetched to disk, listened to, and deleted."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from autointel.adapters.sources.markup import one_line
from autointel.domain.transcript import Transcript
from autointel.domain.value import content_id
from autointel.errors import FetchFailed, NoTranscript, SourceUnreachable
from autointel.ports import Downloader, SpeechRecogniser

_HINT: Final = "Install speech recognition (the extra asr: pip install 'autointel[asr]'), or pass a transcript file."


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
