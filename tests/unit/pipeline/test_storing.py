"""Memory and graph get every id once, and only what they lack."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from tests.fakes.engine import CITATION, FakeEngine, MeetingGraph, MeetingMemory, survey

from autointel.domain.notes import Claim, EntityMention, KeyPoint, Notes, RelationMention
from autointel.domain.report import Results, top_entities
from autointel.domain.transcript import Segment, Transcript
from autointel.memory.differences import difference
from autointel.pipeline.read import Read, digest, limit_for
from autointel.pipeline.store import Relate, Remember, entity_of, records_of, relations_of
from autointel.pipeline.transcribe import Transcribe

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def results() -> Results:
    engine = FakeEngine()
    opening = Transcribe(engine.found)
    read = Read(engine, survey)
    first = opening.begin((await opening.find()).value)
    return read.put(first, (await read.run(first)).value)


async def test_passages_key_points_and_claims_are_remembered_each_with_its_passage() -> None:
    found = await results()
    memory = MeetingMemory(FakeEngine())

    done = await Remember(memory, "fake/1").run(found)

    assert sorted(record.kind for record in memory.stored.values()) == ["claim", "key_point", "passage"]
    assert {record.passage_id for record in memory.stored.values()} == {found.passages[0].id}
    assert (done.value.passages, done.value.claims, done.value.embedder) == (1, 1, "fake/1")
    assert done.detail == "3 records, 3 new"


async def test_what_is_remembered_already_is_not_stored_again() -> None:
    found = await results()
    memory = MeetingMemory(FakeEngine())
    await Remember(memory, "fake/1").run(found)

    done = await Remember(memory, "fake/1").run(found)

    assert done.detail == "3 records, 0 new"


async def test_equal_notes_at_one_place_are_one_record() -> None:
    found = await results()
    twice = found.notes.model_copy(update={"key_points": found.notes.key_points * 2})

    assert len(records_of(found.model_copy(update={"notes": twice}))) == 3


async def test_the_graph_gets_entities_and_the_words_that_relate_them() -> None:
    found = await results()
    graph = MeetingGraph(FakeEngine())

    done = await Relate(graph, "default", "run-1").run(found)

    (relation,) = graph.relations.values()
    assert {entity.name for entity in graph.entities.values()} == {"Ana", "Tallinn"}
    assert (relation.provenance.run_id, relation.provenance.quote) == ("run-1", CITATION.quote)
    assert (done.value.entities, done.value.relations, done.detail) == (2, 1, "2 entities, 1 relation, 3 new")


async def test_what_a_later_source_denies_is_marked_on_both_sides_with_its_day() -> None:
    found, graph = await results(), MeetingGraph(FakeEngine())
    (mention,) = found.notes.relations
    says = "Ana cut the bus fares of Tallinn in the spring."
    denies = "Ana did not cut the bus fares of Tallinn in the spring."

    async def tell(source_id: str, quote: str, day: date) -> None:
        source = found.source.model_copy(update={"id": source_id, "published_at": day})
        citation = mention.citation.model_copy(update={"quote": quote})
        notes = found.notes.model_copy(update={"relations": (mention.model_copy(update={"citation": citation}),)})
        told = found.model_copy(update={"source": source, "notes": notes})
        await Relate(graph, "default", "run-1", differ=difference).run(told)

    await tell("first", says, date(2013, 1, 1))
    await tell("second", says, date(2014, 1, 1))
    await tell("third", denies, date(2015, 1, 1))

    by_source = {each.provenance.source_id: each for each in graph.relations.values()}
    assert by_source["third"].contradicted_by == tuple(sorted((by_source["first"].id, by_source["second"].id)))
    assert by_source["first"].contradicted_by == by_source["second"].contradicted_by == (by_source["third"].id,)
    assert [each.valid_from.year for each in by_source.values() if each.valid_from] == [2013, 2014, 2015]


async def test_marks_that_an_interrupted_run_did_not_make_are_made_by_the_next() -> None:
    found, graph = await results(), MeetingGraph(FakeEngine())
    await Relate(graph, "default", "run-1", differ=difference).run(found)
    (ours,) = graph.relations.values()
    other = ours.model_copy(
        update={"id": "other", "provenance": ours.provenance.model_copy(update={"quote": "The gap is nine million."})}
    )
    graph.relations["other"] = other

    await Relate(graph, "default", "run-1", differ=lambda _earlier, _later: "another number").run(found)

    assert graph.relations["other"].contradicted_by == (ours.id,)
    assert graph.relations[ours.id].contradicted_by == ("other",)


async def test_an_entity_is_one_per_namespace_and_folded_name() -> None:
    mentions = [EntityMention(name=name, citations=(CITATION,)) for name in ("New  York", "new york", "York")]

    ids = [entity_of(mention, "a").id for mention in mentions]

    assert ids[0] == ids[1] != ids[2]
    assert entity_of(mentions[0], "b").id != ids[0]


async def test_a_relation_without_both_its_ends_is_left_out() -> None:
    found = await results()
    loose = RelationMention(subject="Ana", predicate="knows", object="Nobody", citation=CITATION)
    notes = found.notes.model_copy(update={"relations": (loose,)})

    assert relations_of(found.model_copy(update={"notes": notes}), {}, "run-1") == []


async def test_the_most_mentioned_entities_come_first() -> None:
    found = await results()
    notes = found.notes.model_copy(
        update={
            "entities": tuple(EntityMention(name=n, mentions=c, citations=(CITATION,)) for n, c in [("a", 1), ("b", 9)])
        }
    )

    assert [entity.name for entity in top_entities(notes)] == ["b", "a"]


async def test_a_digest_has_a_line_a_note_with_id_place_and_speaker() -> None:
    assert digest((await results()).notes, 6_000).splitlines()[1] == "[k1] 0:01 Ana: The gap is eleven million."


async def test_a_digest_stays_within_its_limit_and_keeps_something_of_every_kind() -> None:
    points = tuple(KeyPoint(id=f"k{n}", text="point " * 20, citation=CITATION) for n in range(100))
    claims = tuple(Claim(id=f"c{n}", text="claim " * 20, citation=CITATION) for n in range(100))

    text = digest(Notes(method="m", key_points=points, claims=claims), limit=2_000)

    assert len(text) < 2_100
    assert "[k0]" in text
    assert "[c0]" in text


async def test_a_digest_that_cannot_hold_all_is_spread_over_the_whole_talk() -> None:
    points = tuple(KeyPoint(id=f"k{n}", text="point " * 20, citation=CITATION) for n in range(100))

    lines = digest(Notes(method="m", key_points=points), limit=2_000).splitlines()[1:]

    kept = [int(line.split("]")[0].removeprefix("[k")) for line in lines]
    assert len(kept) > 10
    assert max(after - before for before, after in pairwise([*kept, 100])) <= 9


async def test_quotes_are_given_up_before_notes() -> None:
    points = tuple(KeyPoint(id=f"k{n}", text="A short point.", citation=CITATION) for n in range(10))

    with_quotes = digest(Notes(method="m", key_points=points), limit=6_000)
    without = digest(Notes(method="m", key_points=points), limit=400)

    assert with_quotes.count(CITATION.quote) == 10
    assert (without.count(CITATION.quote), without.count("A short point.")) == (0, 10)


@pytest.mark.parametrize("limit", [0, 1, 50])
async def test_a_limit_that_holds_no_note_leaves_the_heading(limit: int) -> None:
    points = (KeyPoint(id="k0", text="point " * 20, citation=CITATION),)

    assert digest(Notes(method="m", key_points=points), limit=limit) == "Key points\n"


async def test_a_digest_grows_with_the_transcript_within_bounds() -> None:
    def talk(words: int) -> Transcript:
        return Transcript(segments=(Segment(text="word " * words, paragraph=1),))

    assert [limit_for(talk(words)) for words in (10, 25_000, 1_000_000)] == [6_000, 12_500, 60_000]
