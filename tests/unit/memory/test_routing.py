"""Questions that a rule answers, and those that a rule must leave alone."""

from __future__ import annotations

from datetime import date

import pytest
from tests.fakes.material import talk
from tests.unit.memory.conftest import Fill

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.memory.ask import BY_RULE, Answering, ask
from autointel.memory.findings import Stores
from autointel.memory.routing import answer_by_rule

pytestmark = pytest.mark.anyio
FARES = [
    "Fares pay for the buses.",
    "The council met on Tuesday evening.",
    "Nobody thinks fares cover the cost.",
    "Trees line the road.",
]
HEAT = ["A heat pump warms the hall.", "Heat pumps are quiet.", "Fares are no matter here."]


async def told(question: str, stores: Stores) -> list[str] | None:
    ruled = await answer_by_rule(question, 5, stores)
    return None if ruled is None else [text for text, _ in ruled.sentences]


async def test_all_sources_are_listed_with_their_days(stores: Stores, keep: Fill) -> None:
    await keep(FARES, "fares", date(2026, 3, 2))

    assert await told("What have you read?", stores) == ["Memory holds 1 source: The fares (2 March 2026)."]
    assert await told("how many talks are there", stores)


async def test_sources_on_a_subject_are_listed_each_with_a_quote(stores: Stores, keep: Fill) -> None:
    await keep(FARES, "fares")
    await keep(HEAT, "heat")

    ruled = await answer_by_rule("Which talks mention heat pumps?", 5, stores)

    assert ruled
    assert [text for text, _ in ruled.sentences] == ["1 source speaks of heat pumps:", "The heat."]
    assert "eat pump" in ruled.found[0].citation.quote


async def test_how_often_counts_the_words_side_by_side_whatever_their_endings(stores: Stores, keep: Fill) -> None:
    await keep(HEAT)

    ruled = await answer_by_rule("How often is heat pump mentioned?", 5, stores)

    assert ruled
    assert ruled.sentences == (("“heat pump” is said 2 times in 1 source.", (1, 2)),)
    assert [each.citation.quote for each in ruled.found] == HEAT[:2]


async def test_who_names_those_whose_quote_carries_the_claim(stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    assert await told("Who said that fares pay for the buses?", stores) == ["Bo, in The talk at 0:00."]


async def test_who_attributes_to_nobody_what_is_denied(stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    assert await told("Who said that fares cover the cost?", stores) is None


async def test_when_gives_the_day_of_the_source_and_the_moment(stores: Stores, keep: Fill) -> None:
    await keep(FARES, said_on=date(2026, 3, 2))

    assert await told("When was the council mentioned?", stores) == ["On 2 March 2026, in The talk at 0:02, by Ada."]


async def test_the_speakers_of_a_source_are_listed(stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    assert await told("Who speaks in the talk?", stores) == ["In The talk: Bo, Ada."]


@pytest.mark.parametrize(
    "question",
    [
        "How many people ride the buses?",
        "When was the city founded?",
        "Who founded the city?",
        "Why do fares not cover the cost?",
        "Who mentioned zeppelins?",
        "Which talks mention zeppelins?",
        "How often is the of mentioned?",
        "",
    ],
)
async def test_what_no_rule_fits_or_memory_does_not_hold_is_left_alone(
    question: str, stores: Stores, keep: Fill
) -> None:
    await keep(FARES)

    assert await told(question, stores) is None


async def test_ask_shows_the_sentences_of_a_rule_and_says_so(stores: Stores, keep: Fill) -> None:
    await keep(FARES)
    shown: list[str] = []

    answered = await ask("What have you read?", 5, stores, Answering(show=lambda each, _: shown.append(str(each))))

    assert answered.held
    assert (answered.remark, shown) == (BY_RULE, [answered.answer])


DEBATE = [
    "I would tender the contracts, as Rotterdam did. Rotterdam saved a fifth.",
    "Rotterdam closed two plants.",
    "Nobody here talks of plants.",
    "The tender of Rotterdam explains a third.",
]


async def test_who_lists_every_speaker_with_the_first_place_even_of_one_passage(
    stores: Stores, catalogue: SqliteCatalogue
) -> None:
    source, transcript, (first, *_) = talk(DEBATE, "debate")
    long = {"last": 3, "text": " ".join(DEBATE), "speakers": ("Bo", "Ada")}
    catalogue.passages.store(source, transcript, [first.model_copy(update=long)])

    assert await told("Who mentioned Rotterdam?", stores) == [
        "Bo, in 2 sentences of The debate, first at 0:00.",
        "Ada, in 2 sentences of The debate, first at 0:02.",
    ]
    assert await told("When was Rotterdam mentioned?", stores) == [
        "In The debate at 0:00, by Bo.",
        "In The debate at 0:00, by Bo.",
        "In The debate at 0:02, by Ada.",
        "In The debate at 0:06, by Ada.",
    ]
    assert await told("When did Ada speak about Rotterdam?", stores) == [
        "In The debate at 0:02, by Ada.",
        "In The debate at 0:06, by Ada.",
    ]


async def test_a_sentence_that_stands_in_two_passages_counts_once(stores: Stores, catalogue: SqliteCatalogue) -> None:
    source, transcript, passages = talk(DEBATE, "debate")
    joined = [
        each.model_copy(update={"last": each.first + 1, "text": " ".join(DEBATE[at : at + 2])})
        for at, each in enumerate(passages[:3])
    ]
    catalogue.passages.store(source, transcript, joined)

    assert await told("Who spoke about plants?", stores) == [
        "Ada, in The debate at 0:02.",
        "Bo, in The debate at 0:04.",
    ]


async def test_who_lists_the_earlier_source_first_and_says_how_many_it_leaves_out(stores: Stores, keep: Fill) -> None:
    for number in range(1, 13):
        await keep(["Rotterdam saved.", "Rotterdam closed."], f"{number:02}", date(2026, number, 1))

    listed = await told("Who mentioned Rotterdam?", stores)

    assert listed
    assert (listed[0], listed[1]) == ("Bo, in The 01 at 0:00.", "Ada, in The 01 at 0:02.")
    assert (len(listed), listed[-1]) == (21, "And 4 more.")


async def test_who_says_how_many_passages_were_looked_through_where_more_hold_the_words(
    stores: Stores, catalogue: SqliteCatalogue
) -> None:
    catalogue.passages.store(*talk(["Rotterdam saved."] * 2_001))

    listed = await told("Who mentioned Rotterdam?", stores)

    assert listed
    assert listed[-1] == "Only the 2,000 passages that hold the most of these words were looked through."


async def test_a_source_without_names_is_listed_after_those_that_name_who_speaks(
    stores: Stores, catalogue: SqliteCatalogue, keep: Fill
) -> None:
    source, transcript, passages = talk(["The city of Rotterdam saved."], "article")
    segments = tuple(each.model_copy(update={"speaker": None}) for each in transcript.segments)
    unnamed = [passages[0].model_copy(update={"speakers": ()})]
    catalogue.passages.store(source, transcript.model_copy(update={"segments": segments}), unnamed)

    assert await told("Who mentioned Rotterdam?", stores) is None

    await keep(DEBATE[1:2], "debate")

    assert await told("Who mentioned Rotterdam?", stores) == [
        "Bo, in The debate at 0:00.",
        "Without a named speaker, in The article at 0:00.",
    ]
