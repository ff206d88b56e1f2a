"""What stands behind the ports in a run: chosen by settings and options, nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from autointel.domain.run import Engine, Options
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
from autointel.local.analysis import analysis_of
from autointel.local.declining import LocalAnalysts, LocalFactChecker, LocalJudgmentWriter
from autointel.local.reader import LocalReader
from autointel.ports import PrivacyGate
from autointel.steps.read import nothing_beside
from autointel.steps.transcribe import Transcribed, transcribe
from autointel.wiring.hearing import recogniser_of
from autointel.wiring.keeping import KeptSteps
from autointel.wiring.known_language import KnownLanguage
from autointel.wiring.known_words import FirstAnswer, KnownWords
from autointel.wiring.outbox import CatalogueOutbox
from autointel.wiring.outside import Outside
from autointel.wiring.pipeline import Parts
from autointel.wiring.place import Assembly, Place
from autointel.wiring.sources import is_address, source_of
from autointel.wiring.stores import embedder_of, graph_of, memory_of
from autointel.wiring.surroundings import Surroundings


class OpenGate(PrivacyGate):
    """Lets everything pass: ``--privacy off``."""

    def screen(self, transcript: Transcript) -> Transcript:
        """The transcript as it is."""
        return transcript


def assemble(
    place: Place, options: Options, read_input: Callable[[int], bytes], known: tuple[Source, Transcript] | None
) -> Assembly:
    """Everything a run needs. ``known`` are the words that an interrupted run had already found."""
    closing = AsyncExitStack()
    outside = Outside(place.settings, offline=options.offline, proxy=options.acquisition.proxy)
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
        beside = Surroundings.of(place.catalogue, options.namespace).beside if options.memory else nothing_beside
        parts = Parts(
            reader=LocalReader(embedder),
            analysts=LocalAnalysts(),
            checker=LocalFactChecker(),
            writer=LocalJudgmentWriter(),
            survey=analysis_of,
            beside=beside,
            store=KeptSteps(place.catalogue, place.run_id, setting, reuse=options.reuse),
            **common,
        )
        return Assembly(parts, closing)
    from autointel.wiring.model_engine import with_model

    return with_model(place, options, outside, common, closing)


def _found(
    place: Place,
    options: Options,
    outside: Outside,
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


async def _sought(place: Place, options: Options, outside: Outside, read_input: Callable[[int], bytes]) -> Transcribed:
    """The words as they are kept, else as they are found where the source stands."""
    answers = FirstAnswer(outside.fetcher, options.source) if is_address(options.source) else None
    kept = KnownWords(place.catalogue, options, place.settings.speech.model or "", answers)
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
        language = KnownLanguage(place.catalogue.step_cache)
        words = await transcribe(options.source, options.language, source, OpenGate(), language)
        await kept.note(words)
    return words
