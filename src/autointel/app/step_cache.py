"""Finished steps in the catalogue, under keys that change with whatever could change their value."""

from __future__ import annotations

from math import inf

import autointel
from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.app.versions import retire_older, retire_passages
from autointel.domain.catalogue import StoredStep
from autointel.domain.report import Results
from autointel.domain.run import StepName, StepReport
from autointel.pipeline.stages import STAGES
from autointel.pipeline.step import digest_of
from autointel.pipeline.store import STALE_RECORDS, STALE_RELATIONS, known, note_id, records_of
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
        """Words when they are found, notes when they are read, verdicts when they are given."""
        keep = {
            StepName.TRANSCRIBE: self._keep_words,
            StepName.READ: self._keep_notes,
            StepName.FACT_CHECK: self._keep_verdicts,
        }.get(step)
        if keep is not None:
            await self._catalogue.in_thread(keep, results)

    def _keep_words(self, results: Results) -> None:
        earlier = self._catalogue.passages.source(results.source.id)
        gone = self._catalogue.passages.store(results.source, results.transcript, results.passages)
        retire_passages(self._catalogue, results.source.id, gone)
        replaced = retire_older(self._catalogue, results.source, results.transcript)
        self._catalogue.runs.name(self._run_id, results.source)
        for older in [earlier[0], *replaced] if earlier and gone else replaced:
            self._listener.replaced(older, results.source)

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
