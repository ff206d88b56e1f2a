"""A transcript, a saved web page or a recording from a file of the user's own; a text from standard input.

A recording without a transcript, at an address or in a file, is fetched to disk, transcribed, and deleted if it was
fetched.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import anyio.to_thread
from anyio.to_thread import run_sync

from autointel.adapters.sources.markup import one_line
from autointel.adapters.sources.not_prose import is_recording
from autointel.adapters.sources.parse import parse
from autointel.domain.transcript import Origin, Source, SourceKind, Transcript, Trust
from autointel.domain.value import content_id
from autointel.errors import FetchFailed, NoTranscript, SourceUnreachable
from autointel.extensions import how_to_install
from autointel.ports import Downloader, SpeechRecogniser, TranscriptSource

_HEAD: Final = 128  # bytes that tell a recording
_HINT: Final = f"Install speech recognition ({how_to_install('asr')}), or pass a transcript file."
# A thousand hours of captions; beyond it, a file is no transcript.
MAX_BYTES: Final = 64 * 1024 * 1024
_STDIN: Final = "-"
_LANGUAGE_SUFFIX: Final = re.compile(r"\.[a-z]{2}(?:-[A-Za-z]{2,4})?\Z")


def read_stdin(limit: int) -> bytes:
    """At most ``limit`` bytes of standard input. Raises SourceUnreachable where the shell closed it (``<&-``)."""
    if sys.stdin is None:
        raise SourceUnreachable("Standard input is closed.", "Send the transcript into it, or name a file.")
    return sys.stdin.buffer.read(limit)


class TranscriptFiles(TranscriptSource):
    """Reads a path or "-" (standard input). ``read_input`` gets the most bytes it should return.

    Without ``recogniser`` it can only say that a recording is one.
    """

    def __init__(
        self,
        read_input: Callable[[int], bytes] = read_stdin,
        *,
        max_bytes: int = MAX_BYTES,
        recogniser: SpeechRecogniser | None = None,
    ) -> None:
        self._read_input = read_input
        self._max_bytes = max_bytes
        self._recogniser = recogniser

    async def fetch(self, address: str, language: str | None) -> tuple[Source, Transcript]:
        """The file and its words. ``language``, where given, overrules what the file says.

        Raises SourceUnreachable for what cannot be opened or is larger than the limit, NoTranscript for what holds no
        words, and what listening raises.
        """
        if address != _STDIN and await anyio.to_thread.run_sync(_begins_as_recording, Path(address)):
            name = readable(_file_name(address))
            return await listen(Path(address), _valid(address), name, self._recogniser, language)
        # A pipe that never ends must not hold up Ctrl-C: the thread is left behind.
        return await anyio.to_thread.run_sync(self._fetch, address, language, abandon_on_cancel=True)

    def _fetch(self, address: str, language: str | None) -> tuple[Source, Transcript]:
        data = self._read(address)
        parsed = parse(data, None if address == _STDIN else _file_name(address))
        language = language or parsed.language
        transcript = Transcript(
            segments=parsed.segments,
            origin=Origin.ARTICLE if parsed.is_written else Origin.GIVEN,
            trust=Trust.LOW if parsed.automatic else Trust.MEDIUM,
            language=language,
            chapters=parsed.chapters,
            warnings=parsed.warnings,
            turns=parsed.turns,
            mends=parsed.mends,
        )
        source = Source(
            id=content_id("sha256", hashlib.sha256(data).hexdigest()),
            kind=parsed.kind,
            path=_valid(address),
            title=parsed.title or ("Standard input" if address == _STDIN else readable(_file_name(address))),
            author=parsed.author,
            published_at=parsed.published_at,
            duration_seconds=transcript.duration,
            language=language,
        )
        return source, transcript

    def _read(self, address: str) -> bytes:
        shown = "Standard input" if address == _STDIN else f'"{one_line(_valid(address))}"'
        try:
            if address == _STDIN:
                data = self._read_input(self._max_bytes + 1)
            else:
                with Path(address).open("rb") as file:
                    data = file.read(self._max_bytes + 1)
        except (OSError, ValueError) as error:
            raise _unreachable(shown, error) from error
        if len(data) > self._max_bytes:
            raise SourceUnreachable(
                f"{shown} is larger than {self._max_bytes // (1024 * 1024)} MB, which no transcript is.",
                "Pass the transcript only, or cut it into parts.",
            )
        return data


def _begins_as_recording(path: Path) -> bool:
    """Whether sound or moving pictures stand at ``path``; False for what cannot be opened, and for a pipe.

    What is read of a pipe (``<(command)`` in a shell) is gone for whoever reads it next.
    """
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return is_recording(file.read(_HEAD))
    except (OSError, ValueError):
        return False


def _file_name(address: str) -> str:
    """The last part of a path, safe to show."""
    return one_line(Path(_valid(address)).name)


def _valid(address: str) -> str:
    # A name that is no UTF-8 comes with surrogates, which can be neither shown nor stored.
    return os.fsencode(address).decode("utf-8", errors="replace")


def _unreachable(shown: str, error: OSError | ValueError) -> SourceUnreachable:
    if isinstance(error, FileNotFoundError):
        return SourceUnreachable(f"There is no file {shown}.", "Check the path; a web address begins with https://.")
    if isinstance(error, IsADirectoryError):
        return SourceUnreachable(f"{shown} is a folder.", "Give one of its files, or a list of paths with --from.")
    if isinstance(error, PermissionError):
        return SourceUnreachable(f"{shown} may not be read.", "Change its permissions, or pass a copy.")
    reason = one_line((error.strerror if isinstance(error, OSError) else None) or str(error))
    return SourceUnreachable(f"{shown} cannot be read ({reason}).", "Check the path and the disk.")


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


def readable(name: str) -> str:
    """A file's name as a title: "the_cost-of.transit.en.vtt" is "The cost of transit"."""
    stem = _LANGUAGE_SUFFIX.sub("", name.rpartition(".")[0] or name)
    words = " ".join(re.sub(r"[-_.]+", " ", stem).split())
    return (words[:1].upper() + words[1:]) or "Untitled"
