"""What stands behind the ports in a run: chosen by settings and options, nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from autointel.app.course import Parts
from autointel.app.language_cache import LanguageCache
from autointel.app.memory_snapshot import MemorySnapshot
from autointel.app.network import NetworkAccess
from autointel.app.outbox import CatalogueOutbox
from autointel.app.run_context import Assembly, RunContext
from autointel.app.sources import is_address, source_of
from autointel.app.speech import recogniser_of
from autointel.app.step_cache import StepCache
from autointel.app.stores import embedder_of, graph_of, memory_of
from autointel.app.transcript_cache import FirstAnswer, TranscriptCache
from autointel.domain.run import Engine, Options
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
from autointel.local.analysis import analysis_of
from autointel.local.declining import LocalAnalysts, LocalFactChecker, LocalJudgmentWriter
from autointel.local.reader import LocalReader
from autointel.pipeline.read import nothing_beside
from autointel.pipeline.transcribe import Transcribed, transcribe
from autointel.ports import PrivacyGate


class OpenGate(PrivacyGate):
    """Lets everything pass: ``--privacy off``."""

    def screen(self, transcript: Transcript) -> Transcript:
        """The transcript as it is."""
        return transcript


def assemble(
    place: RunContext, options: Options, read_input: Callable[[int], bytes], known: tuple[Source, Transcript] | None
) -> Assembly:
    """Everything a run needs. ``known`` are the words that an interrupted run had already found."""
    closing = AsyncExitStack()
    outside = NetworkAccess(place.settings, offline=options.offline, proxy=options.acquisition.proxy)
    closing.push_async_callback(outside.close)
    embedder = embedder_of(place.settings)
    memory = memory_of(place.settings, place.home, options.namespace, embedder, place.listener)
    graph = graph_of(place.settings, place.home, options.namespace, place.listener)
    closing.push_async_callback(memory.close)
    closing.push_async_callback(graph.close)
    common: dict[str, Any] = {
        "found": _found(place, options, outside, read_input, known),
        "memory": memory,
        "graph": graph,
        "embedder": embedder.fingerprint,
        "outbox": CatalogueOutbox(place.catalogue, options.namespace),
    }
    if options.engine is Engine.LOCAL:
        setting = f"local {embedder.fingerprint} {options.depth} {options.language}"
        # Without memory, nothing that memory holds is shown beside the statements either.
        beside = MemorySnapshot.of(place.catalogue, options.namespace).beside if options.memory else nothing_beside
        parts = Parts(
            reader=LocalReader(embedder),
            analysts=LocalAnalysts(),
            checker=LocalFactChecker(),
            writer=LocalJudgmentWriter(),
            survey=analysis_of,
            beside=beside,
            store=StepCache(place.catalogue, place.run_id, setting, reuse=options.reuse),
            **common,
        )
        return Assembly(parts, closing)
    from autointel.app.assemble_llm import with_model

    return with_model(place, options, outside, common, closing)


def _found(
    place: RunContext,
    options: Options,
    outside: NetworkAccess,
    read_input: Callable[[int], bytes],
    known: tuple[Source, Transcript] | None,
) -> Callable[[], Awaitable[Transcribed]]:
    async def find() -> Transcribed:
        if known is not None:
            found = Transcribed(source=known[0], transcript=known[1])
        else:
            found = await _sought(place, options, outside, read_input)
        place.listener.source_found(found.source, found.transcript)
        return found

    return find


async def _sought(
    place: RunContext, options: Options, outside: NetworkAccess, read_input: Callable[[int], bytes]
) -> Transcribed:
    """The words as they are kept, else as they are found where the source stands."""
    answers = FirstAnswer(outside.fetcher, options.source) if is_address(options.source) else None
    kept = TranscriptCache(place.catalogue, options, place.settings.speech.model or "", answers)
    words = await kept.find()
    if words is None:
        recogniser = recogniser_of(place.settings, outside, offline=options.offline, told=place.listener.waiting)
        source = source_of(
            options,
            outside,
            recogniser,
            fetcher=answers,
            read_input=read_input,
            media=place.home.folder / "media",
            make=place.around.downloader,
        )
        language = LanguageCache(place.catalogue.step_cache)
        words = await transcribe(options.source, options.language, source, OpenGate(), language)
        await kept.note(words)
    return words
