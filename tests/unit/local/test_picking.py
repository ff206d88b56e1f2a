from __future__ import annotations

import pytest
from tests.fakes.memory import BagOfWords
from tests.unit.local.making import script

from autointel.local.picking import Pick, pick_excerpts, pick_statements
from autointel.text.sentences import cut

SUBJECTS = ["tram", "budget", "school", "harbour", "library", "bridge", "garden", "museum", "airport", "stadium"]


def excerpts(*texts: str | tuple[str, str]) -> list[Pick]:
    whole = script(*texts, timed=False)
    sentences = cut(whole)
    return pick_excerpts(whole, sentences, BagOfWords(256).embed([sentence.text for sentence in sentences]))


def statements(*texts: str | tuple[str, str]) -> list[Pick]:
    whole = script(*texts, timed=False)
    sentences = cut(whole)
    return pick_statements(whole, sentences, BagOfWords().embed([sentence.text for sentence in sentences]))


def speech(sentences: int) -> list[str]:
    return [
        f"The {SUBJECTS[n % 10]} committee number {n} discussed plans, costs, dates, streets, noise with neighbours "
        f"called {chr(65 + n % 26)}{chr(97 + n // 26 % 26)}x."
        for n in range(sentences)
    ]


def test_a_line_said_again_is_shown_once() -> None:
    said = "The council paid for new trams out of the housing budget."

    assert [pick.sentence.text for pick in excerpts(*[said] * 50, said.upper())] == [said]


def test_what_is_shown_elsewhere_is_not_shown_again() -> None:
    whole = script(*speech(3), timed=False)
    sentences = cut(whole)
    vectors = BagOfWords(256).embed([sentence.text for sentence in sentences])

    picked = pick_excerpts(whole, sentences, vectors, shown=sentences[:2])

    assert [pick.sentence for pick in picked] == sentences[2:]


def test_greetings_are_not_shown_however_often_they_fall() -> None:
    greeting = "Good evening and welcome to the talk about trams and budgets."

    assert excerpts(*[greeting] * 5) == []


def test_scores_lie_between_0_and_1() -> None:
    assert all(0 <= pick.score <= 1 for pick in excerpts(*speech(40)))


@pytest.mark.uncounted
@pytest.mark.slow
@pytest.mark.parametrize(("sentences", "shown"), [(3, 3), (50, 5), (1_000, 11), (1_700, 12)])
def test_more_is_shown_of_longer_recordings(sentences: int, shown: int) -> None:
    assert len(excerpts(*speech(sentences))) == shown


def test_statements_are_ranked_by_their_score() -> None:
    found = statements(
        "The council cut 14 percent of the bus routes in 2019.",
        "Our neighbours like old trees, small shops, quiet streets.",
        "Unemployment doubled after the harbour closed in 2008, officials said.",
    )

    assert [pick.sentence.text[:12] for pick in found] == ["The council ", "Unemployment"]
    assert [pick.score for pick in found] == sorted((pick.score for pick in found), reverse=True)


@pytest.mark.parametrize(
    "text",
    [
        "Did the council cut 14 percent of the bus routes in 2019?",
        "I think the council cut 14 percent of the bus routes in 2019.",
        "Maybe the council cut 14 percent of the bus routes in 2019.",
        "This talk is brought to you by the bank that paid 14 percent in 2019.",
    ],
)
def test_questions_hedges_and_sponsors_are_no_statements(text: str) -> None:
    assert statements(text) == []


def test_nothing_said_shows_nothing() -> None:
    assert statements("Yes.") == []
    assert excerpts("Yes.") == []
