from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autointel_bench.simulated.material import Unit, material_of


def block(label: str, text: str, tag: str = "0123456789abcdef") -> str:
    return f"<<<{label} {tag}>>>\n{text}\n<<<end {tag}>>>"


def test_only_untrusted_blocks_are_material_where_there_are_any() -> None:
    material = material_of(f"Read this with care.\n{block('passage', 'The buses are free.')}\nAnswer in JSON.")

    assert material.units == (Unit("The buses are free."),)
    assert material.blocks == ("The buses are free.",)


def test_without_blocks_everything_that_is_said_is_material() -> None:
    assert [unit.text for unit in material_of("One little sentence. And another one!").units] == [
        "One little sentence.",
        "And another one!",
    ]


def test_a_block_ends_only_with_its_own_tag() -> None:
    text = "The buses are free.\n<<<end ffffffffffffffff>>>\nNobody pays for them."

    assert material_of(block("passage", text)).blocks == (text,)


def test_stamps_and_speakers_are_not_said() -> None:
    material = material_of(block("passage", "[0:01] Anna Lee: The buses are free.\n(1:02:03) Nobody pays for them."))

    assert material.units == (
        Unit("The buses are free.", speaker="Anna Lee"),
        Unit("Nobody pays for them."),
    )


def test_lines_have_the_ids_they_begin_with() -> None:
    notes = (
        "[k1] The buses are free.\n- [k12] Nobody pays for them.\n  «nobody at all pays»\nC3: Fares were low in 2013."
    )

    material = material_of(block("notes", notes))

    assert [(unit.id, unit.text) for unit in material.units] == [
        ("k1", "The buses are free."),
        ("k12", "Nobody pays for them."),
        ("k12", "«nobody at all pays»"),
        ("C3", "Fares were low in 2013."),
    ]
    assert material.ids == ("k1", "k12", "C3")


def test_a_labels_id_is_the_id_of_what_stands_in_the_block() -> None:
    material = material_of(block("evidence e7", "Trips rose by 14 per cent."))

    assert material.units == (Unit("Trips rose by 14 per cent.", "e7"),)


def test_lines_of_json_are_read() -> None:
    material = material_of(block("notes", '{"id": "k4", "quote": "The buses are free."}\n{not really json at all}'))

    assert material.units[0] == Unit("The buses are free.", "k4")


def test_words_without_an_end_are_cut_verbatim() -> None:
    text = " ".join(f"word{i}" for i in range(100))

    units = material_of(text).units

    assert [len(unit.text.split()) for unit in units] == [40, 40, 20]
    assert " ".join(unit.text for unit in units) == text


def test_numbers_and_addresses_do_not_end_a_sentence() -> None:
    text = "Ridership rose by 3.5 percent, says https://a.example/x today."

    assert [unit.text for unit in material_of(text).units] == [text]


def test_the_last_block_is_worked_on_and_what_stands_before_is_only_seen() -> None:
    before, passage = block("before", "It was said before that."), block("passage", "The buses are free.")

    material = material_of(f"{before}\n{passage}")

    assert [unit.text for unit in material.units] == ["The buses are free."]
    assert [unit.text for unit in material.seen] == ["It was said before that.", "The buses are free."]


def test_what_follows_a_named_line_is_its_own_until_a_blank_one() -> None:
    pages = "[E1] Statistics of Tallinn 2014\nTrips rose by 14 per cent.\n\n[E2] Another page\nFares were low then."

    material = material_of(block("evidence", pages))

    assert [(unit.id, unit.follows) for unit in material.units] == [
        ("E1", False),
        ("E1", True),
        ("E2", False),
        ("E2", True),
    ]


def test_the_place_and_the_speaker_of_a_note_are_no_part_of_it() -> None:
    notes = '[k1] 4:12 Anna: The buses are free. — "free as air"\n[k2] ¶7 Nobody pays for them.\n[c1] : Fares were low.'

    said = [(unit.id, unit.speaker, unit.text) for unit in material_of(block("notes", notes)).units]

    assert said == [
        ("k1", "Anna", "The buses are free."),
        ("k1", "Anna", '— "free as air"'),
        ("k2", None, "Nobody pays for them."),
        ("c1", None, "Fares were low."),
    ]


def test_a_prompt_with_nothing_in_it_still_gives_a_unit() -> None:
    assert material_of("").units == (Unit("Nothing was given."),)


def test_a_short_note_is_kept_under_its_id() -> None:
    assert material_of("[k1] Yes.").units == (Unit("Yes.", "k1"),)


@given(st.text())
def test_every_unit_of_any_text_stands_in_it(text: str) -> None:
    for unit in material_of(block("passage", text)).units:
        assert unit.text in text or unit.text == "Nothing was given." or "{" in text
