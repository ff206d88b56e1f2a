from __future__ import annotations

from collections.abc import Sequence

import pytest

from autointel.domain.notes import EntityKind
from autointel.local.entities import EntitySpan, find_entities, uses_capitals
from autointel.local.gazetteer import kind_of


def names(*sentences: str) -> list[str]:
    tokens = [sentence.split() for sentence in sentences]
    return [
        " ".join(words[span.first : span.last])
        for words, spans in zip(tokens, find_entities(tokens), strict=True)
        for span in spans
    ]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("we asked Anna Kask about the fares", ["Anna Kask"]),
        ("we met at the University of Tartu in May", ["University of Tartu"]),
        ("it was Apollo 13 in 1970", ["Apollo 13"]),
        ("from New York to the White House", ["New York", "White House"]),
        ("and then , Siemens won", ["Siemens"]),
        ("the book by J Ronald Tolkien , Anna and Ben", ["Ronald Tolkien", "Anna", "Ben"]),
        ("he met Dr. Haas there", ["Haas"]),
        ("we saw it on TV on Monday with an American", []),
        ("I said OK and I'm glad", []),
        ("nothing here is a name", []),
        ("the Department for Transport said so", ["Department for Transport"]),
        ("it pays Anna for Transport", ["Anna", "Transport"]),
        ("we asked Anna Haas of Trinity College", ["Anna Haas", "Trinity College"]),
        ("as Maria Lopez the Kremlin said", ["Maria Lopez", "Kremlin"]),
        ("he asked Prof. Mary-Anne D'Souza there", ["Mary-Anne D'Souza"]),
        ("Dr. John O'Neill works at Trinity College .", ["John O'Neill", "Trinity College"]),
        ("they call it NATO or EVERYTHING", ["NATO"]),
    ],
)
def test_runs_of_capitals_inside_a_sentence_are_names(sentence: str, found: list[str]) -> None:
    assert names(sentence) == found


def test_a_capital_that_opens_a_sentence_needs_another_reason() -> None:
    assert names("Trams are cheap .") == []
    assert names("Berlin is large .") == ["Berlin"]
    assert names("Kreuzkopf said so .", "but we saw Kreuzkopf there") == ["Kreuzkopf", "Kreuzkopf"]
    assert names("Kreuzkopf Verlag said so .") == ["Kreuzkopf Verlag"]


def test_a_word_that_the_text_writes_small_is_no_name() -> None:
    assert names("the Tram is late", "a tram is a tram", "no tram came") == []


def test_a_word_written_small_more_often_is_no_name_where_it_opens_a_sentence_or_not() -> None:
    assert names("Fees rose .", "we paid Fees", "fees and fees") == []


def test_a_small_word_opens_no_place_that_a_common_word_ends() -> None:
    assert names("And Kansas City is a town .") == ["Kansas City"]


def test_a_headline_shows_only_what_is_listed() -> None:
    assert names("Council Votes To Cut Fares In Berlin Today") == ["Berlin"]


def test_a_name_ends_after_six_words() -> None:
    assert names("so then there was Aa Bb Cc Dd Ee Ff Gg it was") == ["Aa Bb Cc Dd Ee Ff", "Gg"]


def test_a_small_word_at_the_end_is_no_part_of_a_name() -> None:
    assert names("we saw the Louvre of") == ["Louvre"]
    assert names("we saw the Louvre of it") == ["Louvre"]


def test_spans_are_tokens() -> None:
    assert find_entities([["we", "asked", "Anna", "Kask"]]) == [[EntitySpan(2, 4, EntityKind.PERSON)]]


@pytest.mark.parametrize(
    ("name", "before", "kind"),
    [
        (["New", "York"], "in", EntityKind.PLACE),
        (["Spree", "River"], "the", EntityKind.PLACE),
        (["NATO"], "", EntityKind.ORGANISATION),
        (["Tallinn", "City", "Council"], "the", EntityKind.ORGANISATION),
        (["Anna", "Kask"], "", EntityKind.PERSON),
        (["Kask"], "Mayor", EntityKind.PERSON),
        (["Department", "for", "Transport"], "the", EntityKind.ORGANISATION),
        (["Nordic", "Transport", "Summit"], "the", EntityKind.EVENT),
        (["Council"], "the", EntityKind.OTHER),
        (["JavaScript"], "in", EntityKind.OTHER),
    ],
)
def test_kinds_come_from_lists_and_endings(name: Sequence[str], before: str, kind: EntityKind) -> None:
    assert kind_of(name, before) is kind


def test_captions_without_case_are_recognised() -> None:
    assert uses_capitals("The council of Tallinn met again, and Anna Kask spoke.")
    assert not uses_capitals("the council of tallinn met again and anna kask spoke")
    assert not uses_capitals("THE COUNCIL OF TALLINN MET AGAIN AND ANNA KASK SPOKE")
    assert uses_capitals("hello")


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("as the French Government and American Express said", ["French Government", "American Express"]),
        ("and so it was that National Congress President Anna Villar spoke", ["National Congress", "Anna Villar"]),
        ("of the late Martin Luther King there", ["Martin Luther King"]),
        ("and Will the Minister say so", []),
        ("then the Committee and the CEO left", []),
        ("as Felipe Gonzalez of Spain and the Bank of England said", ["Felipe Gonzalez", "Spain", "Bank of England"]),
        ("we met in Lubbock , Texas , and in Addis Ababa , Ethiopia", ["Lubbock , Texas", "Addis Ababa", "Ethiopia"]),
        ("who left Moscow March 5 for good", ["Moscow"]),
        ("who asked WHO about it", ["WHO"]),
    ],
)
def test_offices_part_names_and_kinds_of_things_are_none(sentence: str, found: list[str]) -> None:
    assert names(sentence) == found


@pytest.mark.parametrize("sentence", ["Who says so", "Will the Minister answer", "Evaluating Juppe was hard"])
def test_what_opens_a_sentence_is_no_name_by_its_capital(sentence: str) -> None:
    assert names(sentence) in ([], ["Juppe"])


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("so the Foreign Ministry said", ["Foreign Ministry"]),
        ("the Special Operations Group came", ["Special Operations Group"]),
        ("we met the Liberation Day Committee there", ["Liberation Day Committee"]),
        ("we flew to Panama City today", ["Panama City"]),
        ("we wear the Joyent T-shirt here", ["Joyent"]),
        ("both House and Senate voted", []),
    ],
)
def test_a_common_word_belongs_to_the_name_of_a_body_or_town(sentence: str, found: list[str]) -> None:
    assert names(sentence) == found


def test_two_words_that_the_text_often_writes_together_in_capitals_are_one_name() -> None:
    assert names("so Flying Start pays", "and Flying Start helps") == ["Flying Start", "Flying Start"]


def kinds(sentence: str) -> list[EntityKind]:
    return [span.kind for spans in find_entities([sentence.split()]) for span in spans]


def test_a_word_in_a_row_of_places_is_one() -> None:
    assert kinds("we met in Preston , Victoria , Australia then") == [EntityKind.PLACE] * len(
        names("we met in Preston , Victoria , Australia then")
    )
    assert kinds("they live in Wales and Newport now")[-1] is EntityKind.PLACE


def test_products_are_neither_towns_nor_persons_and_an_acronym_that_reports_is_a_body() -> None:
    assert kind_of(["Ajax"], "in") is EntityKind.OTHER
    assert kind_of(["Ruby"], "like") is EntityKind.OTHER
    assert kind_of(["Virginia"], "in") is EntityKind.PLACE
    assert kind_of(["NSPCC"], "the", "reported") is EntityKind.ORGANISATION
    assert kind_of(["TFC"], "the", "model") is EntityKind.OTHER


def test_particles_belong_to_a_family_name_that_the_text_seldom_writes_without_them() -> None:
    assert names("The minister van der Berg said no .", "Then Pieter van den Heuvel met de Witt .") == [
        "van der Berg",
        "Pieter van den Heuvel",
        "de Witt",
    ]
    assert names("he met van Dale there", "we saw Dale and Dale again", "and Smith et al Jones did") == [
        "Dale",
        "Dale",
        "Dale",
        "Smith",
        "Jones",
    ]
