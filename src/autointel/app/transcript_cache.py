"""Transcript cache: reuses the transcript fetched earlier for this source while it is still fresh, and its language."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from anyio.to_thread import run_sync

import autointel
from autointel.adapters.catalogue.caches import StepResults
from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.app.sources import is_address
from autointel.domain.catalogue import KeptWords, StoredStep, printable
from autointel.domain.run import Options, Outcome, StepName
from autointel.domain.transcript import SourceKind
from autointel.errors import FetchFailed, HomeUnusable
from autointel.pipeline.step import digest_of
from autointel.pipeline.transcribe import Transcribed
from autointel.ports import Fetched, Fetcher
from autointel.text.language import detect_language

FRESH: Final = 3600.0
"""Seconds for which an address is not asked again."""
# Listening is the dearest way, and a recording at its own address hardly ever changes.
_FRESH_RECORDING: Final = 30 * 24 * 3600.0
_CONDITIONS: Final = {"etag": "if-none-match", "last-modified": "if-modified-since"}
_UNCHANGED: Final = 304
_ON_DISK: Final = "file"


class ConditionalFetcher(Fetcher):
    """Fetches as another does, and asks for one address only what has changed since (ETag, Last-Modified).

    ``tag`` holds the validators that the server gave with the address.
    """

    def __init__(self, fetcher: Fetcher, address: str) -> None:
        self.tag: dict[str, str] = {}
        self._fetcher = fetcher
        self._address = address
        self._had: Fetched | None = None

    async def unchanged(self, tag: Mapping[str, str]) -> bool:
        """Ask whether the address still holds what it held when it gave ``tag``; False without one."""
        headers = {_CONDITIONS[name]: value for name, value in tag.items() if name in _CONDITIONS}
        if not headers:
            return False
        try:
            page = await self._fetcher.fetch(self._address, headers=headers)
        except FetchFailed:
            return False  # the fetch that follows has no condition, and raises what is wrong
        self._had = None if page.status == _UNCHANGED else page
        return page.status == _UNCHANGED

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        named_by: str | None = None,
    ) -> Fetched:
        """See Fetcher."""
        if url != self._address or body is not None or named_by is not None:
            return await self._fetcher.fetch(url, headers=headers, body=body, named_by=named_by)
        page, self._had = self._had or await self._fetcher.fetch(url, headers=headers), None
        self.tag = {name: page.headers[name] for name in _CONDITIONS if page.headers.get(name)}
        return page


class TranscriptCache:
    """The cached transcript of one run's source, under its address and the options that change the words.

    ``hearer`` names the speech model; ``answers`` is the fetcher that the transcript comes through, None for a file.
    """

    def __init__(self, catalogue: Catalogue, options: Options, hearer: str, answers: ConditionalFetcher | None) -> None:
        self._catalogue = catalogue
        self._options = options
        self._answers = answers
        self._refresh = options.acquisition.refresh or not options.reuse
        way = options.acquisition
        place = options.source if is_address(options.source) else printable(str(Path(options.source).absolute()))
        gate = f"{options.privacy} {options.privacy_names}"
        asked = (options.language or "", str(way.transcribe), way.episode or "", gate, hearer)
        self._key = digest_of(place, *asked)

    async def find(self) -> Transcribed | None:
        """The transcript that is still fresh, or None."""
        if self._refresh or self._options.source == "-":
            return None
        kept = await self._catalogue.in_thread(self._catalogue.fetched.find, self._key)
        if kept is None or not await self._holds(kept):
            return None
        return Transcribed(source=kept.source, transcript=kept.transcript)

    async def note(self, found: Transcribed) -> None:
        """Save the transcript, unless fetching it again costs no more than reading a file."""
        tag = await self._tag(found.source.kind)
        if tag is not None:
            await self._catalogue.in_thread(
                self._catalogue.fetched.keep, self._key, found.source, found.transcript, tag
            )

    async def _holds(self, kept: KeptWords) -> bool:
        if self._answers is None:
            return kept.tag == await run_sync(_of_file, self._options.source)
        fresh = _FRESH_RECORDING if kept.source.kind is SourceKind.MEDIA else FRESH
        if kept.age < fresh or self._options.offline:
            return True
        if not await self._answers.unchanged(kept.tag):
            return False
        await self._catalogue.in_thread(self._catalogue.fetched.keep, self._key, kept.source, kept.transcript, kept.tag)
        return True

    async def _tag(self, kind: SourceKind) -> Mapping[str, str] | None:
        if self._answers is not None:
            return self._answers.tag
        return await run_sync(_of_file, self._options.source) if kind is SourceKind.MEDIA else None


def _of_file(path: str) -> dict[str, str] | None:
    """The size and time of a file, which change whenever it is written; None where there is no file."""
    try:
        stat = Path(path).stat()
    except (OSError, ValueError):
        return None
    return {_ON_DISK: f"{stat.st_size} {stat.st_mtime_ns}"}


class LanguageCache:
    """Detects languages by ``detect``, and remembers the result of each sample. Blocks. Raises HomeUnusable."""

    def __init__(
        self, kept: StepResults, namespace: str, detect: Callable[[str], str | None] = detect_language
    ) -> None:
        self._namespace = namespace
        self._kept = kept
        self._detect = detect

    def __call__(self, sample: str) -> str | None:
        """The code of the language, or None where the sample does not show it."""
        key = digest_of("language", autointel.__version__, self._namespace, sample)
        stored = self._kept.load(key)
        if stored is not None:
            known: str | None = json.loads(stored.value)
            return known
        language = self._detect(sample)
        with suppress(HomeUnusable):  # the step itself reports a home that is full
            step = StoredStep(step=StepName.TRANSCRIBE, outcome=Outcome.DONE, value=json.dumps(language))
            self._kept.save(key, step)
        return language
