"""Store entities and relations with where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from typing_extensions import override

from autointel.domain.knowledge import Differ, Entity, Provenance, Relation, contradictions
from autointel.domain.notes import EntityMention
from autointel.domain.passage import passage_of
from autointel.domain.report import ReportedGraph, Results, top_entities
from autointel.domain.run import StepName
from autointel.domain.value import content_id
from autointel.errors import StoreUnavailable
from autointel.pipeline.step import Done, Work
from autointel.pipeline.storing import ENTITIES, RELATIONS, STALE_RELATIONS, Layer, kept_for_later, write_layers
from autointel.ports import KnowledgeGraph, Outbox
from autointel.render.plain_text import count


class Relate(Work[ReportedGraph]):
    """It waits for no sibling, and stores nothing that the notes do not hold.

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
        named = {mention.name: entity_of(mention, self._namespace) for mention in results.notes.entities}
        entities = {entity.id: entity for entity in named.values()}
        relations = {relation.id: relation for relation in relations_of(results, named, self._run_id)}
        value = ReportedGraph(
            entities=len(named),
            relations=len(relations),
            backend=self._graph.backend,
            top_entities=top_entities(results.notes),
        )

        async def store(ids: set[str]) -> None:
            await self._graph.relate(
                [entity for id_, entity in entities.items() if id_ in ids],
                [relation for id_, relation in relations.items() if id_ in ids],
            )

        layer = Layer([*entities, *relations], self._graph.missing, store)
        written = (await write_layers({RELATIONS: layer}))[RELATIONS]
        value = value.model_copy(update={"layers": (written.write,), "insertion": self._graph.get_insertion_metrics()})
        lost, error = written.lost, written.error
        if error is None:
            try:
                await note_contradictions(self._graph, list(relations.values()), self._differ)
            except StoreUnavailable as late:
                lost, error = frozenset(relations), late
        if self._outbox is not None:
            await self._outbox.strike(ENTITIES, entities.keys() - lost)
            await self._outbox.strike(RELATIONS, relations.keys() - lost)
        if error is not None:
            if self._outbox is None:
                raise error
            waiting: dict[str, dict[str, Entity] | dict[str, Relation]] = {
                ENTITIES: {id_: each for id_, each in entities.items() if id_ in lost},
                RELATIONS: {id_: each for id_, each in relations.items() if id_ in lost},
            }
            return await kept_for_later(value, waiting, self._outbox, error)
        await self._forget_stale()
        return Done(
            value,
            detail=f"{count(len(named), 'entity')}, {count(len(relations), 'relation')}, {written.write.new} new",
        )

    async def _forget_stale(self) -> None:
        """Remove what an earlier version of a source left; where the store does not answer, another run does it."""
        stale = await self._outbox.waiting(STALE_RELATIONS) if self._outbox else []
        if self._outbox and stale:
            with suppress(StoreUnavailable):
                await self._graph.forget_relations(stale)
                await self._outbox.strike(STALE_RELATIONS, stale)

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
    given = {relation.id: relation for relation in relations}
    stored = await graph.between({(each.subject_id, each.object_id) for each in relations})
    # A relation of an earlier version has no day; its source tells it when it is read again.
    known = [each.model_copy(update={"valid_from": each.valid_from or _day(given.get(each.id))}) for each in stored]
    marked = {relation.id: relation for relation in contradictions(known, differ)}
    dated = {one.id: one for one, other in zip(known, stored, strict=True) if one != other}
    if dated or marked:
        await graph.relate([], list((dated | marked).values()))
    return len(marked)


def _day(relation: Relation | None) -> date | None:
    return relation.valid_from if relation else None


def entity_of(mention: EntityMention, namespace: str) -> Entity:
    """The entity across sources: one per namespace, kind and folded name."""
    return Entity(
        id=content_id("entity", namespace, mention.kind, " ".join(mention.name.casefold().split())),
        name=mention.name,
        kind=mention.kind,
        mentions=mention.mentions,
        confidence=mention.confidence,
    )


def known(results: Results, namespace: str, run_id: str) -> tuple[list[Entity], list[Relation]]:
    """Everything that the notes of a run hold for the graph."""
    named = {mention.name: entity_of(mention, namespace) for mention in results.notes.entities}
    return list({entity.id: entity for entity in named.values()}.values()), relations_of(results, named, run_id)


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
