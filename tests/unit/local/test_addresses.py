from __future__ import annotations

from autointel.domain.citation import Citation
from autointel.domain.notes import EntityKind, EntityMention
from autointel.local.terms import rank_terms, subjects, without_names


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


def named(name: str, kind: EntityKind) -> EntityMention:
    return EntityMention(name=name, kind=kind, mentions=2, citations=(Citation(quote=name, paragraph=1),))


def test_persons_places_and_parts_of_names_are_listed_as_entities_and_not_as_terms() -> None:
    said = ["Anna Kask rode trams in Riga with Tallinn Tram Works.", "Senator Kask of Riga likes Works trams."] * 2
    entities = [
        named("Anna Kask", EntityKind.PERSON),
        named("Riga", EntityKind.PLACE),
        named("Tallinn Tram Works", EntityKind.ORGANISATION),
    ]

    kept = [term.text for term in without_names(rank_terms(said, "en"), entities)]

    assert not {"Anna Kask", "Kask", "Senator Kask", "Riga", "Works"} & {*kept}
    assert "trams" in kept


def test_the_name_of_a_body_counts_for_less_than_a_subject() -> None:
    said = ["Oxide makes cloud computers.", "Oxide sells cloud computers."] * 3
    ranked = rank_terms(said, "en")

    first, *_ = without_names(ranked, [named("Oxide", EntityKind.ORGANISATION)])

    assert first.text != "Oxide"


def test_a_part_of_a_longer_name_is_no_term() -> None:
    said = ["The Harbour Trust Fund pays.", "So the Harbour Trust Fund paid for trams."] * 2
    kept = [
        term.text
        for term in without_names(rank_terms(said, "en"), [named("Old Harbour Trust Fund", EntityKind.ORGANISATION)])
    ]

    assert not {"Harbour Trust Fund", "Harbour Trust", "Trust Fund"} & {*kept}


def test_a_place_listed_under_another_name_is_no_term() -> None:
    said = ["America pays for trams.", "So America paid for trams."] * 2

    kept = [term.text for term in without_names(rank_terms(said, "en"), [named("United States", EntityKind.PLACE)])]

    assert kept[:1] == ["trams"]
    assert "America" not in kept
