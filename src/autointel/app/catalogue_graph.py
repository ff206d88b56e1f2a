"""The graph as the catalogue knows it: answers look-ups while the graph's server does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autointel.adapters.graph.schema import folded
from autointel.domain.knowledge import Entity, Neighbour, Relation, contradictions, statements
from autointel.domain.source import Source
from autointel.memory.ledger import difference
from autointel.ports import Catalogue

_SHOWN = 5


def relations_of(catalogue: Catalogue, source: Source) -> list[Relation]:
    """The relations of a source as the catalogue keeps them, with its day. Blocks. Raises HomeUnusable."""
    _, relations = catalogue.knowledge.of_source(source.id)
    return [each.model_copy(update={"valid_from": each.valid_from or source.published_at}) for each in relations]


class CatalogueGraph:
    """Entities and relations of the catalogue's namespace, read whole. Blocks while it is made; raises HomeUnusable."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._entities: dict[str, Entity] = {}
        self._relations: list[Relation] = []
        for source in catalogue.passages.sources():
            entities, _ = catalogue.knowledge.of_source(source.id)
            self._relations += relations_of(catalogue, source)
            for entity in entities:
                known = self._entities.get(entity.id)
                if known is None or known.mentions < entity.mentions:
                    self._entities[entity.id] = entity

    def find(self, name: str, limit: int) -> list[Entity]:
        """Entities whose folded name is, starts with, or contains the folded ``name``, in that order."""
        wanted = folded(name)
        fitting = [each for each in self._entities.values() if wanted and wanted in folded(each.name)]

        def place(entity: Entity) -> tuple[bool, bool, int, str, str]:
            own = folded(entity.name)
            return own != wanted, not own.startswith(wanted), -entity.mentions, entity.name, entity.id

        return sorted(fitting, key=place)[:limit]

    def neighbours(self, entity_id: str, limit: int) -> list[Neighbour]:
        """One step away, heaviest first."""
        ways: dict[tuple[str, str, bool], list[Relation]] = {}
        own = [each for each in self._relations if entity_id in {each.subject_id, each.object_id}]
        marked = {each.id: each for each in (*own, *contradictions(own, difference))}
        for relation in marked.values():
            if relation.subject_id == entity_id:
                ways.setdefault((relation.object_id, relation.predicate, True), []).append(relation)
            if relation.object_id == entity_id:
                ways.setdefault((relation.subject_id, relation.predicate, False), []).append(relation)
        found = [
            self._neighbour(way, relations, marked.values())
            for way, relations in ways.items()
            if way[0] in self._entities
        ]
        return sorted(found, key=lambda each: (-each.weight, each.entity.name, each.predicate, each.entity.id))[:limit]

    def _neighbour(
        self, way: tuple[str, str, bool], relations: Sequence[Relation], known: Iterable[Relation]
    ) -> Neighbour:
        other, predicate, outgoing = way
        heaviest = sorted(relations, key=lambda relation: (-relation.weight, relation.id))
        return Neighbour(
            entity=self._entities[other],
            predicate=predicate,
            outgoing=outgoing,
            weight=sum(relation.weight for relation in relations),
            provenance=statements(heaviest[:_SHOWN], known),
        )
