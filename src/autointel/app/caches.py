"""What earlier runs found, reused: results of steps, transcripts of sources, languages of texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from math import inf
from pathlib import Path
from typing import Final

from anyio.to_thread import run_sync
from typing_extensions import override

import autointel
from autointel.adapters.catalogue.caches import StepResults
from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import WORDS
from autointel.app.sources import is_address
from autointel.app.versions import not_stale, older_versions, place_of, retire_older, retire_passages
from autointel.domain.catalogue import KeptWords, StoredStep, printable
from autointel.domain.report import Results
from autointel.domain.run import Options, Outcome, StepName, StepReport
from autointel.domain.transcript import Source, SourceKind
from autointel.errors import FetchFailed, HomeUnusable
from autointel.pipeline.stages import STAGES
from autointel.pipeline.step import digest_of
from autointel.pipeline.store import known, note_id, records_of
from autointel.pipeline.transcribe import Transcribed
from autointel.ports import Fetched, Fetcher, KeptStep, Listener, StepStore
from autointel.text.language import detect_language

FRESH: Final = 3600.0
"""Seconds for which an address is not asked again."""
# Listening is the dearest way, and a recording at its own address hardly ever changes.
_FRESH_RECORDING: Final = 30 * 24 * 3600.0
_CONDITIONS: Final = {"etag": "if-none-match", "last-modified": "if-modified-since"}
_UNCHANGED: Final = 304  # HTTP's "not modified"
_ON_DISK: Final = "file"


class StepCache(StepStore):
    """``setting`` is everything but the inputs that decides a value: engine, model, roles, depth, languages.

    ``listener`` hears which older copies of a source a newer one replaces.
    Without ``reuse`` everything is kept and nothing is taken (``--no-cache``).
    """

    def __init__(
        self, catalogue: Catalogue, run_id: str, setting: str, listener: Listener, *, reuse: bool = True
    ) -> None:
        self._catalogue = catalogue
        self._run_id = run_id
        self._setting = setting
        self._listener = listener
        self._reuse = reuse
        self._waiting: list[StepName] = []
        self._superseded: frozenset[str] = frozenset()

    async def load(self, step: StepName, version: int, inputs: str) -> KeptStep | None:
        """The step as it was kept, or None; one written by another version of this program is none."""
        if not self._reuse:
            return None
        stored = await self._catalogue.in_thread(self._catalogue.step_cache.load, self._key(step, version, inputs))
        if stored is None:
            return None
        try:
            return KeptStep.model_validate_json(stored.value)
        except ValueError:
            return None

    async def save(self, step: StepName, version: int, inputs: str, kept: KeptStep) -> None:
        """Durable when it returns. A run that was forgotten meanwhile keeps nothing."""
        if await self._catalogue.in_thread(self._is_forgotten):
            return
        stored = StoredStep(
            step=step, outcome=kept.outcome, reason=kept.reason, hint=kept.hint, value=kept.model_dump_json()
        )
        key = self._key(step, version, inputs)
        seconds = STAGES[step].reused_for
        ttl = None if seconds == inf else seconds
        await self._catalogue.in_thread(self._catalogue.step_cache.save, key, stored, ttl=ttl, run_id=self._run_id)

    async def keep_found(self, step: StepName, results: Results) -> None:
        """Words when they are found, notes when they are read, verdicts when they are given.

        An earlier version stays until ``replace``: a run that is interrupted must leave a whole one behind.
        """
        if step is StepName.TRANSCRIBE:
            await self._catalogue.in_thread(self._keep_words, results)
        elif self.replaces:
            self._waiting.append(step)
        else:
            await self._catalogue.in_thread(self._catalogue.atomically, partial(self._keep, step, results))

    @property
    @override
    def replaces(self) -> bool:
        return bool(self._waiting)

    def superseded(self) -> frozenset[str]:
        """Ids of other sources that are earlier versions of the run's; known once the words are."""
        return self._superseded

    async def replace(self, results: Results) -> None:
        """Replace earlier versions in one transaction; the listener hears which."""
        for older in await self._catalogue.in_thread(self._replace, results):
            self._listener.replaced(older, results.source)

    def _keep_words(self, results: Results) -> None:
        catalogue, source = self._catalogue, results.source
        if catalogue.atomically(partial(self._need_not_wait, results)):
            self._drop_words(source)
        else:
            found = Transcribed(source=source, transcript=results.transcript)
            catalogue.artifacts.write(self._run_id, WORDS, found.model_dump_json().encode())
            self._waiting = [StepName.TRANSCRIBE]
        catalogue.runs.name(self._run_id, source)

    def _is_forgotten(self) -> bool:
        """Whether the run was removed with its source, while it still reads."""
        return self._catalogue.runs.find(self._run_id) is None

    def _need_not_wait(self, results: Results) -> bool:
        """Store the words where they replace nothing; of two runs that read two versions at once, one is the later.

        Those of a run that was forgotten are stored neither now nor later.
        """
        catalogue, source = self._catalogue, results.source
        catalogue.passages.lock()
        if self._is_forgotten():
            return True
        older = older_versions(catalogue, source, results.transcript)
        self._superseded = frozenset(each.id for each in older)
        if older or catalogue.passages.losing(source.id, results.passages):
            return False
        self._store_words(results)
        return True

    def _store_words(self, results: Results) -> bool:
        """Whether passages of the same source are no more."""
        source = results.source
        passages = self._catalogue.passages
        gone = passages.store(source, results.transcript, results.passages, place=place_of(source))
        retire_passages(self._catalogue, source.id, gone)
        return bool(gone)

    def _replace(self, results: Results) -> list[Source]:
        replaced = self._catalogue.atomically(partial(self._put_in_place, results))
        self._waiting = []
        self._drop_words(results.source)
        return replaced

    def _drop_words(self, source: Source) -> None:
        """Remove the words that wait for this run, and for earlier ones of the same source that did not end."""
        with suppress(HomeUnusable):  # forget removes what is left
            for run in (self._run_id, *self._catalogue.runs.ended_early(source.id, self._run_id)):
                self._catalogue.artifacts.remove(run, WORDS)

    def _put_in_place(self, results: Results) -> list[Source]:
        self._catalogue.passages.lock()
        if self._is_forgotten():
            return []
        earlier = self._catalogue.passages.source(results.source.id)
        changed = self._store_words(results)
        replaced = retire_older(self._catalogue, results.source, results.transcript)
        for step in self._waiting:
            self._keep(step, results)
        return [earlier[0], *replaced] if earlier and changed else replaced

    def _keep(self, step: StepName, results: Results) -> None:
        if not self._catalogue.passages.holds(results.passages):
            return  # another run has replaced the source meanwhile, or it was forgotten
        if step is StepName.READ:
            self._keep_notes(results)
        elif step is StepName.FACT_CHECK:
            self._keep_verdicts(results)

    def _keep_notes(self, results: Results) -> None:
        records = records_of(results)
        self._catalogue.verdicts.keep(records)
        entities, relations = known(results, self._catalogue.namespace, self._run_id)
        self._catalogue.knowledge.keep(results.source.id, entities, relations)
        not_stale(self._catalogue, records, relations)

    def _keep_verdicts(self, results: Results) -> None:
        ids = {claim.id: note_id("claim", claim, results.source.id) for claim in results.notes.claims}
        self._catalogue.verdicts.judge(results.source.id, {ids[claim.id]: claim for claim in results.claims})

    @override
    async def note(self, report: StepReport) -> None:
        await self._catalogue.in_thread(self._catalogue.runs.step, self._run_id, report)

    def _key(self, step: StepName, version: int, inputs: str) -> str:
        return digest_of(autointel.__version__, self._catalogue.namespace, step, str(version), self._setting, inputs)


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

    def give_back(self, page: Fetched) -> None:
        """Hand out ``page`` again when the address is asked for next."""
        self._had = page

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
