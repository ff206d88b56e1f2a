from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.memory.dates import Dates
from autointel.memory.question import coverage, forms_of, named, rarity, stem, telling, with_numbers, without


def test_only_words_that_tell_something_are_kept_once_and_as_stems() -> None:
    assert telling("What did they say about the Fares, and about fare dodging?") == ("fare", "dodg")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fares", "fare"),
        ("studies", "study"),
        ("asked", "asking"),
        ("batteries", "battery"),
        ("unemployed", "unemployment"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_a_short_word_keeps_its_ending() -> None:
    assert stem("bus") == "bus"


def test_a_speaker_is_named_by_any_part_of_the_name_in_any_case() -> None:
    speakers = ("Mara Lind", "Jon Okafor", "Speaker 1")

    assert named("what does okafor want?", speakers) == {"Jon Okafor"}


def test_titles_and_roles_name_nobody() -> None:
    assert named("Which speaker is a dr or host of 1?", ("Dr. Who Host", "Speaker 1")) == frozenset()


def test_a_name_is_taken_out_of_the_question_but_never_all_of_it() -> None:
    assert without("What does Mara Lind pay?", {"Mara Lind"}) == "What does pay?"
    assert without("Mara Lind", {"Mara Lind"}) == "Mara Lind"
    assert without("Who is Mara?", {"Mara Lind"}) == "Who is Mara?"


@pytest.mark.parametrize(
    ("question", "years", "months"),
    [
        ("What happened in May 2023?", {2023}, {5}),
        ("on 7 July, 2023", {2023}, {7}),
        ("in Sept. and in jan", set(), {9, 1}),
        ("They may march on", set(), set()),
        ("since 1999 or 2004", {1999, 2004}, set()),
        ("for 2500 people", set(), set()),
    ],
)
def test_years_and_months_are_found_and_verbs_are_not(question: str, years: set[int], months: set[int]) -> None:
    dates = Dates.of(question)

    assert (set(dates.years), set(dates.months)) == (years, months)


def test_a_day_fits_where_nothing_given_speaks_against_it() -> None:
    may = Dates(frozenset({2023}), frozenset({5}))

    assert may.fit(date(2023, 5, 7))
    assert not may.fit(date(2023, 6, 7))
    assert not may.fit(date(2022, 5, 7))
    assert not may.fit(None)
    assert not Dates().fit(date(2023, 5, 7))
    assert Dates(months=frozenset({5})).fit(date(1999, 5, 1))


def test_coverage_is_that_of_the_best_text() -> None:
    texts = [frozenset({"fare"}), frozenset({"fare", "council"})]

    assert coverage("fares of the council tomorrow", texts) == pytest.approx(2 / 3)
    assert coverage("what was it?", texts) == 0
    assert coverage("fares", []) == 0


def test_a_word_in_fewer_texts_weighs_more() -> None:
    weights = rarity("remote battery", [frozenset({"remot"}), frozenset({"remot", "batteri"})])

    assert weights["batteri"] > weights["remot"] > 0


@given(st.text(), st.lists(st.text()))
def test_no_text_is_too_strange(text: str, names: list[str]) -> None:
    telling(text)
    Dates.of(text)
    assert without(text, named(text, names)) or not text.split()


def test_of_a_script_without_spaces_neighbouring_characters_are_telling() -> None:
    assert telling("AI卖掉水车") == ("卖掉", "掉水", "水车", "ai")
    assert telling("पुरानी चक्की") == ("पुरानी", "चक्की")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("42 homes", "42 homes forty two"),
        ("forty-two homes", "forty-two homes 42"),
        ("1,250 people", "1,250 people one thousand two hundred fifty"),
        ("the election of 2019", "the election of 2019"),
        ("3.5 percent of one", "3.5 percent of one"),
    ],
)
def test_a_number_is_asked_for_in_digits_and_in_words(question: str, asked: str) -> None:
    assert with_numbers(question) == asked


def test_forms_of_a_word_begin_alike() -> None:
    assert forms_of(["haus", "generat"], {"hauser", "haus", "generation", "hausherr", "house"}) == {
        "hauser": "haus",
        "generation": "generat",
    }
