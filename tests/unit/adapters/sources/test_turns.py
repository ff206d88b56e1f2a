from __future__ import annotations

import pytest

from autointel.adapters.sources.draft import Cue
from autointel.adapters.sources.labels import Shape, is_name, read_label
from autointel.adapters.sources.turns import with_speakers


def named(*texts: str) -> list[tuple[str | None, str]]:
    cues = with_speakers([Cue(index, index + 1, text.split("/")) for index, text in enumerate(texts)])
    return [(cue.speaker, cue.text) for cue in cues]


def test_a_dash_and_a_name_begin_a_new_speaker_inside_a_cue() -> None:
    assert named("- JOHN: Hi./- Mary: Hello.") == [("JOHN", "Hi."), ("Mary", "Hello.")]


def test_dashes_without_names_part_two_people_whom_nobody_names() -> None:
    assert named("- Hi./- Hello.", "-Well?/-Well.") == [
        (None, "Hi."),
        (None, "Hello."),
        (None, "Well?"),
        (None, "Well."),
    ]


def test_two_dashes_in_one_cue_alone_may_be_a_list() -> None:
    assert named("- Hi./- Hello.") == [(None, "- Hi. - Hello.")]


def test_chevrons_carry_a_speaker_until_the_next() -> None:
    assert named(">> Mary Smith: Hi.", "And so on.", ">> Thanks.", "Yes./>> BOB: No.") == [
        ("Mary Smith", "Hi."),
        ("Mary Smith", "And so on."),
        (None, "Thanks."),
        (None, "Yes."),
        ("BOB", "No."),
    ]


def test_a_name_without_a_mark_must_come_twice() -> None:
    texts = ["Guy: Hi.", "word", "word", "word", "Guy: Bye.", "Tallinn: a capital.", "word", "word"]

    assert (None, "Tallinn: a capital.") in named(*texts)
    assert [pair for pair in named(*texts) if pair[0]] == [("Guy", "Hi."), ("Guy", "Bye.")]


def test_roles_and_capitals_are_believed_at_once() -> None:
    texts = ["recorded male voice: Welcome.", "DR. O'NEIL: Hi.", "word"]

    assert list(dict.fromkeys(name for name, _ in named(*texts) if name)) == ["recorded male voice", "DR. O'NEIL"]


def test_a_name_alone_names_who_goes_on() -> None:
    assert named("MARY:/Hello.", "word", "word") == [("MARY", "Hello."), (None, "word"), (None, "word")]


def test_a_cue_of_a_name_alone_names_the_next() -> None:
    assert named("MARY:", "word", "word") == [("MARY", ""), ("MARY", "word"), (None, "word")]


@pytest.mark.parametrize(
    "line",
    [
        "It is 10:30 now",
        "10:30",
        "https://example.org",
        "Note: this",
        "the end: of it",
        "x" * 60 + ": y",
        "(laughs): ha",
        ":",
    ],
)
def test_what_is_no_label(line: str) -> None:
    assert read_label(line).shape in {None, Shape.DOUBTFUL}


@pytest.mark.parametrize("head", ["Speaker 0", "María de la Cruz", "Q", "Jean-Luc", "JOHN (on phone)", "man"])
def test_what_may_be_a_name(head: str) -> None:
    assert is_name(head)


@pytest.mark.parametrize("head", ["", "one two three four five six", "he said", "3rd thing", "Question"])
def test_what_is_no_name(head: str) -> None:
    assert not is_name(head)


def test_a_recogniser_s_mark_of_another_speaker_opens_a_turn_and_is_no_word() -> None:
    cues = [Cue(1000, 2000, ["The board voted. [SPEAKER_TURN]"]), Cue(2000, 3000, ["How so? [SPEAKER_TURN] Seven."])]

    assert [(cue.text, cue.opens_turn) for cue in with_speakers(cues)] == [
        ("The board voted.", False),
        ("How so?", True),
        ("Seven.", True),
    ]


@pytest.mark.uncounted
def test_the_tens_of_thousands_of_a_chat_are_named() -> None:
    cues = with_speakers([Cue(n, n + 1, [f"Ann{n} Lee: Hello."]) for n in range(20_100)])

    assert len({cue.speaker for cue in cues}) == 20_100
