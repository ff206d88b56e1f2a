"""The suite that every knowledge graph answers, wherever it runs."""

from __future__ import annotations

from datetime import date

import pytest

from autointel.domain.knowledge import Entity, Provenance, Relation, Statement
from autointel.domain.notes import EntityKind
from autointel.domain.value import Confidence, content_id
from autointel.ports import KnowledgeGraph


def entity(name: str, mentions: int = 1, kind: EntityKind = EntityKind.OTHER) -> Entity:
    return Entity(id=content_id("entity", kind, name), name=name, kind=kind, mentions=mentions)


def relation(
    subject: Entity, predicate: str, other: Entity, *, weight: int = 1, source: str = "talk", start: float | None = 1.5
) -> Relation:
    return Relation(
        id=content_id("relation", source, subject.id, predicate, other.id),
        subject_id=subject.id,
        predicate=predicate,
        object_id=other.id,
        weight=weight,
        confidence=Confidence.MEDIUM,
        provenance=Provenance(
            run_id="run",
            source_id=source,
            passage_id="p1",
            quote="“it's {so: $x}” — \\ he said",
            start=start,
            paragraph=None if start is not None else 7,
        ),
    )


TALLINN = entity("Tallinn", 9, EntityKind.PLACE)
TALLINN_BUS = entity("Tallinn Bus", 3)
OLD_TALLINN = entity("Old Tallinn", 5)
RIGA = entity("Riga", 2, EntityKind.PLACE)
ALL = [TALLINN, TALLINN_BUS, OLD_TALLINN, RIGA]


class GraphPromises:
    """Subclass it where a fixture ``graph`` yields an empty graph."""

    pytestmark = pytest.mark.anyio

    async def test_an_empty_graph_misses_everything_and_finds_nothing(self, graph: KnowledgeGraph) -> None:
        assert await graph.missing([TALLINN.id]) == {TALLINN.id}
        assert await graph.missing([]) == set()
        assert await graph.find("Tallinn", 5) == []
        assert await graph.neighbours(TALLINN.id, 5) == []
        assert await graph.count() == (0, 0)

    async def test_relating_nothing_is_fine(self, graph: KnowledgeGraph) -> None:
        await graph.relate([], [])

        assert await graph.count() == (0, 0)

    async def test_what_is_stored_is_no_longer_missing(self, graph: KnowledgeGraph) -> None:
        runs = relation(TALLINN, "runs", TALLINN_BUS)
        await graph.relate([TALLINN, TALLINN_BUS], [runs])

        assert await graph.missing([TALLINN.id, runs.id, RIGA.id]) == {RIGA.id}
        assert await graph.count() == (2, 1)

    async def test_storing_twice_changes_nothing(self, graph: KnowledgeGraph) -> None:
        runs = relation(TALLINN, "runs", TALLINN_BUS)
        await graph.relate([TALLINN, TALLINN_BUS, TALLINN], [runs, runs])
        before = await graph.neighbours(TALLINN.id, 5)
        await graph.relate([TALLINN_BUS, TALLINN], [runs])

        assert await graph.count() == (2, 1)
        assert await graph.neighbours(TALLINN.id, 5) == before

    async def test_an_entity_met_again_keeps_the_larger_count(self, graph: KnowledgeGraph) -> None:
        await graph.relate([TALLINN], [])
        await graph.relate([TALLINN.model_copy(update={"mentions": 4})], [])
        await graph.relate([TALLINN.model_copy(update={"mentions": 12})], [])

        assert [found.mentions for found in await graph.find("Tallinn", 1)] == [12]

    async def test_a_relation_without_its_ends_is_not_stored(self, graph: KnowledgeGraph) -> None:
        runs = relation(TALLINN, "runs", TALLINN_BUS)
        await graph.relate([TALLINN], [runs])

        assert await graph.missing([runs.id]) == {runs.id}

    async def test_exact_names_come_before_beginnings_before_parts(self, graph: KnowledgeGraph) -> None:
        await graph.relate(ALL, [])

        assert await graph.find("  tALLinn ", 5) == [TALLINN, TALLINN_BUS, OLD_TALLINN]
        assert await graph.find("tallinn", 1) == [TALLINN]
        assert await graph.find("tallinn", 0) == []
        assert await graph.find("  ", 5) == []
        assert await graph.find("'%_*.", 5) == []

    async def test_among_equals_the_most_mentioned_comes_first(self, graph: KnowledgeGraph) -> None:
        rare, often = entity("Tallinn Tram", 1), entity("Tallinn Ferry", 8)
        await graph.relate([rare, often], [])

        assert await graph.find("tallinn", 5) == [often, rare]

    async def test_neighbours_come_heaviest_first_in_both_directions(self, graph: KnowledgeGraph) -> None:
        relations = [
            relation(TALLINN, "runs", TALLINN_BUS, weight=2),
            relation(RIGA, "copies", TALLINN, weight=5),
            relation(TALLINN, "contains", OLD_TALLINN),
        ]
        await graph.relate(ALL, relations)

        found = await graph.neighbours(TALLINN.id, 5)

        assert [(each.entity, each.predicate, each.outgoing, each.weight) for each in found] == [
            (RIGA, "copies", False, 5),
            (TALLINN_BUS, "runs", True, 2),
            (OLD_TALLINN, "contains", True, 1),
        ]
        assert await graph.neighbours(TALLINN.id, 1) == found[:1]
        assert await graph.neighbours(TALLINN.id, 0) == []

    async def test_a_relation_met_in_two_sources_is_one_neighbour_with_both_reasons(
        self, graph: KnowledgeGraph
    ) -> None:
        first = relation(TALLINN, "runs", TALLINN_BUS, weight=2, source="a")
        second = relation(TALLINN, "runs", TALLINN_BUS, weight=3, source="b", start=None)
        await graph.relate(ALL, [first, second])

        [found] = await graph.neighbours(TALLINN.id, 5)

        assert found.weight == 5
        assert sorted(found.provenance, key=lambda each: each.source_id) == [
            Statement(**each.provenance.model_dump()) for each in (first, second)
        ]

    async def test_relations_of_a_pair_are_found_in_both_directions_and_whole(self, graph: KnowledgeGraph) -> None:
        dated = relation(TALLINN, "runs", TALLINN_BUS).model_copy(
            update={"valid_from": date(2013, 1, 1), "contradicted_by": ("one", "two")}
        )
        back, elsewhere = relation(TALLINN_BUS, "serves", TALLINN, start=None), relation(RIGA, "copies", TALLINN)
        await graph.relate(ALL, [dated, back, elsewhere])

        found = await graph.between([(TALLINN.id, TALLINN_BUS.id), (TALLINN_BUS.id, TALLINN.id)])

        assert sorted(found, key=lambda each: each.predicate) == [dated, back]
        assert await graph.between([]) == []

    async def test_a_relation_stored_again_gains_what_contradicts_it_and_loses_nothing(
        self, graph: KnowledgeGraph
    ) -> None:
        plain = relation(TALLINN, "runs", TALLINN_BUS)
        news = {"valid_from": date(2013, 1, 1), "contradicted_by": ("one",)}
        await graph.relate(ALL, [plain])
        await graph.relate([], [plain.model_copy(update=news)])
        await graph.relate(ALL, [plain])

        assert await graph.between([(TALLINN.id, TALLINN_BUS.id)]) == [plain.model_copy(update=news)]

    async def test_a_neighbour_shows_since_when_it_is_said_and_what_differs(self, graph: KnowledgeGraph) -> None:
        one, other = relation(TALLINN, "runs", TALLINN_BUS), relation(TALLINN_BUS, "left", TALLINN, source="b")
        day = date(2013, 1, 1)
        await graph.relate(
            ALL,
            [
                one.model_copy(update={"valid_from": day, "contradicted_by": (other.id, "gone meanwhile")}),
                other.model_copy(update={"contradicted_by": (one.id,)}),
            ],
        )

        found = {each.predicate: each.provenance for each in await graph.neighbours(TALLINN.id, 5)}

        assert [(each.valid_from, each.contradicted_by) for each in found["runs"]] == [(day, (other.provenance,))]
        assert [(each.valid_from, each.contradicted_by) for each in found["left"]] == [(None, (one.provenance,))]

    async def test_two_predicates_between_the_same_two_are_two_neighbours(self, graph: KnowledgeGraph) -> None:
        relations = [relation(TALLINN, "runs", TALLINN_BUS, weight=2), relation(TALLINN, "pays", TALLINN_BUS)]
        await graph.relate(ALL, relations)

        assert [each.predicate for each in await graph.neighbours(TALLINN.id, 5)] == ["runs", "pays"]

    async def test_it_can_be_used_again_after_it_was_closed(self, graph: KnowledgeGraph) -> None:
        await graph.relate([TALLINN], [])
        await graph.close()
        await graph.close()

        assert await graph.find("tallinn", 1) == [TALLINN]
