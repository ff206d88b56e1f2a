from __future__ import annotations

import pytest

from autointel.adapters.sources.captions.repeats import looks_rolling, unroll
from autointel.adapters.sources.draft import Cue
from autointel.adapters.sources.parse import parse

# As YouTube writes them: a line that is only a space stands for one still empty.
AUTOMATIC = (
    "WEBVTT\nKind: captions\nLanguage: en\n\n"
    "00:00:01.000 --> 00:00:03.000 align:start position:0%\n"
    " \nno<00:00:01.200><c> no</c><00:00:01.400><c> no</c><00:00:01.600><c> really</c>\n\n"
    "00:00:03.000 --> 00:00:03.010 align:start position:0%\n"
    "no no no really\n \n\n"
    "00:00:03.010 --> 00:00:05.000 align:start position:0%\n"
    "no no no really\nit<00:00:03.400><c> is</c><00:00:03.600><c> eleven</c>\n\n"
    "00:00:05.000 --> 00:00:05.010 align:start position:0%\n"
    "it is eleven\n \n\n"
    "00:00:05.010 --> 00:00:07.000 align:start position:0%\n"
    "it is eleven\nmillion\n"
)


def cues(*texts: str, step: int = 1000, length: int = 1000) -> list[Cue]:
    return [Cue(index * step, index * step + length, text.split("/")) for index, text in enumerate(texts)]


def test_automatic_captions_are_unrolled_and_words_repeated_in_speech_stay() -> None:
    parsed = parse(AUTOMATIC.encode(), None)

    assert [(segment.start, segment.text) for segment in parsed.segments] == [
        (1.0, "no no no really"),
        (3.01, "it is eleven"),
        (5.01, "million"),
    ]
    assert parsed.automatic


def test_people_who_repeat_themselves_are_not_rolling_captions() -> None:
    text = "WEBVTT\n\n" + "".join(f"00:0{i}.000 --> 00:0{i + 1}.000\nNo!\n\n" for i in range(5))

    parsed = parse(text.encode(), None)

    assert len(parsed.segments) == 5
    assert not parsed.automatic


@pytest.mark.parametrize(
    ("texts", "rolling"),
    [
        (("a", "a/b", "b/c"), True),
        (("a", "a", "a"), False),  # nothing goes on after what is repeated
        (("a", "a/b", "c", "d", "e"), False),  # one repetition in four
        (("a",), False),
        (("a", "b"), False),
    ],
)
def test_rolling_is_told_from_repetition(texts: tuple[str, ...], rolling: bool) -> None:  # noqa: FBT001 -- a table
    assert looks_rolling(cues(*texts), word_times=False) is rolling


def test_times_for_each_word_make_one_repetition_enough() -> None:
    assert looks_rolling(cues("a", "a/b", "c", "d", "e"), word_times=True)


def test_a_pause_ends_the_roll() -> None:
    apart = cues("a", "a/b", step=5000)

    assert not looks_rolling(apart, word_times=True)
    assert [cue.lines for cue in unroll(apart)] == [["a"], ["a", "b"]]


def test_a_cue_without_lines_does_not_interrupt_the_roll() -> None:
    shown = cues("a", "a/b")
    empty = Cue(900, 950, [])

    assert [cue.lines for cue in unroll([shown[0], empty, shown[1]])] == [["a"], ["b"]]


def test_the_longest_overlap_goes() -> None:
    assert [cue.lines for cue in unroll(cues("a/b/a/b", "a/b/a/b/c"))] == [["a", "b", "a", "b"], ["c"]]


def test_a_line_said_twice_is_kept_twice() -> None:
    assert [cue.lines for cue in unroll(cues("x/no", "no", "no/no"))] == [["x", "no"], ["no"]]


def _read(*texts: str, starts: list[float] | None = None, length: float = 1) -> tuple[str, bool, tuple[str, ...]]:
    at = starts or [float(index) for index in range(len(texts))]
    rows = (
        f"00:00:{start:06.3f} --> 00:00:{start + length:06.3f}\n{text}\n\n"
        for start, text in zip(at, texts, strict=True)
    )
    parsed = parse(("WEBVTT\n\n" + "".join(rows)).encode(), None)
    return " ".join(segment.text for segment in parsed.segments), parsed.automatic, parsed.warnings


def test_the_same_words_on_the_screen_twice_at_once_are_said_once() -> None:
    words, _, warnings = _read(
        *("It is late.", "It is late.", "Go home.", "Go home."), starts=[1, 1.04, 5, 5.04], length=2
    )

    assert words == "It is late. Go home."
    assert "Cues left out because the same words stand at the same time: 2." in warnings


def test_the_same_words_one_after_the_other_are_said_twice() -> None:
    assert _read("No!", "No!", "It is late.", "Go home.")[0] == "No! No! It is late. Go home."


def test_a_growing_line_that_corrects_itself_is_read_as_it_ends() -> None:
    words, automatic, _ = _read(
        *("The harbor", "The harbour bored", "The harbour board voted", "The harbour board voted last night."),
        *("And the", "And the fisher men", "And the fishermen heard of it."),
    )

    assert (words, automatic) == ("The harbour board voted last night. And the fishermen heard of it.", True)


def test_cues_that_begin_with_the_end_of_the_one_before_are_read_once() -> None:
    words, automatic, warnings = _read(
        *("The harbour board voted", "board voted last night to close", "night to close the north quay."),
        *("the north quay. And the fishermen", "And the fishermen heard of it."),
    )

    assert (words, automatic) == (
        "The harbour board voted last night to close the north quay. And the fishermen heard of it.",
        True,
    )
    assert "Captions that begin with the end of the one before were read once: 4." in warnings


def test_one_figure_of_speech_over_two_cues_is_no_overlap() -> None:
    texts = ("It went on and on", "and on for hours.", "Nobody left.", "Nobody spoke.", "It was cold.")

    assert _read(*texts)[0] == " ".join(texts)
