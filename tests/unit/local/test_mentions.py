from __future__ import annotations

from collections import Counter

from tests.unit.local.making import script

from autointel.domain.citation import Script
from autointel.domain.notes import EntityKind, EntityMention, RelationMention
from autointel.domain.value import Confidence
from autointel.local.mentions import CO_OCCURS, MAX_ENTITIES, find_mentions
from autointel.local.same_names import Name, merge_names
from autointel.text.sentences import cut


def mentions(whole: Script) -> tuple[tuple[EntityMention, ...], tuple[RelationMention, ...]]:
    return find_mentions(whole, cut(whole))


def counts(whole: Script) -> dict[str, int]:
    return {entity.name: entity.mentions for entity in mentions(whole)[0]}


def test_names_are_counted_and_the_most_frequent_comes_first() -> None:
    entities, _ = mentions(
        script("We went to Riga.", "In Oslo it rained, in Oslo it snowed.", "Later Oslo's council met.")
    )

    assert [(entity.name, entity.mentions) for entity in entities] == [("Oslo", 3), ("Riga", 1)]
    assert all(entity.confidence is Confidence.LOW for entity in entities)


def test_citations_are_the_sentences_that_name_it_three_at_most() -> None:
    entities, _ = mentions(script(*[f"Day {n} was spent in Oslo, in Oslo alone." for n in range(5)]))

    assert [citation.quote[:5] for citation in entities[0].citations] == ["Day 0", "Day 1", "Day 2"]
    assert [citation.start for citation in entities[0].citations] == [0.0, 3.0, 6.0]
    assert entities[0].mentions == 10


def test_spellings_of_one_name_are_one_entity_shown_as_most_often_written() -> None:
    assert counts(script("We asked Unesco. Then UNESCO replied to Unesco.")) == {"Unesco": 3}


def test_a_family_name_counts_for_its_only_bearer() -> None:
    found = counts(script("We met Anna Kask today.", "And then Kask said no.", "Later Kask left."))

    assert found == {"Anna Kask": 3}


def test_a_family_name_of_two_people_counts_for_neither() -> None:
    found = counts(script("We met Anna Kask and Peter Kask today.", "And then Kask said no."))

    assert found == {"Anna Kask": 1, "Peter Kask": 1, "Kask": 1}


def test_a_given_name_counts_for_the_only_person_named_so_in_full() -> None:
    said = ["We met Anna Kask today.", "And then Anna left."]

    assert counts(script(*said)) == {"Anna Kask": 2}
    assert counts(script(*[("Anna Kask", text) for text in said])) == {"Anna Kask": 2}


def test_a_given_name_of_two_people_or_of_another_speaker_counts_for_nobody_else() -> None:
    two = ["We met Anna Kask today.", "Anna Lill was there.", "And then Anna left."]
    speaker = [("Anna Berg", "We met Anna Kask today."), ("Anna Berg", "And then Anna left.")]

    assert counts(script(*two)) == {"Anna Kask": 1, "Anna Lill": 1}
    assert counts(script(*speaker)).get("Anna Kask") == 1


def test_a_family_name_counts_for_its_bearer_though_another_name_begins_with_it() -> None:
    said = ["We met Anna Kask and Kask Zumbrel today.", "And then Kask said no."]

    assert counts(script(*said)) == {"Anna Kask": 2, "Kask Zumbrel": 1}


def test_a_middle_initial_makes_nobody_else() -> None:
    said = ["We met Anna Kask today.", "Then Anna B. Kask left.", "And Anna Kask came.", "Now Kask and Anna are gone."]

    assert counts(script(*said)) == {"Anna Kask": 5}


def test_a_given_name_long_before_the_full_name_may_be_somebody_elses() -> None:
    found = counts(script("And then Anna left.", "We went home.", "It rained.", "We met Anna Kask today."))

    assert found == {"Anna Kask": 1}


def test_a_given_name_of_nobody_knows_whom_is_no_entity_unless_the_text_tells_of_them() -> None:
    called = ["And then Anna left.", "Go ahead, Jim.", "We asked Jim."]
    told = ["In those days Marta was twelve.", "The boat was Marta's.", "At night Marta rowed to Oslo."]

    assert counts(script(*called)) == {}
    assert counts(script(*told))["Marta"] == 3


def test_a_speakers_given_name_is_shown_as_the_whole_name_without_titles() -> None:
    said = [("HON. ANNA KASK MP", "So the fare is low."), ("Jon Berg", "Today Anna said that Kask would pay.")]

    assert counts(script(*said)) == {"Anna Kask": 2}


def test_an_acronym_is_the_body_that_it_spells_out() -> None:
    found = counts(
        script("The Harbour Funding Council for Wales met.", "Then HFCW paid.", "So HFCW and the HFCW left.")
    )

    assert found == {"Harbour Funding Council for Wales": 4}


def test_initials_of_a_phrase_that_the_text_says_in_ordinary_words_name_nothing() -> None:
    said = [
        "Pay in further education is low.",
        "Who teaches further education leaves.",
        "So further education shrinks.",
    ]

    assert "FE" not in counts(script(*said, "We fund FE and NZX.", "The FE sector waits for NZX."))
    assert "FE" in counts(script("We fund FE and NZX.", "The FE sector waits for NZX."))


def test_a_function_word_opens_what_initials_stand_for_only_as_an_adjective_does() -> None:
    said = ["We run other public bodies here.", "So other public bodies pay.", "Pay comes from other public bodies."]
    loose = ["The banks of which harbours live.", "These are banks of which harbours die.", "Banks of which harbours?"]

    assert "OPB" not in counts(script(*said, "We fund OPB and NZX.", "The OPB sector waits for NZX."))
    assert "OWH" in counts(script(*loose, "We fund OWH and NZX.", "The OWH sector waits for NZX."))


def test_a_body_is_one_with_its_short_name_and_a_whole_name_with_one_of_several() -> None:
    said = ["We met at Zumbrel University.", "Now Zumbrel closes.", "At the Kask Review we heard of Kask Reviews."]

    assert counts(script(*said)) == {"Zumbrel University": 2, "Kask Review": 2}
    long = ["The Cardiff Metropolitan University met.", "Now Cardiff Met closes."]
    assert counts(script(*long)) == {"Cardiff Metropolitan University": 2}


def test_who_bears_a_persons_family_name_is_a_person() -> None:
    entities, _ = mentions(script("We met Anna Kask.", "The Zbrkl Kask announced a walk."))

    assert {entity.kind for entity in entities} == {EntityKind.PERSON}


def test_america_is_the_united_states_where_both_are_named() -> None:
    assert counts(script("We left America.", "In the United States it rained.")) == {"United States": 2}
    assert counts(script("We left America.", "In South America it rained.")) == {"America": 1, "South America": 1}


def test_a_town_with_its_state_and_a_country_by_its_short_name_are_named_once() -> None:
    found = counts(
        script("We left El Paso, Texas.", "In El Paso it rained.", "The U.S. is far.", "The United States is.")
    )

    assert found["El Paso"] == 2
    assert found.get("United States", 0) + found.get("U.S.", 0) == 2
    assert "El Paso, Texas" not in found


def test_a_speaker_is_a_person_whatever_the_lists_say() -> None:
    entities, _ = mentions(script(("Zbrkl Xyz", "So we asked Zbrkl about it.")))

    assert [(entity.name, entity.kind) for entity in entities] == [("Zbrkl Xyz", EntityKind.PERSON)]


def test_what_is_named_in_one_sentence_co_occurs() -> None:
    _, relations = mentions(script("From Oslo to Riga.", "Yes, from Oslo to Riga by NATO.", "And Riga alone."))

    assert [(one.subject, one.predicate, one.object, one.weight) for one in relations] == [
        ("Riga", CO_OCCURS, "Oslo", 2),
        ("Riga", CO_OCCURS, "NATO", 1),
        ("Oslo", CO_OCCURS, "NATO", 1),
    ]
    assert relations[0].citation.quote == "From Oslo to Riga."


def test_a_name_repeated_in_a_sentence_does_not_co_occur_with_itself() -> None:
    _, relations = mentions(script("In Oslo, in Oslo, in Oslo it is."))

    assert relations == ()


def test_in_a_long_recording_a_name_of_no_kind_is_shown_from_the_second_time() -> None:
    filler = ["It went on and on."] * 300

    assert counts(script("We saw a Gwart there.", "We went to Oslo.", *filler)) == {"Oslo": 1}
    assert counts(script("We saw a Gwart there.", "We saw a Gwart again.", *filler)) == {"Gwart": 2}


def test_at_most_sixty_entities_are_shown() -> None:
    letters = "abcdefghij"
    said = [f"We met a Q{one}{other} there." for one in letters for other in letters]

    entities, _ = mentions(script(*said))

    assert len(entities) == MAX_ENTITIES
    assert entities[0].name == "Qaa"


def test_a_given_name_joins_a_full_name_only_where_that_falls_often() -> None:
    rare = ["We met Jeff Bezos once."] + ["Then Jeff wrote the kernel."] * 9
    often = ["We asked Jeff Bezos about it."] * 5 + ["Then Jeff answered us."] * 9

    assert counts(script(*rare))["Jeff"] == 9
    assert counts(script(*often)) == {"Jeff Bezos": 14}


def test_a_place_of_work_is_an_organisation() -> None:
    entities, _ = mentions(
        script("When I joined Zyxelon it was small.", "She worked at Zyxelon for years.", "We liked Zyxelon.")
    )

    assert [(entity.name, entity.kind) for entity in entities] == [("Zyxelon", EntityKind.ORGANISATION)]


def test_what_a_label_has_in_brackets_is_no_part_of_the_name() -> None:
    assert counts(
        script(("Anna Kask (D-Harbour)", "The fare is low."), ("Jon Berg", "We heard that Kask would pay."))
    ) == {"Anna Kask": 1}


def test_a_head_of_state_named_alone_is_a_person() -> None:
    entities, _ = mentions(script("We need leverage with Putin and with Merkel.", "Then Putin and Merkel met."))

    assert {entity.name: entity.kind for entity in entities} == {
        "Putin": EntityKind.PERSON,
        "Merkel": EntityKind.PERSON,
    }


def test_the_short_name_of_a_body_is_found_among_thousands_of_names_without_a_look_at_each() -> None:
    names = {
        f"ann{number} lee{number}": Name(Counter({f"Ann{number} Lee{number}": 1}), sentences=[number])
        for number in range(6_000)
    }
    names["hofstra university"] = Name(Counter({"Hofstra University": 1}), sentences=[1, 2])
    names["hofstra"] = Name(Counter({"Hofstra": 1}), sentences=[3])

    merge_names(names, {}, [])

    assert "hofstra" not in names
    assert names["hofstra university"].sentences == [1, 2, 3]
