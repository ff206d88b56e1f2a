"""Store what was read: passages, key points and claims in vector memory, entities and relations in the graph.

Everything is stored by id: what is there already is not stored again. The layers of memory are written side by side,
each with a result of its own. What a store that does not answer should hold waits in the outbox.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, TypeVar

import anyio
from pydantic import BaseModel
from typing_extensions import override

from autointel.domain.knowledge import Differ, Entity, Provenance, Relation, contradictions
from autointel.domain.notes import EntityMention, Note
from autointel.domain.passage import Passage, passage_of
from autointel.domain.performance import LayerWrite
from autointel.domain.report import ReportedGraph, ReportedMemory, Results, top_entities
from autointel.domain.run import StepName
from autointel.domain.value import content_id
from autointel.errors import NotAllStored, StoreUnavailable
from autointel.pipeline.step import Done, Work
from autointel.ports import KnowledgeGraph, Outbox, Remembered, VectorMemory
from autointel.render.plain_text import count

V = TypeVar("V", bound=BaseModel)

PASSAGES: Final = "passages"
EPISODES: Final = "episodes"
"""The layers of vector memory: episodes are key points and claims."""
MEMORY: Final = "memory"
ENTITIES: Final = "entities"
RELATIONS: Final = "relations"
STALE_RECORDS: Final = "stale records"
STALE_RELATIONS: Final = "stale relations"
"""The kinds of what waits; entities before relations, which are stored between them. Stale ones are to be removed."""
_NAMES: Final = {MEMORY: "records", ENTITIES: "entities", RELATIONS: "relations"}
_log: Final = logging.getLogger(__name__)


class Remember(Work[ReportedMemory]):
    """Stores passages, key points and claims. Waits for no sibling: a look-up joins verdicts by claim id."""

    name = StepName.MEMORY
    value = ReportedMemory

    def __init__(self, memory: VectorMemory, embedder: str, outbox: Outbox | None = None) -> None:
        self.memory = memory
        self._embedder = embedder
        self._outbox = outbox

    @override
    async def run(self, results: Results) -> Done[ReportedMemory]:
        async with _storing(self._outbox, results) as held:
            return await self._store(results, {each.record_id: each for each in records_of(results) if held})

    async def _store(self, results: Results, records: dict[str, Remembered]) -> Done[ReportedMemory]:
        kinds = {PASSAGES: True, EPISODES: False}
        written = await write_layers(
            {
                layer: self._layer({id_: each for id_, each in records.items() if (each.kind == "passage") is is_raw})
                for layer, is_raw in kinds.items()
            }
        )
        value = ReportedMemory(
            passages=len(results.passages),
            claims=len(results.notes.claims),
            collection=self.memory.collection,
            embedder=self._embedder,
            layers=tuple(each.write for each in written.values()),
            insertion=self.memory.get_insertion_metrics(),
        )
        lost = frozenset().union(*(each.lost for each in written.values()))
        error = next((each.error for each in written.values() if each.error), None)
        # Before what is lost would wait: another run, or forget, may have removed it on purpose.
        if self._outbox is not None and await self._outbox.disown(STALE_RECORDS, results.passages, records):
            lost, error = frozenset(), None
        short = await _kept_for_later(value, {MEMORY: records}, lost, error, self._outbox)
        if short is not None:
            return short
        await _forget_stale(STALE_RECORDS, self._outbox, self.memory.forget)
        new = sum(each.write.new for each in written.values())
        return Done(value, detail=f"{count(len(records), 'record')}, {new} new")

    def _layer(self, records: dict[str, Remembered]) -> Layer:
        async def store(ids: set[str]) -> None:
            await self.memory.remember([record for id_, record in records.items() if id_ in ids])

        return Layer(list(records), self.memory.missing, store)

    @override
    def put(self, results: Results, value: ReportedMemory) -> Results:
        return results.model_copy(update={"memory": value})


def records_of(results: Results) -> list[Remembered]:
    """Everything of a run that memory keeps, in a fixed order, each id once."""
    records = [passage_record(passage) for passage in results.passages]
    for kind, notes in (("key_point", results.notes.key_points), ("claim", results.notes.claims)):
        records += [_record(kind, note, results) for note in notes]
    return list({record.record_id: record for record in records}.values())


def passage_record(passage: Passage) -> Remembered:
    """A passage as memory keeps it."""
    return Remembered(
        record_id=passage.id,
        kind="passage",
        source_id=passage.source_id,
        passage_id=passage.id,
        text=passage.text,
    )


def _record(kind: str, note: Note, results: Results) -> Remembered:
    return Remembered(
        record_id=note_id(kind, note, results.source.id),
        kind=kind,
        source_id=results.source.id,
        passage_id=passage_of(note.citation, results.passages).id,
        text=note.text,
    )


def note_id(kind: str, note: Note, source_id: str) -> str:
    """A note's id across runs: its words and place, not its number."""
    citation = note.citation
    return content_id(kind, source_id, str(citation.start), str(citation.paragraph), citation.quote, note.text)


class Relate(Work[ReportedGraph]):
    """Stores entities and relations of the notes, and nothing else. Waits for no sibling.

    ``differ`` compares quotes: relations of the same two entities that contradict each other are marked.
    """

    name = StepName.GRAPH
    value = ReportedGraph

    def __init__(
        self,
        graph: KnowledgeGraph,
        namespace: str,
        run_id: str,
        outbox: Outbox | None = None,
        differ: Differ = lambda _earlier, _later: None,
    ) -> None:
        self._graph = graph
        self._differ = differ
        self._outbox = outbox
        self._namespace = namespace
        self._run_id = run_id

    @override
    async def run(self, results: Results) -> Done[ReportedGraph]:
        async with _storing(self._outbox, results) as held:
            mentions = results.notes.entities if held else ()
            return await self._store(results, {each.name: entity_of(each, self._namespace) for each in mentions})

    async def _store(self, results: Results, named: dict[str, Entity]) -> Done[ReportedGraph]:
        entities = {entity.id: entity for entity in named.values()}
        relations = {relation.id: relation for relation in relations_of(results, named, self._run_id)}

        async def store(ids: set[str]) -> None:
            await self._graph.relate(
                [entity for id_, entity in entities.items() if id_ in ids],
                [relation for id_, relation in relations.items() if id_ in ids],
            )

        layer = Layer([*entities, *relations], self._graph.missing, store)
        written = (await write_layers({RELATIONS: layer}))[RELATIONS]
        value = ReportedGraph(
            entities=len(named),
            relations=len(relations),
            backend=self._graph.backend,
            top_entities=top_entities(results.notes),
            layers=(written.write,),
            insertion=self._graph.get_insertion_metrics(),
        )
        lost, error = written.lost, written.error
        if error is None:
            try:
                await note_contradictions(self._graph, list(relations.values()), self._differ)
            except StoreUnavailable as late:
                lost, error = frozenset(relations), late
        if self._outbox is not None and await self._outbox.disown(STALE_RELATIONS, results.passages, relations):
            lost, error = frozenset(), None
        short = await _kept_for_later(value, {ENTITIES: entities, RELATIONS: relations}, lost, error, self._outbox)
        if short is not None:
            return short
        await _forget_stale(STALE_RELATIONS, self._outbox, self._graph.forget_relations)
        return Done(
            value,
            detail=f"{count(len(named), 'entity')}, {count(len(relations), 'relation')}, {written.write.new} new",
        )

    @override
    def put(self, results: Results, value: ReportedGraph) -> Results:
        return results.model_copy(update={"graph": value})


async def note_contradictions(graph: KnowledgeGraph, relations: Sequence[Relation], differ: Differ) -> int:
    """Mark what contradicts these relations, on both sides, and give them their day; how many were marked.

    Interrupted, the next run or drain with a relation of the same two entities marks them. Raises StoreUnavailable,
    HomeUnusable.
    """
    if not relations:
        return 0
    stored = await graph.between({(each.subject_id, each.object_id) for each in relations})
    # A relation of an earlier version has no day; its source tells it when it is read again.
    days = {relation.id: relation.valid_from for relation in relations}
    known = [each.model_copy(update={"valid_from": each.valid_from or days.get(each.id)}) for each in stored]
    marked = {relation.id: relation for relation in contradictions(known, differ)}
    dated = {one.id: one for one, other in zip(known, stored, strict=True) if one != other}
    if dated or marked:
        await graph.relate([], list((dated | marked).values()))
    return len(marked)


def known(results: Results, namespace: str, run_id: str) -> tuple[list[Entity], list[Relation]]:
    """Everything that the notes of a run hold for the graph."""
    named = {mention.name: entity_of(mention, namespace) for mention in results.notes.entities}
    return list({entity.id: entity for entity in named.values()}.values()), relations_of(results, named, run_id)


def entity_of(mention: EntityMention, namespace: str) -> Entity:
    """The entity across sources: one per namespace, kind and folded name."""
    return Entity(
        id=content_id("entity", namespace, mention.kind, " ".join(mention.name.casefold().split())),
        name=mention.name,
        kind=mention.kind,
        mentions=mention.mentions,
        confidence=mention.confidence,
    )


def relations_of(results: Results, entities: dict[str, Entity], run_id: str) -> list[Relation]:
    """Every relation whose two ends are known, with the words it rests on; one per source and meaning."""
    relations: dict[str, Relation] = {}
    for mention in results.notes.relations:
        if mention.subject not in entities or mention.object not in entities:
            continue
        subject, other = entities[mention.subject], entities[mention.object]
        # Without the run: reading a source again adds nothing.
        relation_id = content_id("relation", results.source.id, subject.id, mention.predicate, other.id)
        relations.setdefault(
            relation_id,
            Relation(
                id=relation_id,
                subject_id=subject.id,
                predicate=mention.predicate,
                object_id=other.id,
                weight=mention.weight,
                confidence=mention.confidence,
                provenance=Provenance(
                    run_id=run_id,
                    source_id=results.source.id,
                    passage_id=passage_of(mention.citation, results.passages).id,
                    quote=mention.citation.quote,
                    start=mention.citation.start,
                    paragraph=mention.citation.paragraph,
                ),
                valid_from=results.source.published_at,
            ),
        )
    return list(relations.values())


@dataclass(frozen=True)
class Layer:
    """Items by id, and the store that should hold them.

    ``missing`` says which ids are not stored; ``store`` stores those, durably. Both raise StoreUnavailable.
    """

    ids: Sequence[str]
    missing: Callable[[Sequence[str]], Awaitable[set[str]]]
    store: Callable[[set[str]], Awaitable[None]]


@dataclass(frozen=True)
class Written:
    """How a layer was written. ``lost`` are the ids that are not stored, and ``error`` says why."""

    write: LayerWrite
    lost: frozenset[str] = field(default_factory=frozenset)
    error: StoreUnavailable | None = None


async def write_layers(layers: Mapping[str, Layer]) -> dict[str, Written]:
    """Write all layers at the same time; a result for each, in the order of ``layers``.

    What a layer did not store before is stored and read back: it counts as stored once the store says that it is there.
    Errors of stores stay with their layer. Any other error is raised as it is, the first in the order of ``layers``,
    once every layer has ended.
    """
    written: dict[str, Written] = {}
    failures: dict[str, Exception] = {}

    async def write(name: str, layer: Layer) -> None:
        try:
            written[name] = await _write(name, layer)
        except Exception as error:  # noqa: BLE001  the task group would wrap it, and end the other layers
            failures[name] = error

    async with anyio.create_task_group() as tasks:
        for name, layer in layers.items():
            tasks.start_soon(write, name, layer)
    for name in layers:
        if name in failures:
            raise failures[name]
    return {name: written[name] for name in layers}


async def _write(name: str, layer: Layer) -> Written:
    began = perf_counter()
    new: set[str] = set()
    lost: frozenset[str] = frozenset()
    failure: StoreUnavailable | None = None
    try:
        if layer.ids:
            new = await layer.missing(layer.ids)
        if new:
            await layer.store(new)
            lost = frozenset(await layer.missing(sorted(new)))
        if lost:
            failure = StoreUnavailable(
                f"{len(lost)} {name} were sent and did not arrive.", "See the store's log, or try again."
            )
    except NotAllStored as error:
        lost, failure = error.lost, error
    except StoreUnavailable as error:
        # Before the store has said what it lacks, all of it may be lacking.
        lost, failure = frozenset(new or layer.ids), error
    seconds = perf_counter() - began
    write = LayerWrite(
        layer=name, items=len(layer.ids), new=len(new), seconds=seconds, error=failure.message if failure else ""
    )
    _log.info("layer %s: %d items, %d new, %d lost, %.0f ms", name, write.items, write.new, len(lost), seconds * 1000)
    return Written(write, lost, failure)


@asynccontextmanager
async def _storing(outbox: Outbox | None, results: Results) -> AsyncIterator[bool]:
    """Whether there is anything to store: a source that was forgotten or replaced meanwhile leaves nothing."""
    if outbox is None:
        yield True
    else:
        async with outbox.storing(results.passages) as held:
            yield held


async def _kept_for_later(
    value: V,
    records: Mapping[str, Mapping[str, BaseModel]],
    lost: frozenset[str],
    error: StoreUnavailable | None,
    outbox: Outbox | None,
) -> Done[V] | None:
    """The step's value, degraded, where an ``error`` kept records from their store; None where all are stored.

    ``records`` are those of each kind by id. The stored ones wait no longer, the ``lost`` ones wait in the outbox.
    Raises the error where there is none, HomeUnusable.
    """
    if outbox is not None:
        for kind, each in records.items():
            await outbox.strike(kind, each.keys() - lost)
    if error is None:
        return None
    if outbox is None:
        raise error
    waiting = {kind: {id_: each[id_] for id_ in each if id_ in lost} for kind, each in records.items()}
    for kind, each in waiting.items():
        await outbox.put(kind, {id_: record.model_dump_json() for id_, record in each.items()})
    waits = " and ".join(f"{len(each):,} {_NAMES[kind]}" for kind, each in waiting.items() if each)
    return Done(
        value,
        shortfall=f"{error.message.rstrip('.')}; {waits} wait in the outbox",
        hint=f"{error.hint} Then autointel drain stores them.".lstrip(),
    )


async def _forget_stale(kind: str, outbox: Outbox | None, forget: Callable[[Sequence[str]], Awaitable[object]]) -> None:
    """Remove what an earlier version of a source left; where the store does not answer, another run does it."""
    stale = await outbox.waiting(kind) if outbox else []
    if outbox and stale:
        with suppress(StoreUnavailable):
            await forget(stale)
            await outbox.strike(kind, stale)
