"""A head that no rule reads as a name ends the turn before it: its words are nobody's, never the last speaker's."""

from __future__ import annotations

from autointel.adapters.sources.parse import parse

HEARING = """\
Lynne Neagle AM: Good morning, everyone. Welcome to the committee this morning.

Sally Holland: The funding has been cut by four percent in two years.

{head}: And who decides on that?

Lynne Neagle AM: We will come to that later.

Sally Holland: The minister decides on that every year in March.
"""


def speakers(head: str) -> list[str | None]:
    return [segment.speaker for segment in parse(HEARING.format(head=head).encode(), "hearing.txt").segments]


def test_letters_after_a_name_belong_to_it() -> None:
    assert speakers("Lynne Neagle AM") == [
        "Lynne Neagle AM",
        "Sally Holland",
        "Lynne Neagle AM",
        "Lynne Neagle AM",
        "Sally Holland",
    ]


def test_the_words_after_an_odd_head_in_capitals_are_nobodys() -> None:
    assert speakers("Evidence From The North") == [
        "Lynne Neagle AM",
        "Sally Holland",
        None,
        "Lynne Neagle AM",
        "Sally Holland",
    ]


def test_a_clause_before_a_colon_goes_on_in_the_same_turn() -> None:
    found = parse(HEARING.format(head="And here is the question").encode(), "hearing.txt").segments

    assert found[2].speaker == "Sally Holland"
    assert found[2].text.startswith("And here is the question:")


def test_letters_that_take_turns_before_a_colon_are_speakers() -> None:
    found = parse(
        b"I: How was it?\n\nB: It was good.\n\nI: And then?\n\nB: I went home.\n\nI: Why?\n\nB: Tired.\n", None
    )

    assert [segment.speaker for segment in found.segments] == ["I", "B", "I", "B", "I", "B"]
    assert found.segments[2].text == "And then?"


def test_a_colon_between_digits_is_a_time_or_a_score() -> None:
    talk = "主持人：大家好。\n\n嘉宾：你好。\n\n主持人：请说。\n\n嘉宾：我说。\n\n北京时间3:30我们到了。\n"

    last = parse(talk.encode(), None).segments[-1]

    assert last.text == "北京时间3:30我们到了。"
    assert last.speaker != "北京时间3"
