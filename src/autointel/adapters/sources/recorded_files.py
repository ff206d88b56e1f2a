"""A recording of the user's own on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from anyio.to_thread import run_sync

from autointel.adapters.sources.foreign import is_recording
from autointel.domain.source import Source, SourceKind
from autointel.domain.transcript import Transcript
from autointel.domain.value import content_id
from autointel.errors import NoTranscript
from autointel.ports import SpeechRecogniser

_HEAD: Final = 128  # bytes that tell a recording
_HINT: Final = "Install speech recognition (the extra asr: pip install 'autointel[asr]'), or pass its transcript."


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
