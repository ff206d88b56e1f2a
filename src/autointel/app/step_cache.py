"""Finished steps in the catalogue, under keys that change with whatever could change their value."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from math import inf

from typing_extensions import override

import autointel
from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import WORDS
from autointel.app.versions import older_versions, retire_older, retire_passages
from autointel.domain.catalogue import StoredStep
from autointel.domain.report import Results
from autointel.domain.run import StepName, StepReport
from autointel.domain.transcript import Source
from autointel.errors import HomeUnusable
from autointel.pipeline.stages import STAGES
from autointel.pipeline.step import digest_of
from autointel.pipeline.store import STALE_RECORDS, STALE_RELATIONS, known, note_id, records_of
from autointel.pipeline.transcribe import Transcribed
from autointel.ports import KeptStep, Listener, StepStore


class StepCache(StepStore):
    """``setting`` is everything but the inputs that decides a value: engine, model, roles, depth, languages.

    ``listener`` is told which older copies of a source a newer one replaces.
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
        """Durable when it returns."""
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
            await self._catalogue.in_thread(self._keep, step, results)

    @property
    @override
    def replaces(self) -> bool:
        return bool(self._waiting)

    def superseded(self) -> frozenset[str]:
        """Ids of other sources that are earlier versions of the run's; known once the words are."""
        return self._superseded

    async def replace(self, results: Results) -> None:
        """In one transaction; the listener is told what was replaced."""
        for older in await self._catalogue.in_thread(self._replace, results):
            self._listener.replaced(older, results.source)

    def _keep_words(self, results: Results) -> None:
        catalogue, source = self._catalogue, results.source
        older = older_versions(catalogue, source, results.transcript)
        self._superseded = frozenset(each.id for each in older)
        if older or catalogue.passages.losing(source.id, results.passages):
            found = Transcribed(source=source, transcript=results.transcript)
            catalogue.artifacts.write(self._run_id, WORDS, found.model_dump_json().encode())
            self._waiting = [StepName.TRANSCRIBE]
        else:
            catalogue.atomically(partial(self._store_words, results))
        catalogue.runs.name(self._run_id, source)

    def _store_words(self, results: Results) -> bool:
        """Whether passages of the same source are no more."""
        gone = self._catalogue.passages.store(results.source, results.transcript, results.passages)
        retire_passages(self._catalogue, results.source.id, gone)
        return bool(gone)

    def _replace(self, results: Results) -> list[Source]:
        replaced = self._catalogue.atomically(partial(self._put_in_place, results))
        self._waiting = []
        with suppress(HomeUnusable):  # nothing reads it any more, and forget removes it
            self._catalogue.artifacts.remove(self._run_id, WORDS)
        return replaced

    def _put_in_place(self, results: Results) -> list[Source]:
        earlier = self._catalogue.passages.source(results.source.id)
        changed = self._store_words(results)
        replaced = retire_older(self._catalogue, results.source, results.transcript)
        for step in self._waiting:
            self._keep(step, results)
        return [earlier[0], *replaced] if earlier and changed else replaced

    def _keep(self, step: StepName, results: Results) -> None:
        if step is StepName.READ:
            self._keep_notes(results)
        elif step is StepName.FACT_CHECK:
            self._keep_verdicts(results)

    def _keep_notes(self, results: Results) -> None:
        records = records_of(results)
        self._catalogue.verdicts.keep(records)
        entities, relations = known(results, self._catalogue.namespace, self._run_id)
        self._catalogue.knowledge.keep(results.source.id, entities, relations)
        # A version that came back is stale no more.
        outbox, namespace = self._catalogue.outbox, self._catalogue.namespace
        outbox.strike(STALE_RECORDS, namespace, [record.record_id for record in records])
        outbox.strike(STALE_RELATIONS, namespace, [relation.id for relation in relations])

    def _keep_verdicts(self, results: Results) -> None:
        ids = {claim.id: note_id("claim", claim, results.source.id) for claim in results.notes.claims}
        self._catalogue.verdicts.judge(results.source.id, {ids[claim.id]: claim for claim in results.claims})

    async def note(self, report: StepReport) -> None:
        """Note how a step of this run ended."""
        await self._catalogue.in_thread(self._catalogue.runs.step, self._run_id, report)

    def _key(self, step: StepName, version: int, inputs: str) -> str:
        return digest_of(autointel.__version__, self._catalogue.namespace, step, str(version), self._setting, inputs)
