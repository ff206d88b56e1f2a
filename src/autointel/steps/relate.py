"""Store entities and relations with where they come from."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from autointel.domain.knowledge import Entity, Provenance, Relation
from autointel.domain.notes import EntityMention
from autointel.domain.passage import passage_of
from autointel.domain.report import ReportedGraph, TopEntity
from autointel.domain.results import Results
from autointel.domain.run import StepName
from autointel.domain.value import content_id
from autointel.ports import KnowledgeGraph
from autointel.steps.step import Done, Work

_TOP = 25


class Relate(Work[ReportedGraph]):
    """It waits for no sibling, and stores nothing that the notes do not hold."""

    name: ClassVar = StepName.GRAPH
    value: ClassVar = ReportedGraph
    kept: ClassVar = False

    def __init__(self, graph: KnowledgeGraph, namespace: str, run_id: str) -> None:
        self._graph = graph
        self._namespace = namespace
        self._run_id = run_id

    @override
    async def run(self, results: Results) -> Done[ReportedGraph]:
        entities = {mention.name: entity_of(mention, self._namespace) for mention in results.notes.entities}
        relations = relations_of(results, entities, self._run_id)
        wanted = [entity.id for entity in entities.values()] + [relation.id for relation in relations]
        missing = await self._graph.missing(wanted)
        await self._graph.relate(
            [entity for entity in entities.values() if entity.id in missing],
            [relation for relation in relations if relation.id in missing],
        )
        kept = ReportedGraph(
            entities=len(entities),
            relations=len(relations),
            backend=self._graph.backend,
            top_entities=top_entities(results),
        )
        return Done(kept, detail=f"{len(entities)} entities, {len(relations)} relations, {len(missing)} new")

    @override
    def put(self, results: Results, value: ReportedGraph) -> Results:
        return results.model_copy(update={"graph": value})


def top_entities(results: Results) -> tuple[TopEntity, ...]:
    """The most mentioned, ties in the order of the notes."""
    ranked = sorted(results.notes.entities, key=lambda mention: -mention.mentions)[:_TOP]
    return tuple(
        TopEntity(name=mention.name, kind=mention.kind, mentions=mention.mentions, confidence=mention.confidence)
        for mention in ranked
    )


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
