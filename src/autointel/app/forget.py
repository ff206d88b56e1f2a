"""``autointel forget``: a source, a namespace, or all that is older than a day, removed from everything in the home."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

import anyio
from pydantic import ValidationError

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.conversations import Conversation, Conversations
from autointel.adapters.home import RESULTS, WORDS, Home
from autointel.adapters.storing_lock import alone
from autointel.app.library import names_of, only_source, sources_called
from autointel.app.misspelt import did_you_mean, known_as
from autointel.app.stores import embedder_of, graph_of, memory_of, opened_home
from autointel.domain.report import Results
from autointel.domain.transcript import Source, SourceKind
from autointel.errors import StoreUnavailable, UsageError
from autointel.pipeline.store import STALE_RECORDS, STALE_RELATIONS
from autointel.ports import Listener
from autointel.settings import Settings
from autointel.settings.fields import Neo4jSettings, QdrantSettings

if TYPE_CHECKING:
    from autointel.adapters.graph.cypher import CypherGraph
    from autointel.app.run_context import RunContext

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


@contextmanager
def _alone(settings: Settings, namespace: str, listener: Listener) -> Iterator[tuple[Home, Catalogue]]:
    """The home and its catalogue while no run and no drain of this home stores anything.

    One under way would store it again after it was removed; one that is killed leaves what its source still names.
    """
    with opened_home(settings, namespace) as (home, catalogue), alone(home.storing, listener.waiting):
        yield home, catalogue


def forget(settings: Settings, namespace: str, name: str, listener: Listener) -> Forgotten:
    """Remove a source of the namespace: words, vectors, relations, runs, recordings, its cached steps, backups. Blocks.

    What was made of other sources and quotes this one (cached steps, verdicts, reports) goes too. Interrupted, the same
    again finishes it. ``name`` is its id or the beginning of it, its address, its title, or what a run of it was given.
    Versions of that name that a newer one replaced in memory go with their runs and reports. Raises UsageError for one
    that is not there or not the only one, HomeUnusable, StoreUnavailable.
    """
    with _alone(settings, namespace, listener) as (home, catalogue):
        return _forget(settings, home, catalogue, _named(name, catalogue), listener, also=name)


def forget_before(settings: Settings, namespace: str, day: date, listener: Listener) -> Forgotten:
    """Remove every source that was last saved before ``day`` (UTC), as ``forget`` does, and older conversations.

    Blocks. Raises as ``forget``.
    """
    with _alone(settings, namespace, listener) as (home, catalogue):
        gone = _forget(settings, home, catalogue, catalogue.passages.stored_before(day), listener)
    return replace(gone, chats=Conversations(settings.home, namespace).forget_before(day))


def forget_all(settings: Settings, namespace: str, listener: Listener) -> Forgotten:
    """Remove a namespace, with runs that found nothing and everything that waits. Blocks. Raises as ``forget``."""
    with _alone(settings, namespace, listener) as (home, catalogue):
        gone = _forget(settings, home, catalogue, catalogue.passages.sources(), listener)
        rest = catalogue.runs.of_namespace(namespace)
        for run in rest:
            home.remove_run(run)
            catalogue.artifacts.remove(run)
            home.remove_media(run)
        catalogue.forget_namespace()
        catalogue.compact()
        chats = Conversations(settings.home, namespace).forget_all()
        return Forgotten(gone.sources, gone.passages, gone.runs + len(rest), chats=chats)


def forget_late(run: RunContext, source: Source | None) -> None:
    """Remove what a run wrote after it was forgotten: artifacts, cached steps, names of its ``source`` in the graph.

    What another run has read of the source since stays. Blocks. Raises HomeUnusable. A graph server that is down keeps
    the names.
    """
    home, catalogue, run_id = run.home, run.catalogue, run.run.id
    home.remove_run(run_id)
    catalogue.artifacts.remove(run_id)
    home.remove_media(run_id)
    if source is not None and catalogue.passages.source(source.id) is None:
        with suppress(StoreUnavailable):
            anyio.run(_forget_relations, run.settings, home, catalogue, [source], run.listener)
        catalogue.forget(source.id, [run_id])
        catalogue.compact()


def forget_chat(settings: Settings, namespace: str, conversation_id: str) -> Conversation:
    """Remove a conversation of the namespace. Blocks. Raises UsageError where there is none, HomeUnusable."""
    return Conversations(settings.home, namespace).forget(conversation_id)


def _named(name: str, catalogue: Catalogue) -> list[Source]:
    """The source of that name, and its versions that are in memory no more."""
    sources = catalogue.passages.sources()
    read = _read_as(names_of(name), catalogue)
    found = sources_called(sources, name, parts=False) or [source for source in sources if source.id in read]
    source = only_source(found, name)
    if source is not None:
        read |= _read_as({place for place in (source.url, source.path) if place and place != "-"}, catalogue)
    elif not read:
        titled = (record for record in map(catalogue.runs.find, catalogue.runs.of_namespace(catalogue.namespace)))
        read = {
            record.source_id: record.id
            for record in titled
            if record and record.source_id and name.casefold() in {record.source_id, (record.title or "").casefold()}
        }
    known = {each.id for each in sources}
    older = [_replaced(run, catalogue) for source_id, run in read.items() if source_id not in known]
    if source is None and not older:
        meant = did_you_mean(name, known_as(sources))
        raise UsageError(f"Nothing that was read is called {name!r}.", f"{meant}Use its address, its title or its id.")
    return [source, *older] if source is not None else older


def _read_as(names: Collection[str], catalogue: Catalogue) -> dict[str, str]:
    """Ids of the sources that runs read under one of these names, each with its latest run.

    A copy read later gives its source another path.
    """
    runs = catalogue.runs.typed_as(sorted(names), catalogue.namespace)
    return {each.source_id: each.id for each in map(catalogue.runs.find, runs) if each and each.source_id}


def _replaced(run: str, catalogue: Catalogue) -> Source:
    """The source of a run, as its results or the run itself tell it, where memory holds it no more."""
    results, record = _results(run, catalogue), catalogue.runs.find(run)
    if results is not None:
        return results.source
    if record is None or record.source_id is None:
        raise UsageError(f"The run {run} is gone meanwhile.", "Run the command again.")
    typed = record.options.source
    return Source(id=record.source_id, kind=SourceKind.TEXT, path=typed, title=record.title or typed)


def _results(run: str, catalogue: Catalogue) -> Results | None:
    try:
        return Results.model_validate_json(catalogue.artifacts.read(run, RESULTS) or b"")
    except ValidationError:
        return None


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
        own = [passage.id for passage in catalogue.passages.of_source(source.id)]
        quotes = _Quotes(source, own, of_runs, catalogue)
        for run in of_runs:
            home.remove_run(run)
            catalogue.artifacts.remove(run)
            home.remove_media(run, *names)
        others = catalogue.runs.of_namespace(namespace)
        for run in others:
            home.remove_unfinished(run)
        reports |= _forget_reports(catalogue, others, quotes)
        catalogue.forget_quoting(source.id, quotes.stand_in)
        Conversations(settings.home, namespace).forget_quoting(source.id, quotes.stand_in)
        catalogue.forget(source.id, of_runs)
        for run in of_runs:
            reports.pop(run, None)
    catalogue.compact()
    return Forgotten(tuple(sources), passages, runs, len(reports), run_again=tuple(dict.fromkeys(reports.values())))


class _Quotes:
    """Tells whether a text quotes a source: names it by id or address, or has six words in a row that only it says.

    A sentence that the text's own source says too is no quote.
    """

    def __init__(self, source: Source, passages: Collection[str], runs: Sequence[str], catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._names = [name for name in (source.id, source.url, *passages) if name]
        self._said = self._windows_of(source.id)
        for run in () if self._said else reversed(runs):  # a version that is in memory no more
            if results := _results(run, catalogue):
                self._said = set(_windows(" ".join(segment.text for segment in results.transcript.segments)))
                break
        self._shared: dict[str, set[int]] = {}

    def stand_in(self, text: str, own: Collection[str]) -> bool:
        """``own`` are the ids of the sources that the text is made of."""
        if any(name in text for name in self._names):
            return True
        quoted = self._said.intersection(_windows(text))
        for source_id in own if quoted else ():
            if source_id not in self._shared:
                self._shared[source_id] = self._said & self._windows_of(source_id)
            quoted -= self._shared[source_id]
        return bool(quoted)

    def _windows_of(self, source_id: str) -> set[int]:
        words = self._catalogue.passages.source(source_id)
        return set(_windows(" ".join(segment.text for segment in words[1].segments))) if words else set()


def _windows(text: str) -> Iterator[int]:
    words = [word.lower() for word in _WORD.findall(_LINE_BREAK.sub(" ", text))]
    return (hash(tuple(words[at : at + _WINDOW])) for at in range(len(words) - _WINDOW + 1))


def _forget_reports(catalogue: Catalogue, runs: Sequence[str], quotes: _Quotes) -> dict[str, str]:
    """Remove the artifacts of these runs that quote the source; the runs that lost a report, with their titles."""
    artifacts, touched = catalogue.artifacts, {}
    for run in runs:
        record = catalogue.runs.find(run)
        own = [record.source_id] if record and record.source_id else []
        texts = ((name, (artifacts.read(run, name) or b"").decode("utf-8", "replace")) for name in artifacts.names(run))
        # What another source says itself stays, as in memory: here words that wait for their run to end.
        found = [name for name, text in texts if name != WORDS and quotes.stand_in(text, own)]
        for name in found:
            artifacts.remove(run, name)
        if record and any(name != RESULTS for name in found):
            touched[run] = record.title or record.options.source
    return touched


async def _forget_vectors(
    settings: Settings, home: Home, namespace: str, ids: Sequence[str], listener: Listener
) -> None:
    for each in (settings, *([_in_the_home(settings)] if settings.qdrant.url else [])):
        memory = memory_of(each, home, namespace, embedder_of(each), listener)
        try:
            await memory.forget(ids)
        finally:
            await memory.close()


def _in_the_home(settings: Settings) -> Settings:
    """The same without servers: a home's own stores hold what was read before a server was named."""
    return settings.model_copy(update={"qdrant": QdrantSettings(), "neo4j": Neo4jSettings()})


async def _forget_relations(
    settings: Settings, home: Home, catalogue: Catalogue, sources: Sequence[Source], listener: Listener
) -> None:
    """An entity goes too where nothing is related to it any more and no other source names it."""
    own = (home.graph / f"{catalogue.namespace}.lbug").exists()
    stale = await catalogue.in_thread(catalogue.outbox.waiting, STALE_RELATIONS, catalogue.namespace)
    # Opening a graph that is not there would make one, for which a full disk has no room.
    for each in ([settings] if settings.neo4j.uri else []) + ([_in_the_home(settings)] if own else []):
        await _forget_in_graph(graph_of(each, home, catalogue.namespace, listener), catalogue, sources, stale)
    await catalogue.in_thread(catalogue.outbox.strike, STALE_RELATIONS, catalogue.namespace, stale)


async def _forget_in_graph(
    graph: CypherGraph, catalogue: Catalogue, sources: Sequence[Source], stale: Sequence[str]
) -> None:
    try:
        for source in sources:
            await graph.forget_source(source.id)
        await graph.forget_relations(stale)
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
