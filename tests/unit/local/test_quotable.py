from __future__ import annotations

import pytest

from autointel.local.quotable import folded, is_quotable, weight, weight_elsewhere

GOOD = "The council paid for new trams out of the housing budget."


def test_a_whole_sentence_with_content_is_quotable() -> None:
    assert is_quotable(GOOD, punctuated=True)


@pytest.mark.parametrize(
    "text",
    [
        "Good evening, ladies and gentlemen, and welcome to the city hall of Tallinn.",
        "This episode is brought to you by a mattress company with soft prices.",
        "Use code TRAM for ten euros off your first mattress order.",
        "Subscribe to our channel for transport policy every single week.",
        "Did the council pay for new trams out of the housing budget?",
        "Yes, the trams.",
        "and then the council paid for trams, housing, budgets.",
        "The council paid for new trams out of the housing--",
        "The council paid for new trams out of the housing budget...",
        "And so it was that they were all there with us again.",
        "The council [inaudible] new trams out of the housing budget.",
        "tram " * 80 + ".",
    ],
)
def test_greetings_sponsors_questions_and_fragments_are_not(text: str) -> None:
    assert not is_quotable(text, punctuated=True)


def test_where_nothing_is_punctuated_a_fragment_cannot_be_told() -> None:
    fragment = "the council paid for new trams out of the housing budget"

    assert is_quotable(fragment, punctuated=False)
    assert not is_quotable(fragment, punctuated=True)


@pytest.mark.parametrize(
    "weaker",
    [
        "It paid for new trams because the whole housing budget was there.",
        "I paid for new trams because the whole housing budget was there.",
        "The council paid -- paid for new trams because the budget was there.",
        "The council paid, you know, for trams because the budget was there.",
        "The council paid because trams are new.",
        "The council paid for new trams out of the whole housing budget.",
    ],
)
def test_what_leans_chats_stumbles_or_makes_no_point_weighs_less(weaker: str) -> None:
    assert weight("The council paid for new trams because the whole housing budget was there.") == 1.0
    assert weight(weaker) < 1.0


def test_an_empty_text_leans_on_nothing() -> None:
    assert 0 < weight("") < 1


def test_lines_are_the_same_whatever_their_marks_and_case() -> None:
    assert folded("The COUNCIL, paid!") == folded("the council paid")


@pytest.mark.parametrize(
    "text",
    [
        "Because the council paid for new trams out of the housing budget.",
        "Like, the council paid for new trams out of the housing budget.",
        "One of the great giveaways of all time, including the harbour tram budget.",
        "Fired the council up for the new trams and the housing budget.",
        "The council paid w we paid for for trams out of the housing budget.",
        "The council p paid for the--the trams--trams out of the housing budget.",
        "That's that's what the council paid for the new housing trams.",
        "The council paid for the ph the phones of the tram drivers.",
        "The council is sure that the fare of the new trams—.",
        "We're going to talk about the new trams and the housing budget today.",
        "Please join us to see the new trams and the housing budget.",
        "I would like to remind members that the trams need a housing budget.",
        "An interview with the council: it paid for the new trams out of the housing budget.",
        "' Last year the council paid for the new trams '. The housing budget grew.",
        "My fellow citizens: the new trams need a housing budget today.",
        "There was a woman from the council who paid for the new trams.",
    ],
)
def test_tails_slips_and_talk_about_the_talk_are_not_quotable(text: str) -> None:
    assert not is_quotable(text, punctuated=True)


def test_what_somebody_says_of_themselves_weighs_less_than_an_opinion_of_the_subject() -> None:
    opinion = "I think the council paid for new trams because the housing budget was there."

    assert weight("I paid for new trams because the whole housing budget was there.") < weight(opinion)


@pytest.mark.parametrize(
    "text",
    [
        "Senator Booker, you have a plan for cheaper trams in Newark.",
        "Anna, your paper on trams and housing covers the whole budget.",
        "You've also said that the council pays for trams out of housing.",
        'The council paid for new trams, and you fumbled your own budget."',
        '"The council paid for new trams out of the housing budget."',
        "Um the council should um pay for the new trams and houses.",
        "The council should pay gr for the new trams and the houses.",
        "The council don't have a have a budget for the new trams.",
        "A budget that would bring new trams to the council houses.",
        "In our tram system, where there is a crisis of housing and budgets.",
        "We are fully committed to trams and housing in the whole city.",
        "The council rose on a point of order about trams and housing.",
    ],
)
def test_addresses_reported_words_slips_and_fragments_are_not_quotable(text: str) -> None:
    assert not is_quotable(text, punctuated=True)


@pytest.mark.parametrize(
    "text",
    [
        "As a parent, you have to pay for the trams and the houses.",
        "In 1933, the council said that this is the end of cheap trams.",
        "A company that sells trams told the council that it stops.",
        'The council calls the new trams "silent", and that is an honest word.',
    ],
)
def test_what_only_looks_like_one_of_them_is_quotable(text: str) -> None:
    assert is_quotable(text, punctuated=True)


@pytest.mark.parametrize(
    "text",
    [
        "if you put term limits in and don't reform government",
        "the council will cut housing and spend another $220",
        "the council paid for trams and housing and wherever possible",
    ],
)
def test_captions_that_end_or_hang_in_the_middle_are_not_quotable(text: str) -> None:
    assert not is_quotable(text, punctuated=False)
    assert is_quotable("if you put term limits in the council will reform housing", punctuated=False)


def test_wording_as_in_writing_weighs_more_than_chat() -> None:
    written = "The cost of the trams in the budget of the council rose because of the repair of the bridge."
    chat = "I mean it is just that you know I really think they were going to get it because we said so."

    assert weight(written) > 3 * weight(chat)


@pytest.mark.parametrize(
    ("leaning", "whole"),
    [
        (
            "Diese Wärme kommt seit zwei Jahren aus dem Fluss und nicht mehr aus dem Werk.",
            "Die Wärme der Stadt kommt seit zwei Jahren aus dem Fluss und nicht mehr aus dem Werk.",
        ),
        (
            "Ce versement finance depuis cinq ans la moitié du réseau de bus de la ville.",
            "Le versement des entreprises finance depuis cinq ans la moitié du réseau de bus.",
        ),
        ("这个城市的公交车每年需要三亿元。", "免费公交的费用每年需要三亿元。"),
    ],
)
def test_in_other_languages_an_opening_that_points_back_weighs_less(leaning: str, whole: str) -> None:
    assert weight_elsewhere(leaning) < weight_elsewhere(whole)


@pytest.mark.parametrize(
    "text",
    [
        "As always, the interview was conducted on a boat in the old harbour.",
        "In the interview, Kask explains why the old harbour needs a second crane.",
        "Harbour Image: The old crane was built by a harbour company in 1964.",
        "Question: The harbour company closed its old crane in the spring.",
        "Chair, I would thank the members for their paper on the harbour.",
        "Secretary Kask, the harbour bill that you supported closed three cranes.",
        "The harbour costs could have, could be higher than the cranes of the town.",
        "The crane is something like a bridge of, inside of that the harbour stands.",
        "The crane was paid for [laughter] by the harbour company in spring.",
    ],
)
def test_the_recording_itself_labels_addresses_and_new_starts_are_not_quotable(text: str) -> None:
    assert not is_quotable(text, punctuated=True)


@pytest.mark.parametrize(
    "text",
    [
        "the president's legitimacy in the old harbour town 2012 2013",
        "so what assessment have the members made of the harbour company",
        "the border agents endorsed-16,500 people in the harbour town",
        "all right secretary kask you have two minutes on the harbour question",
    ],
)
def test_captions_without_a_verb_that_ask_or_begin_anew_are_not_quotable(text: str) -> None:
    assert not is_quotable(text, punctuated=False)
    assert is_quotable("the harbour company's closing the old crane in spring", punctuated=False)
