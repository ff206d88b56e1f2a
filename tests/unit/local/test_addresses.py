from __future__ import annotations

from autointel.local.addresses import subjects
from autointel.local.terms import rank_terms


def told(*texts: str, speakers: tuple[str | None, ...] = (None,)) -> list[str]:
    return [term.text for term in subjects(rank_terms(texts, "en"), texts, speakers)]


def test_names_of_speakers_are_no_subjects() -> None:
    said = ["Thank you, Teresa, for the trams.", "Teresa likes trams."]

    assert told(*said, speakers=("Teresa Quintanar", None)) == ["trams"]
    assert told(*said) == ["Teresa", "trams"]


def test_a_role_that_calls_somebody_is_no_subject() -> None:
    assert "Council member" not in told("Council member, why trams?", "Who pays, Council member?", "Trams.")


def test_a_role_that_is_spoken_of_is_one_and_so_is_a_place_in_a_list() -> None:
    assert "council member" in told("The council member rides trams.", "Every council member does.")
    assert "Tallinn" in told("Tallinn, as we know, has trams.", "I like Riga, Tallinn.")
