from __future__ import annotations

import pytest

from autointel.local.references import resolved_share


@pytest.mark.parametrize(
    "text",
    [
        "The council paid for new trams out of the housing budget.",
        "It is clear that the harbour needs a second crane.",
        "It takes a year to train a tram driver.",
        "This year the council voted against free trams.",
        "There are three reasons why ridership fell.",
        "Maria Lopez said that she would close the mill.",
        "Those who live near the harbour pay for the noise.",
        "The trams were late because they ran on old rails.",
    ],
)
def test_a_sentence_that_names_what_it_speaks_of_stands_alone(text: str) -> None:
    assert resolved_share(text) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "It was a disaster for the whole harbour.",
        "They closed the mill in 2008.",
        "That is why the council voted against free trams.",
        "And he told the council about the mill.",
        "Which means that the trams stay empty.",
        "These are the people of the harbour.",
        "Then the council voted again.",
    ],
)
def test_a_sentence_whose_subject_is_elsewhere_does_not(text: str) -> None:
    assert resolved_share(text) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "Before then the council had never voted on trams.",
        "The council had spoken about that.",
        "The mayor of the city did so in public.",
        "As you can see the line of passengers goes up.",
        "The council likes the other one.",
    ],
)
def test_a_sentence_that_points_elsewhere_is_worth_less(text: str) -> None:
    assert 0.0 <= resolved_share(text) < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "The report from that group was read by the council.",
        "The harbour pilots have seen this engine before.",
        "The old crane worked, but the Linux one did not.",
        "There was no evidence for the claim, but he repeated it every year.",
        "You'll be aware that the trams run on old rails.",
    ],
)
def test_a_noun_pointed_at_or_a_person_not_named_is_missing(text: str) -> None:
    assert resolved_share(text) < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "This committee voted for free trams in March.",
        "The mayor said he would close the mill.",
        "The tram broke down, and that tram was new.",
    ],
)
def test_the_talk_itself_and_what_was_named_may_be_pointed_at(text: str) -> None:
    assert resolved_share(text) == 1.0


def test_what_it_is_must_be_said_unless_the_clause_follows() -> None:
    assert resolved_share("It's a library that every application can use.") == 0.0
    assert resolved_share("It's a pity that the trams are old.") == 1.0


def test_a_pronoun_after_an_opinion_and_a_counted_one_stand_for_something_else() -> None:
    assert resolved_share("I don't think that's extreme at all; the council voted against trams.") == 0.0
    assert resolved_share("One was a bill for a dollar an hour in the stores of the city.") == 0.0
    assert resolved_share("We tried for years to make trams by making that velocity higher.") < 1.0
    assert resolved_share("I think that the council should pay for the trams.") == 1.0
    assert resolved_share("We need to make sure that people are paid for the trams.") == 1.0


def test_it_stands_for_one_thing_and_not_for_several() -> None:
    assert resolved_share("The papers do not know it.") < 1.0
    assert resolved_share("The paper of the town does not print what it knows.") == 1.0
    assert resolved_share("So General Motors committed itself and its workers to the town.") >= 0.8
    assert resolved_share("By the time they knew the harbour was closed.") < 1.0
    assert resolved_share("The company closed the mill because that's how money works.") < 1.0
