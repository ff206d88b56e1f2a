"""Store entities and relations with where they come from."""

from __future__ import annotations

from typing_extensions import override

from autointel.domain.knowledge import Entity, Provenance, Relation
from autointel.domain.notes import EntityMention
from autointel.domain.passage import passage_of
from autointel.domain.report import ReportedGraph, top_entities
from autointel.domain.results import Results
from autointel.domain.run import StepName
from autointel.domain.value import content_id
from autointel.errors import StoreUnavailable
from autointel.pipeline.outbox_fallback import ENTITIES, RELATIONS, kept_for_later
from autointel.pipeline.step import Done, Work
from autointel.ports import KnowledgeGraph, Outbox


class Relate(Work[ReportedGraph]):
    """It waits for no sibling, and stores nothing that the notes do not hold."""

    name = StepName.GRAPH
    value = ReportedGraph

    def __init__(self, graph: KnowledgeGraph, namespace: str, run_id: str, outbox: Outbox | None = None) -> None:
        self._graph = graph
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
        try:
            missing = await self._graph.missing([*entities, *relations])
            await self._graph.relate(
                [entity for id_, entity in entities.items() if id_ in missing],
                [relation for id_, relation in relations.items() if id_ in missing],
            )
        except StoreUnavailable as error:
            if self._outbox is None:
                raise
            return await kept_for_later(value, {ENTITIES: entities, RELATIONS: relations}, self._outbox, error)
        return Done(value, detail=f"{len(named)} entities, {len(relations)} relations, {len(missing)} new")

    @override
    def put(self, results: Results, value: ReportedGraph) -> Results:
        return results.model_copy(update={"graph": value})


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
            ),
        )
    return list(relations.values())
