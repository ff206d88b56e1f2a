"""A knowledge graph in two dictionaries. It keeps to what the port promises."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autointel import ports
from autointel.domain.knowledge import Entity, Neighbour, Relation, statements


class FakeGraph(ports.KnowledgeGraph):
    """What ladybug and Neo4j do, without either. ``calls`` tells what was asked, in order."""

    def __init__(self) -> None:
        self._entities: dict[str, Entity] = {}
        self._relations: dict[str, Relation] = {}
        self.calls: list[str] = []

    @property
    def backend(self) -> str:
        return "fake"

    async def missing(self, ids: Sequence[str]) -> set[str]:
        self.calls.append("missing")
        return set(ids) - set(self._entities) - set(self._relations)

    async def relate(self, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        self.calls.append("relate")
        for entity in entities:
            kept = self._entities.setdefault(entity.id, entity)
            if kept.mentions < entity.mentions:
                self._entities[entity.id] = kept.model_copy(update={"mentions": entity.mentions})
        for relation in relations:
            if {relation.subject_id, relation.object_id} <= set(self._entities):
                kept_relation = self._relations.setdefault(relation.id, relation)
                news = {"valid_from": relation.valid_from, "contradicted_by": relation.contradicted_by}
                self._relations[relation.id] = kept_relation.model_copy(
                    update={name: value for name, value in news.items() if value}
                )

    async def between(self, pairs: Collection[tuple[str, str]]) -> list[Relation]:
        self.calls.append("between")
        wanted = {frozenset(pair) for pair in pairs}
        return [each for each in self._relations.values() if frozenset((each.subject_id, each.object_id)) in wanted]

    async def forget_relations(self, ids: Sequence[str]) -> None:
        self.calls.append("forget_relations")
        self._relations = {id_: kept for id_, kept in self._relations.items() if id_ not in set(ids)}

    async def find(self, name: str, limit: int) -> list[Entity]:
        self.calls.append("find")
        wanted = _folded(name)
        places = [(_place(_folded(entity.name), wanted), entity) for entity in self._entities.values()]
        fitting = [(place, entity) for place, entity in places if wanted and place is not None]
        fitting.sort(key=lambda pair: (pair[0], -pair[1].mentions, pair[1].name, pair[1].id))
        return [entity for _, entity in fitting[:limit]]

    async def neighbours(self, entity_id: str, limit: int) -> list[Neighbour]:
        self.calls.append("neighbours")
        ways: dict[tuple[str, str, bool], list[Relation]] = {}
        for relation in self._relations.values():
            if relation.subject_id == entity_id:
                ways.setdefault((relation.object_id, relation.predicate, True), []).append(relation)
            if relation.object_id == entity_id:
                ways.setdefault((relation.subject_id, relation.predicate, False), []).append(relation)
        found = [
            Neighbour(
                entity=self._entities[other],
                predicate=predicate,
                outgoing=outgoing,
                weight=sum(relation.weight for relation in relations),
                provenance=statements(relations[:5], self._relations.values()),
            )
            for (other, predicate, outgoing), relations in ways.items()
        ]
        return sorted(found, key=lambda each: (-each.weight, each.entity.name, each.predicate))[:limit]

    async def count(self) -> tuple[int, int]:
        self.calls.append("count")
        return len(self._entities), len(self._relations)

    async def close(self) -> None:
        self.calls.append("close")


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _place(name: str, wanted: str) -> int | None:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if wanted in name else None
