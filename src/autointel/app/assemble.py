"""The composition root: settings and options become the steps of a run. Adapters are chosen here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyio.to_thread import run_sync

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.app.privacy import gate_of
from autointel.app.run_context import NetworkAccess, RunContext
from autointel.app.sources import is_address, recogniser_of, source_of
from autointel.app.step_cache import StepCache
from autointel.app.stores import CatalogueOutbox, embedder_of, graph_of, memory_of
from autointel.app.transcript_cache import ConditionalFetcher, LanguageCache, TranscriptCache
from autointel.domain.analysis import Analysis
from autointel.domain.report import Results
from autointel.domain.run import Privacy
from autointel.domain.transcript import Source, Transcript
from autointel.memory.differences import difference
from autointel.memory.findings import Stores
from autointel.memory.related import Memory, with_related
from autointel.pipeline.step import StepEngine, digest_of
from autointel.pipeline.store import Relate, Remember
from autointel.pipeline.transcribe import Transcribe, Transcribed, transcribe
from autointel.ports import Embedder
from autointel.text.near_duplicates import OwnWords

if TYPE_CHECKING:
    from autointel.model.client import ModelClient


@dataclass(frozen=True)
class MemorySnapshot:
    """Memory at one moment. By keyword alone: a run must not wait for its own vectors to be written."""

    memory: Memory

    @classmethod
    def of(cls, catalogue: Catalogue, cache: StepCache) -> MemorySnapshot:
        """As it stands now. ``cache`` is the run's: it knows which sources are earlier versions of the run's own.

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


Words = tuple[Source, Transcript]


@dataclass(frozen=True)
class Assembly:
    """A run, ready to be done. ``closing`` releases what it holds; ``model`` is None where none is asked."""

    engine: StepEngine
    step_cache: StepCache
    closing: AsyncExitStack
    model: ModelClient | None = None


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


def storing_steps(run: RunContext, embedder: Embedder) -> tuple[Remember, Relate, AsyncExitStack]:
    """The steps that both engines store by, and what closes their stores."""
    options, closing = run.options, AsyncExitStack()
    outbox = CatalogueOutbox(run.catalogue, options.namespace)
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
