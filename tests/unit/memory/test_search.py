from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import anyio
import pytest
from tests.fakes.material import talk
from tests.fakes.memory import FakeMemory
from tests.unit.memory.conftest import Fill
from typing_extensions import override

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.domain.passage import ANYWHERE, Hit, Scope
from autointel.domain.transcript import Source
from autointel.errors import HomeUnusable, StoreUnavailable
from autointel.memory.findings import Filters, Findings, Stores
from autointel.memory.search import search
from autointel.ports import PassageIndex, Remembered

pytestmark = pytest.mark.anyio
FARES = ["Fares pay for the buses.", "The council met.", "Nobody thinks fares cover the cost.", "Trees line the road."]


class BrokenMemory(FakeMemory):
    @override
    async def nearest(
        self, text: str, limit: int, *, kind: str = "passage", not_source: str | None = None
    ) -> list[tuple[Remembered, float]]:
        raise StoreUnavailable("Qdrant at http://db:6333 refused the connection.", hint="Is it running?")


def quotes(findings: Findings) -> Sequence[str]:
    return [found.citation.quote for found in findings.found]


async def test_the_best_passage_comes_first_with_its_second_title_and_link(stores: Stores, keep: Fill) -> None:
    await keep(FARES, url="https://youtube.com/watch?v=x")

    found = (await search("Do fares cover the cost?", 3, stores)).found[0]

    assert found.citation.quote == "Nobody thinks fares cover the cost."
    assert (found.citation.start, found.citation.end) == (4.0, 6.0)
    assert found.citation.url == "https://youtube.com/watch?v=x&t=4"
    assert (found.source_title, found.speaker, found.strategies[0]) == ("The talk", "Bo", "keyword")


async def test_vectors_are_asked_beside_keywords(stores: Stores, keep: Fill, memory: FakeMemory) -> None:
    await keep(FARES)
    memory.calls.clear()

    findings = await search("fares cost", 3, stores)

    assert memory.calls == ["nearest"]
    assert set(findings.seconds) == {"keyword", "dense"}


async def test_a_phrase_in_quotation_marks_that_stands_in_memory_ends_the_search(
    stores: Stores, keep: Fill, memory: FakeMemory
) -> None:
    await keep(FARES)
    memory.calls.clear()

    exact = await search('"cover the cost"', 3, stores)
    elsewhere = await search('"cover the moon" fares', 3, stores)

    assert quotes(exact) == ["Nobody thinks fares cover the cost."]
    assert set(exact.seconds) == {"phrase"}
    assert set(elsewhere.seconds) == {"phrase", "keyword", "dense"}
    assert memory.calls == ["nearest"]


async def test_a_hit_is_a_moment_and_a_passage_may_have_several(stores: Stores, keep: Fill) -> None:
    await keep(["Trees line the road. " * 12 + "Fares pay for the buses. " + "It rains. " * 40 + "Fares rose in May."])

    both = await search("fares", 5, stores)
    one = await search("fares", 5, stores, per_passage=1)

    assert {"Fares pay for the buses.", "Fares rose in May."} <= set(quotes(both))
    assert len(one.found) == 1


async def test_what_the_index_finds_by_another_form_of_the_word_is_shown(stores: Stores, keep: Fill) -> None:
    await keep(["A generated speech won the vote.", "Trees line the road."])

    assert quotes(await search("generation", 1, stores)) == ["A generated speech won the vote."]


async def test_a_rare_word_of_the_question_beats_common_ones(stores: Stores, keep: Fill) -> None:
    await keep([f"What happened in the city of {name} happened long ago." for name in ("Oslo", "Riga", "Bern")])
    await keep(["What happened in that city then happened fast. Nobody in Tallinn minded at all."], "other")

    assert quotes(await search("What happened in the city of Tallinn?", 1, stores)) == [
        "Nobody in Tallinn minded at all."
    ]


async def test_filters_restrict_source_speaker_and_day(stores: Stores, keep: Fill) -> None:
    await keep(FARES, "winter", date(2023, 1, 5))
    await keep(FARES, "spring", date(2023, 5, 5))

    for filters, titles, speakers in (
        (Filters(source="WINTER"), {"The winter"}, {"Ada", "Bo"}),
        (Filters(since=date(2023, 2, 1)), {"The spring"}, {"Ada", "Bo"}),
        (Filters(until=date(2023, 2, 1)), {"The winter"}, {"Ada", "Bo"}),
        (Filters(speaker="ada"), {"The winter", "The spring"}, {"Ada"}),
        (Filters(source="nothing of that name"), set(), set()),
    ):
        found = (await search("fares trees council", 20, stores, filters=filters)).found
        assert {each.source_title for each in found} == titles
        assert {speaker for each in found for speaker in each.passage.speakers} == speakers


async def test_a_time_relative_to_today_prefers_what_was_said_then(stores: Stores, keep: Fill) -> None:
    await keep(["Fares are high.", "It rains."], "march", date(2026, 3, 5))
    await keep(["Fares are high.", "It rains."], "june", date(2026, 6, 5))

    for question, title in (("fares last March", "The march"), ("fares since May 2026", "The june")):
        assert (await search(question, 1, stores, today=date(2026, 11, 26))).found[0].source_title == title


async def test_before_an_event_is_before_the_day_that_memory_gives_for_it(stores: Stores, keep: Fill) -> None:
    await keep(["Fares are high.", "The strike of 3 April 2026 stopped all buses."], "winter", date(2026, 1, 5))
    await keep(["Fares are high.", "It rains."], "june", date(2026, 6, 5))

    before = await search("fares before the strike", 1, stores)
    after = await search("fares after the strike", 1, stores)

    assert before.found[0].source_title == "The winter"
    assert after.found[0].source_title == "The june"
    assert before.understood["event"] == "before strike"


async def test_what_no_keyword_finds_is_found_by_vectors(stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    findings = await search("Trees line the road.", 1, replace(stores, index=Deaf(stores.index)))

    assert quotes(findings) == ["Trees line the road."]
    assert findings.found[0].strategies == ("dense",)
    assert findings.found[0].similarity == pytest.approx(1.0)


class Deaf(PassageIndex):
    """An index that finds nothing by keyword."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index

    @override
    def keyword(
        self,
        question: str,
        limit: int,
        *,
        not_source: str | None = None,
        around: float = 0.5,
        scope: Scope = ANYWHERE,
    ) -> list[Hit]:
        return []

    @override
    def phrase(self, phrase: str, limit: int, *, not_source: str | None = None, scope: Scope = ANYWHERE) -> list[Hit]:
        return []

    @override
    def within(self, scope: Scope, limit: int, *, not_source: str | None = None) -> list[Hit]:
        return []

    @override
    def hits(self, scores: dict[str, float], *, scope: Scope = ANYWHERE) -> list[Hit]:
        return self._index.hits(scores, scope=scope)

    @override
    def speakers(self) -> list[str]:
        return self._index.speakers()

    @override
    def sources(self) -> list[Source]:
        return self._index.sources()


async def test_a_passage_far_from_the_question_is_not_found(stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    assert (await search("quantum chromodynamics", 5, stores)).found == ()


async def test_a_passage_that_shares_a_trifle_with_the_question_is_not_found_by_vectors(
    stores: Stores, keep: Fill
) -> None:
    await keep(["Trees line the road to the harbour of the old town by the sea."])
    deaf = replace(stores, index=Deaf(stores.index))

    assert len((await search("the old harbour town", 5, deaf)).found) == 1
    assert (await search("one road zeppelins never flew over: Kilimanjaro", 5, deaf)).found == ()


async def test_a_memory_that_is_down_leaves_the_keywords_and_is_named(stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    findings = await search("trees of an unusual height", 3, replace(stores, memory=BrokenMemory()))

    assert quotes(findings)[0] == "Trees line the road."
    assert findings.warnings == (
        "Searched by keyword only. Qdrant at http://db:6333 refused the connection. Is it running?",
    )


async def test_it_works_without_a_vector_memory(stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    findings = await search("trees of an unusual height", 3, replace(stores, memory=None))

    assert quotes(findings)[0] == "Trees line the road."
    assert findings.warnings == ()


async def test_nothing_kept_is_nothing_found(stores: Stores) -> None:
    assert (await search("fares", 3, stores)).found == ()


async def test_who_is_named_in_the_question_comes_first_where_they_speak(stores: Stores, keep: Fill) -> None:
    await keep(["Fares are high.", "Trees.", "Roads.", "Fares are high."])

    assert (await search("What of fares?", 1, stores)).found[0].speaker == "Bo"
    assert (await search("What does Ada say of fares?", 1, stores)).found[0].speaker == "Ada"


async def test_a_date_in_the_question_prefers_what_was_said_then(stores: Stores, keep: Fill) -> None:
    await keep(["Fares are high.", "It rains."], "winter", date(2023, 1, 5))
    await keep(["Fares are high.", "It rains."], "spring", date(2023, 5, 5))

    winter = await search("fares in January 2023", 2, stores)
    spring = await search("fares in May 2023", 2, stores)

    assert winter.found[0].source_title == "The winter"
    assert spring.found[0].source_title == "The spring"
    assert "dates" in spring.found[0].strategies
    assert "dates" in spring.seconds


async def test_equal_scores_come_in_the_order_of_source_and_place(stores: Stores, keep: Fill) -> None:
    for name in ("one", "two", "three"):
        await keep(["Fares are high."] * 3, name)

    first, again = await search("fares", 9, stores), await search("fares", 9, stores)

    places = [(-found.score, found.passage.source_id, found.passage.index) for found in first.found]
    assert places == sorted(places)
    assert first.found == again.found


async def test_a_source_can_be_left_out(stores: Stores, keep: Fill) -> None:
    await keep(FARES, "mine")
    await keep(FARES, "other")
    mine = next(source.id for source in stores.index.sources() if source.title == "The mine")

    for question in ("fares", "trees along an avenue"):
        findings = await search(question, 10, stores, not_source=mine)
        assert {found.source_title for found in findings.found} == {"The other"}


async def test_vectors_of_forgotten_passages_are_not_shown(
    stores: Stores, keep: Fill, catalogue: SqliteCatalogue
) -> None:
    await keep(FARES, "gone")
    catalogue.passages.forget(stores.index.sources()[0].id)

    assert (await search("trees line the road", 5, stores)).found == ()


async def test_a_search_costs_a_fixed_number_of_queries(stores: Stores, keep: Fill, catalogue: SqliteCatalogue) -> None:
    await keep([f"Fares of line {number} pay for buses." for number in range(30)])

    spent = []
    for limit in (1, 20):
        before = catalogue.connection.statements
        assert len((await search("fares and zeppelins and airships of 2023", limit, stores)).found) == limit
        spent.append(catalogue.connection.statements - before)

    assert spent[0] == spent[1] <= 7


class Damaged(Deaf):
    """An index whose file cannot be read."""

    @override
    def keyword(
        self,
        question: str,
        limit: int,
        *,
        not_source: str | None = None,
        around: float = 0.5,
        scope: Scope = ANYWHERE,
    ) -> list[Hit]:
        raise HomeUnusable("The catalogue is damaged.", hint="Move it aside.")


async def test_a_catalogue_that_cannot_be_read_is_an_error_of_ours(stores: Stores) -> None:
    with pytest.raises(HomeUnusable, match="damaged"):
        await search("fares in May 2023", 3, replace(stores, index=Damaged(stores.index)))


async def test_twenty_searches_at_once_find_what_one_finds(stores: Stores, keep: Fill) -> None:
    await keep(FARES)
    alone = await search("trees along an avenue", 3, stores)
    together: list[Findings] = []

    async def one() -> None:
        together.append(await search("trees along an avenue", 3, stores))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(one)

    assert [findings.found for findings in together] == [alone.found] * 20


async def test_a_word_is_found_and_shown_in_another_form_of_another_language(stores: Stores, keep: Fill) -> None:
    await keep(["Die Bäume am Fluss bleiben stehen.", "Die Häuser in der Stadt werden teurer."], language="de")

    assert quotes(await search("Haus", 1, stores)) == ["Die Häuser in der Stadt werden teurer."]


async def test_a_number_in_words_is_found_by_its_digits(stores: Stores, keep: Fill) -> None:
    await keep(["The town built forty-two homes.", "The town built a school."])

    assert quotes(await search("42 homes", 1, stores)) == ["The town built forty-two homes."]


async def test_captions_without_punctuation_are_shown_from_their_first_words_on(
    stores: Stores, catalogue: SqliteCatalogue
) -> None:
    words = ["we begin with the minutes and the list of", "fifty percent of our steel mill capacity unused and"]
    words += [f"then the council went on about item {number} of the long list" for number in range(12)]
    source, transcript, one_each = talk(words)
    first = one_each[0]
    rest = one_each[1].model_copy(update={"last": len(words) - 1, "text": " ".join(words[1:]), "end": 2.0 * len(words)})
    catalogue.passages.store(source, transcript, [first, rest])

    assert "steel mill" in quotes(await search("unused steel mill capacity", 1, replace(stores, memory=None)))[0]
