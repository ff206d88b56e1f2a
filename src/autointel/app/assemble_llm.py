"""The engine with a model: one client, its reader, its judges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from autointel.adapters.evidence.independence import Checked
from autointel.app.course import Parts
from autointel.app.evidence import evidence_of
from autointel.app.memory_snapshot import MemorySnapshot
from autointel.app.model_settings import endpoint_of, limits_of
from autointel.app.network import NetworkAccess
from autointel.app.run_context import Assembly, RunContext
from autointel.app.step_cache import StepCache
from autointel.domain.run import Options, StepName
from autointel.errors import SourceUnreachable
from autointel.local.declining import LocalAnalysts, LocalJudgmentWriter
from autointel.memory.evidence import MemoryEvidence, Own
from autointel.model.client import ModelClient
from autointel.pipeline.judgements import JudgeBriefing, JudgeFallacies, JudgeInsights, JudgePerspectives
from autointel.pipeline.model_fact_checker import ModelFactChecker
from autointel.pipeline.model_reader import ModelReader
from autointel.pipeline.roles import roles_hash
from autointel.pipeline.run_state import RunState, Spending
from autointel.pipeline.transcribe import Transcribed
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.pipeline.step import Judgement


def with_model(
    place: RunContext, options: Options, outside: NetworkAccess, common: dict[str, Any], closing: AsyncExitStack
) -> Assembly:
    """Everything that asks the model goes through one client, made and closed on the run's loop."""
    client: ModelClient = place.portal.call(_client, place, options)
    closing.push_async_callback(client.aclose)
    witness = _Witness(common["found"])
    common["found"] = witness.find
    surroundings = MemorySnapshot.of(place.catalogue, options.namespace)
    read_before = MemoryEvidence(surroundings.memory, witness.own)
    searches = evidence_of(place.settings, outside.fetcher, witness.checked, read_before, offline=options.offline)
    briefing = JudgeBriefing(place.listener)
    judgements: list[Judgement[Any]] = [JudgeInsights(), JudgeFallacies(), JudgePerspectives(), briefing]
    parts = Parts(
        reader=ModelReader(client, place.listener),
        analysts=LocalAnalysts(),
        checker=ModelFactChecker(client, searches, place.listener, options.depth),
        writer=LocalJudgmentWriter(),
        judgements={judgement.name: judgement for judgement in judgements},
        llm=lambda state: _view(client, place, briefing, state),
        store=StepCache(place.catalogue, place.run_id, _setting(place.settings, options), reuse=options.reuse),
        simulated=lambda: client.simulated,
        spent=lambda step: _spending(client, step),
        evidence_beyond=surroundings.beyond if "memory" in place.settings.evidence.sources else lambda _: "",
        **common,
    )
    return Assembly(parts, closing, usage=lambda: client.usage)


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


async def _client(place: RunContext, options: Options) -> ModelClient:
    """Made on the loop that it is used on: its connections belong there."""
    return ModelClient(
        endpoint_of(place.settings),
        limits_of(place.settings, max_usd=options.max_usd, max_seconds=options.max_seconds),
        cache=place.catalogue.model_cache if options.reuse else None,
        prices=place.around.prices,
        clock=place.around.clock,
    )


def _view(client: ModelClient, place: RunContext, briefing: JudgeBriefing, state: RunState) -> Any:
    """CrewAI's view of the client; crewai is loaded here and not before. Judgments are shown as they come."""
    from autointel.crew.llm import CrewModel, Stream

    streams = {StepName.BRIEF: Stream("judgments", lambda raw: briefing.show(state.results, raw))}
    return CrewModel(model=client.endpoint.name, client=client, portal=place.portal, streams=streams)


def _setting(settings: Settings, options: Options) -> str:
    """Everything but the inputs that decides what a model says."""
    model, evidence = settings.model, settings.evidence
    names = (model.base_url, model.name, model.read_name, options.depth, options.language, options.briefing_language)
    return f"llm {names} {roles_hash()} {evidence!r}"


def _spending(client: ModelClient, step: StepName) -> Spending:
    spent = client.spent(step)
    return Spending(
        model_calls=spent.calls,
        tokens=spent.prompt_tokens + spent.completion_tokens,
        usd=spent.usd,
        queue_seconds=spent.queue_seconds,
    )
