"""A word is found in its other forms, in the languages of the library."""

from __future__ import annotations

import pytest
from tests.fakes.material import talk

from autointel.adapters.catalogue.catalogue import Catalogue

GERMAN = ["Die Häuser werden teurer.", "Alle Arbeitslosen warten noch.", "Trees line the road."]
SPANISH = ["La elección se celebrará en otoño.", "Los alcaldes votan por primera vez."]
RUSSIAN = ["Новые выборы назначены на осень.", "Цены растут каждый месяц."]


def keep(catalogue: Catalogue, sentences: list[str], language: str) -> None:
    source, transcript, passages = talk(sentences, language)
    catalogue.passages.store(source, transcript.model_copy(update={"language": language}), passages)


@pytest.mark.parametrize(
    ("language", "sentences", "asked", "found"),
    [
        ("de", GERMAN, "Haus", 0),
        ("de-AT", GERMAN, "Arbeitslose", 1),
        ("es", SPANISH, "elecciones", 0),
        ("es", SPANISH, "alcalde", 1),
        ("ru", RUSSIAN, "выборов", 0),
    ],
)
def test_a_word_is_found_in_another_form(
    language: str, sentences: list[str], asked: str, found: int, catalogue: Catalogue
) -> None:
    keep(catalogue, sentences, language)

    assert catalogue.passages.keyword(asked, 5, around=0.0)[0].passage.text == sentences[found]


def test_english_forms_need_no_other_language(catalogue: Catalogue) -> None:
    keep(catalogue, ["Most unemployed people wait.", "A heat pump hums.", "Trees line the road."], "en")

    for asked, found in (("unemployment", "Most unemployed people wait."), ("heat pumps", "A heat pump hums.")):
        assert catalogue.passages.keyword(asked, 5, around=0.0)[0].passage.text == found


def test_a_quotation_mark_or_a_sign_is_no_word(catalogue: Catalogue) -> None:
    keep(catalogue, GERMAN, "de")

    assert catalogue.passages.keyword('"NEAR( * %', 5) == []


@pytest.mark.parametrize(
    ("typed", "read"),
    [("stele", "steel"), ("capasity", "capac"), ("unemploymnt", "unemploi"), ("govermment", "govern")],
)
def test_a_slip_of_one_letter_is_read_as_the_word_that_stands_there(
    typed: str, read: str, catalogue: Catalogue
) -> None:
    keep(catalogue, ["Steel mills without capacity.", "The unemployed asked the government."], "en")

    assert catalogue.passages.respelt([typed]) == {typed: read}


@pytest.mark.parametrize("typed", ["steel", "capacities", "malaria", "ste", "2023", "Häuser"])
def test_a_word_that_stands_there_or_is_like_none_is_left_alone(typed: str, catalogue: Catalogue) -> None:
    keep(catalogue, ["Steel mills without capacity.", "The material of the Häuser in 2024."], "en")

    assert catalogue.passages.respelt([typed]) == {}


@pytest.mark.parametrize("typed", ["bluetooth", "headset", "flood", "shutter"])
def test_a_word_that_nobody_said_is_no_slip_of_a_shorter_one(typed: str, catalogue: Catalogue) -> None:
    keep(catalogue, ["He heard a blunt remark.", "The floor was wet.", "A shutdown, shut."], "en")

    assert catalogue.passages.respelt([typed]) == {}
