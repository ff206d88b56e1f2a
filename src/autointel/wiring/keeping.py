"""Finished steps in the catalogue, under keys that change with whatever could change their value."""

from __future__ import annotations

from typing import Final

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.step_cache import StoredStep
from autointel.domain.results import Results
from autointel.domain.run import StepName, StepReport
from autointel.ports import KeptStep, StepStore
from autointel.steps.step import digest_of

# Evidence on the web changes; a verdict is looked into again after a week.
_TTL: Final = {StepName.FACT_CHECK: 7 * 24 * 3600.0}


class KeptSteps(StepStore):
    """``setting`` is everything but the inputs that decides a value: engine, model, roles, depth, languages."""

    def __init__(self, catalogue: Catalogue, run_id: str, setting: str) -> None:
        self._catalogue = catalogue
        self._run_id = run_id
        self._setting = setting

    async def load(self, step: StepName, version: int, inputs: str) -> KeptStep | None:
        """The step as it was kept, or None; one written by another version of this program is none."""
        stored = await self._catalogue.aside(self._catalogue.step_cache.load, self._key(step, version, inputs))
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
        await self._catalogue.aside(self._catalogue.step_cache.save, key, stored, ttl=_TTL.get(step))

    async def keep_words(self, results: Results) -> None:
        """Keep the source, its segments and passages, and say which run read it."""
        await self._catalogue.aside(
            self._catalogue.passages.store, results.source, results.transcript, results.passages
        )
        await self._catalogue.aside(self._catalogue.runs.name, self._run_id, results.source)

    async def note(self, report: StepReport) -> None:
        """Note how a step of this run ended."""
        await self._catalogue.aside(self._catalogue.runs.step, self._run_id, report)

    def _key(self, step: StepName, version: int, inputs: str) -> str:
        return digest_of(step, str(version), self._setting, inputs)
