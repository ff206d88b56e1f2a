"""The composition root: settings and options become the steps of a run, by the engine with a model or the one without.

What only one engine needs is imported where that engine is put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyio.to_thread import run_sync

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.app.caches import ConditionalFetcher, LanguageCache, StepCache, TranscriptCache
from autointel.app.privacy import gate_of
from autointel.app.run_context import NetworkAccess, RunContext
from autointel.app.sources import evidence_of, is_address, recogniser_of, source_of
from autointel.app.stores import CatalogueOutbox, embedder_of, graph_of, memory_of
from autointel.domain.analysis import Analysis
from autointel.domain.report import Results
from autointel.domain.run import Engine, Options, Privacy, Verify
from autointel.domain.transcript import Source, Transcript
from autointel.errors import SourceUnreachable
from autointel.memory.differences import difference
from autointel.memory.findings import Stores
from autointel.memory.related import Memory, MemoryEvidence, Own, with_related
from autointel.pipeline.brief import Brief
from autointel.pipeline.read import Read
from autointel.pipeline.stages import Stage, roles_hash
from autointel.pipeline.step import AnyStep, StepEngine, digest_of
from autointel.pipeline.store import Relate, Remember
from autointel.pipeline.transcribe import Transcribe, Transcribed, transcribe
from autointel.pipeline.verifying import Verifier
from autointel.ports import Embedder
from autointel.settings import Settings
from autointel.text.near_duplicates import OwnWords

if TYPE_CHECKING:
    from autointel.adapters.evidence.paged import Checked
    from autointel.model.client import ModelClient
    from autointel.model.endpoint import Endpoint

Words = tuple[Source, Transcript]


@dataclass(frozen=True)
class Assembly:
    """A run, ready to be done. ``closing`` releases what it holds; ``model`` is None where none is asked."""

    engine: StepEngine
    step_cache: StepCache
    closing: AsyncExitStack
    model: ModelClient | None = None


def assemble(run: RunContext, finder: SourceFinder) -> Assembly:
    """Everything that the chosen engine needs. Raises SettingsError."""
    return assemble_local(run, finder) if run.options.engine is Engine.LOCAL else assemble_llm(run, finder)


def assemble_local(run: RunContext, finder: SourceFinder) -> Assembly:
    """The engine without a model."""
    from autointel.local.engine import LocalEngine

    options, embedder = run.options, embedder_of(run.settings, offline=run.options.offline)
    setting = f"local {embedder.fingerprint} {options.depth} {options.language}"
    step_cache = StepCache(run.catalogue, run.run.id, setting, run.listener, reuse=options.reuse)
    # Without memory, nothing that memory holds is shown beside the statements either.
    related = MemorySnapshot.of(run.catalogue, step_cache).related if options.memory else None
    remember, relate, closing = storing_steps(run, embedder)
    closing.push_async_callback(finder.network.close)
    engine = LocalEngine(WordLlamaEmbedder(), related, (Transcribe(finder.find, options.depth), remember, relate))
    return Assembly(engine, step_cache, closing)


def assemble_llm(run: RunContext, finder: SourceFinder) -> Assembly:
    """Everything that asks the model goes through one client, used and closed on the run's loop."""
    from autointel.pipeline.fact_check import FactCheck
    from autointel.pipeline.fallacies import Fallacies
    from autointel.pipeline.insights import Insights
    from autointel.pipeline.model_reader import ModelReader
    from autointel.pipeline.perspectives import Perspectives

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


def storing_steps(run: RunContext, embedder: Embedder) -> tuple[Remember, Relate, AsyncExitStack]:
    """The steps that both engines store by, and what closes their stores."""
    options, closing = run.options, AsyncExitStack()
    outbox = CatalogueOutbox(run.catalogue, options.namespace, run.home, run.listener)
    where, offline = (run.settings, run.home, options.namespace), options.offline
    memory = run.substitutes.memory or memory_of(*where, embedder, run.listener, offline=offline)
    graph = run.substitutes.graph or graph_of(*where, run.listener, offline=offline)
    closing.push_async_callback(memory.close)
    closing.push_async_callback(graph.close)
    return (
        Remember(memory, embedder.fingerprint, outbox),
        Relate(graph, options.namespace, run.run.id, outbox, difference),
        closing,
    )


class ModelEngine:
    """Implements StepEngine: every stage has a step."""

    def __init__(self, steps: Iterable[AnyStep]) -> None:
        self._steps = {step.name: step for step in steps}

    def step(self, stage: Stage) -> AnyStep:
        """The step of a stage."""
        return self._steps[stage.name]


@dataclass(frozen=True)
class MemorySnapshot:
    """Memory at one moment. By keyword alone: a run must not wait for its own vectors to be written."""

    memory: Memory

    @classmethod
    def of(cls, catalogue: Catalogue, cache: StepCache) -> MemorySnapshot:
        """Memory as it stands now. ``cache`` is the run's, and knows the earlier versions of the run's own source.

        Raises HomeUnusable.
        """
        known = frozenset(source.id for source in catalogue.passages.sources())
        return cls(Memory(Stores(catalogue.passages, catalogue.words), known, cache.superseded))

    async def related(self, results: Results, analysis: Analysis) -> Analysis:
        """The analysis with, beside each statement, what other sources say on it."""
        own = OwnWords.of(results.source.id, results.transcript)
        statements = await with_related(analysis.statements, self.memory, own)
        return analysis.model_copy(update={"statements": statements})

    def beyond(self, source: Source) -> str:
        """Changes when another source has come into memory since, and only then."""
        return digest_of(*sorted(self.memory.known - self.memory.superseded() - {source.id}))


class SourceFinder:
    """Finds the words of a run's source: what an interrupted run had found, cached words, or the source itself."""

    def __init__(self, run: RunContext, read_input: Callable[[int], bytes], known: Words | None) -> None:
        self.network = NetworkAccess(run.settings, offline=run.options.offline, proxy=run.options.acquisition.proxy)
        self._run = run
        self._read_input = read_input
        self._known = known
        self._gate = gate_of(run.home, run.options.privacy, names=run.options.privacy_names)

    async def find(self) -> Transcribed:
        """The source and its words. Raises what a TranscriptSource raises."""
        if self._known is not None:
            found = await self._screened(*self._known)
        else:
            found = await self._sought()
        self._run.listener.source_found(found.source, found.transcript)
        return found

    async def _screened(self, source: Source, transcript: Transcript) -> Transcribed:
        """Words from the catalogue pass the gate too: a run without one may have put them there."""
        source, transcript = await run_sync(self._gate.screen, source, transcript)
        return Transcribed(source=source, transcript=transcript)

    async def _sought(self) -> Transcribed:
        run, options = self._run, self._run.options
        answers = ConditionalFetcher(self.network.fetcher, options.source) if is_address(options.source) else None
        cache = TranscriptCache(run.catalogue, options, run.settings.speech.model or "", answers)
        words = await cache.find()
        if words is not None:
            return await self._screened(words.source, words.transcript)
        private = options.privacy is not Privacy.OFF
        recogniser = recogniser_of(
            run.settings, self.network, offline=options.offline, on_progress=run.listener.waiting, private=private
        )
        source = source_of(
            options,
            self.network,
            recogniser,
            fetcher=answers,
            read_input=self._read_input,
            media=run.home.media / run.run.id,
            make=run.substitutes.downloader,
        )
        language = LanguageCache(run.catalogue.step_cache, options.namespace)
        words = await transcribe(options.source, options.language, source, self._gate, language)
        await cache.note(words)
        return words


class _Witness:
    """Knows the source that is being checked, once it has been found: it must never be its own evidence."""

    def __init__(self, finder: SourceFinder) -> None:
        self._finder = finder
        self._checked: Checked | None = None
        self._own: Own | None = None

    async def find(self) -> Transcribed:
        """Finds the source as the finder does, and remembers it."""
        from autointel.adapters.evidence.paged import Checked

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
    from autointel.app.model_settings import client_of, limits_of

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
