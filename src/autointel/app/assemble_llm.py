"""The engine with a model, put together: one client, its reader, its analysts, its fact-check."""

from __future__ import annotations

from collections.abc import Iterable

from autointel.adapters.evidence.paged import Checked
from autointel.app.assemble import Assembly, MemorySnapshot, SourceFinder, storing_steps
from autointel.app.evidence import evidence_of
from autointel.app.model_settings import client_of, limits_of
from autointel.app.run_context import RunContext
from autointel.app.step_cache import StepCache
from autointel.app.stores import embedder_of
from autointel.domain.run import Options, Verify
from autointel.errors import SourceUnreachable
from autointel.memory.related import MemoryEvidence, Own
from autointel.model.client import ModelClient
from autointel.model.endpoint import Endpoint
from autointel.pipeline.brief import Brief
from autointel.pipeline.fact_check import FactCheck
from autointel.pipeline.fallacies import Fallacies
from autointel.pipeline.insights import Insights
from autointel.pipeline.model_reader import ModelReader
from autointel.pipeline.perspectives import Perspectives
from autointel.pipeline.read import Read
from autointel.pipeline.stages import Stage, roles_hash
from autointel.pipeline.step import AnyStep
from autointel.pipeline.transcribe import Transcribe, Transcribed
from autointel.pipeline.verifying import Verifier
from autointel.settings import Settings


class ModelEngine:
    """Implements StepEngine: every stage has a step."""

    def __init__(self, steps: Iterable[AnyStep]) -> None:
        self._steps = {step.name: step for step in steps}

    def step(self, stage: Stage) -> AnyStep:
        """The step of a stage."""
        return self._steps[stage.name]


def assemble_llm(run: RunContext, finder: SourceFinder) -> Assembly:
    """Everything that asks the model goes through one client, used and closed on the run's loop."""
    options, listener = run.options, run.listener
    remember, relate, closing = storing_steps(run, embedder_of(run.settings, offline=options.offline))
    closing.push_async_callback(finder.network.close)
    client = run.portal.call(_client, run)
    closing.push_async_callback(client.aclose)
    witness = _Witness(finder)
    step_cache = StepCache(
        run.catalogue, run.run.id, _setting(client.endpoint, run.settings, options), listener, reuse=options.reuse
    )
    snapshot = MemorySnapshot.of(run.catalogue, step_cache)
    searches = evidence_of(
        run.settings,
        finder.network.fetcher,
        witness.checked,
        MemoryEvidence(snapshot.memory, witness.own),
        offline=options.offline,
    )
    fact_check = FactCheck(
        client,
        searches,
        listener,
        options.depth,
        side_by_side=options.flags.parallel_fact_checking.value,
        beyond=snapshot.beyond if "memory" in run.settings.evidence.sources else None,
    )
    verifier = Verifier(client) if options.verify is Verify.MODEL else None
    checked = options.verify is not Verify.OFF
    engine = ModelEngine(
        (
            Transcribe(witness.find, options.depth),
            Read(ModelReader(client, listener, verifier=verifier, checked=checked)),
            Insights(verifier, checked=checked),
            Fallacies(verifier, checked=checked),
            Perspectives(verifier, checked=checked),
            fact_check,
            remember,
            relate,
            Brief(listener, verifier, checked=checked),
        )
    )
    return Assembly(engine, step_cache, closing, client)


class _Witness:
    """Knows the source that is being checked, once it has been found: it must never be its own evidence."""

    def __init__(self, finder: SourceFinder) -> None:
        self._finder = finder
        self._checked: Checked | None = None
        self._own: Own | None = None

    async def find(self) -> Transcribed:
        """As the finder does; remembers what was found."""
        found = await self._finder.find()
        self._checked = Checked.of(found.source, found.transcript)
        self._own = Own.of(found.source, found.transcript)
        return found

    def checked(self) -> Checked:
        """The source, for searches."""
        if self._checked is None:
            raise SourceUnreachable("Evidence was sought before there was a source.", "Report this.")
        return self._checked

    def own(self) -> Own:
        """The source's own words, for memory."""
        if self._own is None:
            raise SourceUnreachable("Memory was asked before there was a source.", "Report this.")
        return self._own


async def _client(run: RunContext) -> ModelClient:
    """Made on the loop that it is used on: its connections belong there."""
    options = run.options
    return client_of(
        run.settings,
        limits_of(run.settings, max_usd=options.max_usd, max_seconds=options.max_seconds),
        cache=run.catalogue.model_cache.of_run(options.namespace, run.run.id) if options.reuse else None,
        prices=run.substitutes.prices,
        clock=run.substitutes.clock,
        tell=run.listener.waiting,
    )


def _setting(endpoint: Endpoint, settings: Settings, options: Options) -> str:
    """Everything but the inputs that decides what a model says."""
    evidence = settings.evidence
    names = (
        endpoint.identity,
        endpoint.name,
        endpoint.read_name,
        options.depth,
        options.language,
        options.briefing_language,
        options.verify,
    )
    return f"llm {names} {roles_hash()} {evidence!r}"
