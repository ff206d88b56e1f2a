"""The engine with a model: one door, its reader, its judges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from autointel.adapters.evidence.independence import Checked
from autointel.crew.fact_checker import ModelFactChecker
from autointel.crew.judgements import JudgeBriefing, JudgeFallacies, JudgeInsights, JudgePerspectives
from autointel.crew.model import ModelDoor
from autointel.crew.reader import ModelReader
from autointel.crew.roles import roles_hash
from autointel.domain.run import Options, StepName
from autointel.errors import SourceUnreachable
from autointel.local.declining import LocalAnalysts, LocalJudgmentWriter
from autointel.recall.evidence import MemoryEvidence, Own
from autointel.settings import Settings
from autointel.steps.ledger import Ledger, Spending
from autointel.steps.transcribe import Transcribed
from autointel.wiring.door import endpoint_of, limits_of
from autointel.wiring.evidence import evidence_of
from autointel.wiring.keeping import KeptSteps
from autointel.wiring.outside import Outside
from autointel.wiring.pipeline import Parts
from autointel.wiring.place import Assembly, Place
from autointel.wiring.surroundings import Surroundings

if TYPE_CHECKING:
    from autointel.steps.step import Judgement


def with_model(
    place: Place, options: Options, outside: Outside, common: dict[str, Any], closing: AsyncExitStack
) -> Assembly:
    """Everything that asks the model goes through one door, made and closed on the run's loop."""
    door: ModelDoor = place.portal.call(_door, place, options)
    closing.push_async_callback(door.aclose)
    witness = _Witness(common["found"])
    common["found"] = witness.find
    surroundings = Surroundings.of(place.catalogue, options.namespace)
    read_before = MemoryEvidence(surroundings.memory, witness.own)
    searches = evidence_of(place.settings, outside.fetcher, witness.checked, read_before, offline=options.offline)
    briefing = JudgeBriefing(place.listener)
    judgements: list[Judgement[Any]] = [JudgeInsights(), JudgeFallacies(), JudgePerspectives(), briefing]
    parts = Parts(
        reader=ModelReader(door, place.listener),
        analysts=LocalAnalysts(),
        checker=ModelFactChecker(door, searches, place.listener, options.depth),
        writer=LocalJudgmentWriter(),
        judgements={judgement.name: judgement for judgement in judgements},
        llm=lambda ledger: _view(door, place, briefing, ledger),
        store=KeptSteps(place.catalogue, place.run_id, _setting(place.settings, options), reuse=options.reuse),
        simulated=lambda: door.simulated,
        spent=lambda step: _spending(door, step),
        evidence_beyond=surroundings.beyond if "memory" in place.settings.evidence.sources else lambda _: "",
        **common,
    )
    return Assembly(parts, closing, usage=lambda: door.usage)


class _Witness:
    """Knows the source that is being checked, once it has been found: it must never be its own evidence."""

    def __init__(self, find: Callable[[], Awaitable[Transcribed]]) -> None:
        self._find = find
        self._checked: Checked | None = None
        self._own: Own | None = None

    async def find(self) -> Transcribed:
        found = await self._find()
        if self._checked is None:
            self._checked = Checked.of(found.source, found.transcript)
            self._own = Own.of(found.source, found.transcript)
        return found

    def checked(self) -> Checked:
        if self._checked is None:
            raise SourceUnreachable("Evidence was sought before there was a source.", "Report this.")
        return self._checked

    def own(self) -> Own:
        if self._own is None:
            raise SourceUnreachable("Memory was asked before there was a source.", "Report this.")
        return self._own


async def _door(place: Place, options: Options) -> ModelDoor:
    """Made on the loop that it is used on: its connections belong there."""
    return ModelDoor(
        endpoint_of(place.settings),
        limits_of(place.settings, max_usd=options.max_usd, max_seconds=options.max_seconds),
        cache=place.catalogue.model_cache if options.reuse else None,
        prices=place.around.prices,
        clock=place.around.clock,
    )


def _view(door: ModelDoor, place: Place, briefing: JudgeBriefing, ledger: Ledger) -> Any:
    """CrewAI's view of the door; crewai is loaded here and not before. Judgments are shown as they come."""
    from autointel.crew.llm import CrewModel, Stream

    streams = {StepName.BRIEF: Stream("judgments", lambda raw: briefing.show(ledger.results, raw))}
    return CrewModel(model=door.endpoint.name, door=door, portal=place.portal, streams=streams)


def _setting(settings: Settings, options: Options) -> str:
    """Everything but the inputs that decides what a model says."""
    model, evidence = settings.model, settings.evidence
    names = (model.base_url, model.name, model.read_name, options.depth, options.language, options.briefing_language)
    return f"llm {names} {roles_hash()} {evidence.sources} {evidence.searxng_url} {evidence.folder}"


def _spending(door: ModelDoor, step: StepName) -> Spending:
    spent = door.spent(step)
    return Spending(
        model_calls=spent.calls,
        tokens=spent.prompt_tokens + spent.completion_tokens,
        usd=spent.usd,
        queue_seconds=spent.queue_seconds,
    )
