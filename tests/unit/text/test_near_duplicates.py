from __future__ import annotations

from tests.fakes.material import talk

from autointel.text.near_duplicates import OwnWords

LINES = [
    "Nobody at this table thinks that fares cover the whole cost.",
    "Somebody has to carry the gap of eleven million.",
]


def own() -> OwnWords:
    source, transcript, _ = talk(LINES)
    return OwnWords.of(source.id, transcript)


def test_the_same_words_in_another_case_and_cut_are_a_copy() -> None:
    assert own().hold("AT THIS TABLE THINKS, that fares cover the whole cost. Somebody has to carry the gap")


def test_a_copy_with_a_word_mended_here_and_there_is_still_one() -> None:
    assert own().hold("Nobody at that table thinks that fares cover the whole cost. Somebody has to carry the gap")


def test_other_words_on_the_same_thing_are_no_copy() -> None:
    assert not own().hold("Fares cover a third of what buses cost, and the city carries the rest of that gap.")


def test_a_few_words_are_a_copy_only_if_they_stand_there_as_they_are() -> None:
    assert not own().hold("the gap")
    assert not own().hold("")
