"""``autointel forget``: a source, a namespace, or all that is older than a day, removed from everything in the home."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import anyio

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.conversations import Conversation, Conversations
from autointel.adapters.home import Home
from autointel.app.stores import catalogue_of, embedder_of, graph_of, memory_of
from autointel.domain.catalogue import printable
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
from autointel.errors import StoreUnavailable, UsageError
from autointel.pipeline.storing import STALE_RECORDS, STALE_RELATIONS
from autointel.ports import Listener
from autointel.settings import Settings

_SHOWN: Final = 3
_WINDOW: Final = 6
"""Words in a row that are taken for a quote of a source; fewer are shared by chance."""
_WORD: Final = re.compile(r"\w+")
_LINE_BREAK: Final = re.compile(r"\\[nrt]")


@dataclass(frozen=True)
class Forgotten:
    """What was removed. ``reports`` counts those of other sources that quoted a removed one.

    ``run_again`` has the titles of those other sources, each once. ``chats`` are conversations that were removed whole
    for their age or with their namespace.
    """

    sources: tuple[Source, ...]
    passages: int
    runs: int
    reports: int = 0
    chats: int = 0
    run_again: tuple[str, ...] = ()


def forget(settings: Settings, namespace: str, name: str, listener: Listener) -> Forgotten:
    """Remove a source of the namespace: words, vectors, relations, runs, recordings, its cached steps, backups. Blocks.

    What was made of other sources and quotes this one (cached steps, verdicts, reports) goes too. Interrupted, the same
    again finishes it. ``name`` is its id or the beginning of it, its address, its title, or what a run of it was given.
    Raises UsageError for one that is not there or not the only one, HomeUnusable, StoreUnavailable.
    """
    with _opened(settings, namespace) as (home, catalogue):
        source = _named(name, catalogue)
        return _forget(settings, home, catalogue, [source], listener, also=name)


def forget_before(settings: Settings, namespace: str, day: date, listener: Listener) -> Forgotten:
    """Remove every source that was last saved before ``day`` (UTC), as ``forget`` does, and older conversations.

    Blocks. Raises as ``forget``.
    """
    with _opened(settings, namespace) as (home, catalogue):
        gone = _forget(settings, home, catalogue, catalogue.passages.stored_before(day), listener)
    return replace(gone, chats=Conversations(settings.home, namespace).forget_before(day))


def forget_all(settings: Settings, namespace: str, listener: Listener) -> Forgotten:
    """Remove a namespace, with runs that found nothing and everything that waits. Blocks. Raises as ``forget``."""
    with _opened(settings, namespace) as (home, catalogue):
        gone = _forget(settings, home, catalogue, catalogue.passages.sources(), listener)
        rest = catalogue.runs.of_namespace(namespace)
        for run in rest:
            home.remove_run(run)
            catalogue.artifacts.remove(run)
            home.remove_media(run)
        catalogue.forget_namespace()
        catalogue.compact()
        chats = Conversations(settings.home, namespace).forget_all()
        return Forgotten(gone.sources, gone.passages, gone.runs + len(rest), gone.reports, chats, gone.run_again)


def forget_chat(settings: Settings, namespace: str, conversation_id: str) -> Conversation:
    """Remove a conversation of the namespace. Blocks. Raises UsageError where there is none, HomeUnusable."""
    return Conversations(settings.home, namespace).forget(conversation_id)


@contextmanager
def _opened(settings: Settings, namespace: str) -> Iterator[tuple[Home, Catalogue]]:
    with closing(catalogue_of(settings, namespace)) as catalogue:
        yield Home(settings.home), catalogue


def _named(name: str, catalogue: Catalogue) -> Source:
    sources, path = catalogue.passages.sources(), str(Path(name).absolute())
    found = [source for source in sources if source.id == name or name in {source.url, source.path, source.title}]
    found = found or [source for source in sources if source.path == path or source.id.startswith(name)]
    found = found or [source for source in sources if source.id in _read_as([name, path], catalogue)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"Nothing that was read is called {name!r}.", "Use its address, its title or its id.")
    ids = ", ".join(source.id for source in found[:_SHOWN])
    raise UsageError(f"{len(found)} sources are called {name!r}.", f"Use an id: {ids}.")


def _read_as(names: Sequence[str], catalogue: Catalogue) -> set[str | None]:
    """Ids of the sources that runs read under one of these names: a copy read later gives its source another path."""
    runs = catalogue.runs.typed_as([printable(name) for name in names], catalogue.namespace)
    return {record.source_id for record in map(catalogue.runs.find, runs) if record is not None}


def _forget(
    settings: Settings,
    home: Home,
    catalogue: Catalogue,
    sources: Sequence[Source],
    listener: Listener,
    *,
    also: str | None = None,
) -> Forgotten:
    """``also`` is another name of the source, by which a run may have asked for it."""
    if not sources:
        return Forgotten((), 0, 0)
    namespace, passages, runs = catalogue.namespace, 0, 0
    reports: dict[str, str] = {}
    ids: list[str] = []
    for source in sources:
        of_source = [passage.id for passage in catalogue.passages.of_source(source.id)]
        passages += len(of_source)
        ids += of_source + [record.record_id for record in catalogue.verdicts.records_of(source.id)]
    stale = catalogue.outbox.waiting(STALE_RECORDS, namespace)
    # The catalogue last: until then the same command finds the source, and finishes what was interrupted.
    try:
        anyio.run(_forget_vectors, settings, home, namespace, [*ids, *stale], listener)
        anyio.run(_forget_relations, settings, home, catalogue, sources, listener)
    except StoreUnavailable as error:
        error.add_note("Until then nothing is deleted from the home: run the command again.")
        raise
    catalogue.outbox.strike(STALE_RECORDS, namespace, stale)
    home.remove_backups()
    for source in sources:
        names = [name for name in (source.url, source.path, also) if name]
        of_runs = catalogue.runs.of_source(source.id, namespace, names)
        runs += len(of_runs)
        for run in of_runs:
            home.remove_run(run)
            catalogue.artifacts.remove(run)
            home.remove_media(run, *names)
        quotes = _Quotes(source, catalogue.passages.source(source.id))
        reports |= _forget_reports(catalogue, catalogue.runs.of_namespace(namespace), quotes)
        catalogue.forget_quoting(source.id, quotes.stand_in)
        Conversations(settings.home, namespace).forget_quoting(source.id, quotes.stand_in)
        catalogue.forget(source.id, of_runs)
        for run in of_runs:
            reports.pop(run, None)
    catalogue.compact()
    return Forgotten(tuple(sources), passages, runs, len(reports), run_again=tuple(dict.fromkeys(reports.values())))


class _Quotes:
    """Tells whether a text quotes a source: names it by id or address, or has six of its words in a row."""

    def __init__(self, source: Source, kept: tuple[Source, Transcript] | None) -> None:
        self._names = [name for name in (source.id, source.url) if name]
        said = " ".join(segment.text for segment in kept[1].segments) if kept else ""
        self._windows = set(_windows(said))

    def stand_in(self, text: str) -> bool:
        return any(name in text for name in self._names) or not self._windows.isdisjoint(_windows(text))


def _windows(text: str) -> Iterator[int]:
    words = [word.lower() for word in _WORD.findall(_LINE_BREAK.sub(" ", text))]
    return (hash(tuple(words[at : at + _WINDOW])) for at in range(len(words) - _WINDOW + 1))


def _forget_reports(catalogue: Catalogue, runs: Sequence[str], quotes: _Quotes) -> dict[str, str]:
    """Remove the artifacts of these runs that quote the source; the runs that lost one, with their sources' titles."""
    artifacts, touched = catalogue.artifacts, {}
    for run in runs:
        texts = ((name, (artifacts.read(run, name) or b"").decode("utf-8", "replace")) for name in artifacts.names(run))
        found = [name for name, text in texts if quotes.stand_in(text)]
        for name in found:
            artifacts.remove(run, name)
        if found and (record := catalogue.runs.find(run)):
            touched[run] = record.title or record.options.source
    return touched


async def _forget_vectors(
    settings: Settings, home: Home, namespace: str, ids: Sequence[str], listener: Listener
) -> None:
    memory = memory_of(settings, home, namespace, embedder_of(settings), listener)
    try:
        await memory.forget(ids)
    finally:
        await memory.close()


async def _forget_relations(
    settings: Settings, home: Home, catalogue: Catalogue, sources: Sequence[Source], listener: Listener
) -> None:
    """An entity goes too where nothing is related to it any more and no other source names it."""
    graph = graph_of(settings, home, catalogue.namespace, listener)
    try:
        for source in sources:
            await graph.forget_source(source.id)
        stale = await catalogue.in_thread(catalogue.outbox.waiting, STALE_RELATIONS, catalogue.namespace)
        await graph.forget_relations(stale)
        await catalogue.in_thread(catalogue.outbox.strike, STALE_RELATIONS, catalogue.namespace, stale)
        loose = await graph.loose()
        gone = [source.id for source in sources]
        still_said = await catalogue.in_thread(
            catalogue.passages.saying, [entity.name for entity in loose], not_sources=gone
        )
        known = await catalogue.in_thread(catalogue.knowledge.ids, [entity.id for entity in loose], not_sources=gone)
        await graph.forget([each.id for each in loose if each.name not in still_said and each.id not in known])
        await graph.compact()
    finally:
        await graph.close()
