"""The composition root: settings and options become the steps of a run. Adapters are chosen here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from autointel.app.assembly import Assembly, SourceFinder, Words, storing_steps
from autointel.app.memory_snapshot import MemorySnapshot
from autointel.app.run_context import RunContext
from autointel.app.step_cache import StepCache
from autointel.app.stores import embedder_of
from autointel.domain.run import Engine
from autointel.pipeline.transcribe import Transcribe


def assemble(run: RunContext, read_input: Callable[[int], bytes], known: Words | None) -> Assembly:
    """Everything a run needs. ``known`` are the words that an interrupted run had found. Raises SettingsError."""
    finder = SourceFinder(run, read_input, known)
    if run.options.engine is Engine.LOCAL:
        return assemble_local(run, finder)
    from autointel.app.assemble_llm import assemble_llm

    return assemble_llm(run, finder)


def assemble_local(run: RunContext, finder: SourceFinder) -> Assembly:
    """The engine without a model."""
    from autointel.local.engine import LocalEngine

    options, embedder = run.options, embedder_of(run.settings)
    # Without memory, nothing that memory holds is shown beside the statements either.
    related = MemorySnapshot.of(run.catalogue, options.namespace).related if options.memory else None
    remember, relate, closing = storing_steps(run, embedder)
    closing.push_async_callback(finder.network.close)
    engine = LocalEngine(embedder, related, (Transcribe(finder.find, options.depth), remember, relate))
    setting = f"local {embedder.fingerprint} {options.depth} {options.language}"
    return Assembly(engine, StepCache(run.catalogue, run.run.id, setting, reuse=options.reuse), closing)
