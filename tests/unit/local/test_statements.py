from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.local.statements import (
    is_checkable,
    is_hedged,
    is_question,
    is_specific,
    probability_like,
    rank_statements,
    statement_score,
)

FACT = "The council cut 14 percent of the bus routes in 2019."


@pytest.mark.parametrize(
    "weaker",
    [
        "The council likes the bus routes very much indeed, always and today.",
        "Did the council cut 14 percent of the bus routes in 2019?",
        "Maybe the council cut 14 percent of the bus routes in 2019.",
        "The council should cut 14 percent of the bus routes.",
        "Thank you all for coming here tonight.",
        "Cut 14 percent.",
        "The council cut some of the bus routes in spring.",
    ],
)
def test_a_fact_with_a_figure_outranks(weaker: str) -> None:
    assert statement_score(FACT) > statement_score(weaker)


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ("He voted against the treaty.", "He looks at the treaty."),
        ("It is the largest port there is.", "It is a port there is."),
        ("We went with Anna Kask to Oslo.", "We went with friends to town."),
        ("Unemployment doubled there.", "Unemployment matters there."),
        ("It costs $5 there.", "It costs money there."),
        ("Nobody there pays.", "Somebody there pays."),
        ("He looks at it now.", "One looks at it now."),
        ("You look at it now.", "I look at it now."),
        ("We now build a port here.", "We will build a port here."),
        ("We now build a port here.", "We'll build a port here soon."),
    ],
)
def test_each_reason_counts(more: str, less: str) -> None:
    assert statement_score(more) > statement_score(less)


def test_a_time_stamp_is_no_figure() -> None:
    assert statement_score("[01:02:03] So we went on.") == statement_score(" So we went on.")


def test_fewer_than_five_words_say_little() -> None:
    assert statement_score("Trams go by here now.") - statement_score("Trams go by here.") > 0.5


def test_whoever_mostly_asks_is_ranked_lower() -> None:
    texts = [*["Is that so?"] * 10, FACT, FACT]
    speakers = [*["HOST"] * 11, "GUEST"]

    scores = rank_statements(texts, speakers)

    assert scores[-1] == rank_statements([FACT], ["GUEST"])[0]
    assert scores[-2] == pytest.approx(scores[-1] - 1.0)


def test_without_speakers_nobody_is_ranked_lower() -> None:
    texts = [*["Is that so?"] * 10, FACT]

    assert rank_statements(texts, [None] * 11)[-1] == rank_statements([FACT], [None])[0]


def test_a_ranking_of_nothing_is_empty() -> None:
    assert rank_statements([], []) == []


@given(st.text(max_size=200))
def test_any_text_has_a_score(text: str) -> None:
    assert -5 < statement_score(text) < 10


@given(st.floats(-5, 10), st.floats(-5, 10))
def test_the_shown_score_keeps_the_order_within_0_and_1(one: float, other: float) -> None:
    assert 0 < probability_like(one) < 1
    assert (one <= other) == (probability_like(one) <= probability_like(other)) or abs(one - other) < 1e-9


@pytest.mark.parametrize(
    "text", ["Maybe it fell.", "And perhaps it fell.", "I think it fell.", "We just don’t know it."]
)
def test_hedges_are_heard(text: str) -> None:
    assert is_hedged(text)


def test_a_plain_statement_is_not_hedged() -> None:
    assert not is_hedged("They think it fell.")


@pytest.mark.parametrize("text", ["Really?", 'He said "Really?"', "本当ですか？", "So? "])
def test_questions_are_recognised(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize("text", ["The fare fell by half.", "The mayor met Anna Haas.", "It is the largest harbour."])
def test_numbers_names_and_superlatives_can_be_looked_up(text: str) -> None:
    assert is_specific(text)


def test_a_remark_without_any_cannot() -> None:
    assert not is_specific("Companies drift when they do too many things, Mr. Chair.")


@pytest.mark.parametrize(
    "text",
    [
        "They will build 40 trams in Oslo by 2040.",
        "A nurse in Oslo would be expected to pay 2,300 dollars.",
        "We are not satisfied that half of the harbour is idle.",
        "Oslo is greater than any other nation.",
        "So the trams won't have five percent of the budget.",
        "We're bringing the rate down from 35 percent to 15 percent.",
        "Meeting Anna Kask in Oslo was a great moment of my life.",
        "Oslo paid 40 million, would you like to clear that up.",
    ],
)
def test_what_will_or_would_be_and_what_pleases_is_not_checkable(text: str) -> None:
    assert not is_checkable(text)


def test_a_record_is_checkable() -> None:
    assert is_checkable("Oslo has cut its emissions more than any other city.")
