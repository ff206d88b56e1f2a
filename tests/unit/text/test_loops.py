"""What a recogniser makes up is cut; what people repeat is not."""

from __future__ import annotations

import pytest

from autointel.text.near_duplicates import loop_in, looped


def test_one_phrase_over_and_over_is_left_once() -> None:
    texts = ["It closed.", *["Thank you for watching."] * 9, "Good night to all."]

    assert looped(texts) == frozenset(range(2, 10))


def test_two_phrases_in_turn_are_a_loop_as_well() -> None:
    assert looped(["Thank you very much.", "See you next time."] * 8) == frozenset(range(2, 16))


@pytest.mark.parametrize("texts", [["No, I will not."] * 3, ["Aye."] * 12, [f"Item {n}." for n in range(50)], []])
def test_what_people_repeat_is_left(texts: list[str]) -> None:
    assert looped(texts) == frozenset()


def test_a_loop_inside_a_text_is_found_with_its_first_round_left() -> None:
    text = "It closed. " + "and then we " * 12 + "went home."

    found = loop_in(text)

    assert found is not None
    assert text[: found[0]].strip() == "It closed. and then we"
    assert text[found[1] :].strip() == "went home."


def test_a_text_without_a_loop_has_none() -> None:
    assert loop_in("no no no never, I said, " * 2) is None
