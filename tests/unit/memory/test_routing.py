"""Questions that a rule answers, and those that a rule must leave alone."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.memory.conftest import Fill

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

    assert await told("How often is heat pump mentioned?", stores) == ["“heat pump” is said 2 times in 1 source."]


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
