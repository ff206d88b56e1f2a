from __future__ import annotations

import pytest

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript


def said(parsed: Parsed) -> list[tuple[float | None, float | None, str]]:
    return [(segment.start, segment.end, segment.text) for segment in parsed.segments]


def test_subrip_is_read() -> None:
    parsed = parse(
        b"1\r\n00:00:01,000 --> 00:00:02,500\r\nHallo,\r\nWelt\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nJa",
        None,
    )

    assert parsed.kind is SourceKind.SRT
    assert said(parsed) == [(1.0, 2.5, "Hallo, Welt"), (3.0, 4.0, "Ja")]


@pytest.mark.parametrize(
    "text",
    [
        "00:00:01.000 --> 00:00:02.000\none\n\n00:00:02.000 --> 00:00:03.000\ntwo",
        "1\n0:0:1,0 --> 0:0:2,0 X1:10 X2:20\none\n2\n0:00:02,000-->0:00:03,000\ntwo",
        "00:01,000 -> 00:02,000\none\n\n\n\n  7  \n00:02,000 --> 00:03\ntwo\n",
        "9\n00:00:01,000 --> 00:00:02,000\n\none\n\n9\n00:00:02,000 --> 00:00:03,000\n<i>{\\an8}two</i>",
    ],
)
def test_subrip_as_it_is_found(text: str) -> None:
    assert said(parse(text.encode(), "talk.srt")) == [(1.0, 2.0, "one"), (2.0, 3.0, "two")]


def test_a_number_that_was_said_is_kept_and_an_index_is_not() -> None:
    parsed = parse(b"1\n00:00:01,000 --> 00:00:02,000\nHow many?\n42\n00:00:02,000 --> 00:00:03,000\n1984\n\n", None)

    assert said(parsed) == [(1.0, 2.0, "How many? 42"), (2.0, 3.0, "1984")]


def test_text_before_the_first_time_is_mentioned() -> None:
    parsed = parse(b"made by me\n\n1\n00:00:01,000 --> 00:00:02,000\none", None)

    assert said(parsed) == [(1.0, 2.0, "one")]
    assert parsed.warnings == ("Text before the first time was left out.",)


def test_subviewer_is_read_whatever_the_file_is_called() -> None:
    parsed = parse(
        b"0:00:02.569,0:00:04.519\r\nman: Welcome.\r\n\r\n0:00:04.519,0:00:04.889\r\n[music]\r\n", "keynote.srt"
    )

    assert parsed.kind is SourceKind.SBV
    assert said(parsed) == [(2.569, 4.519, "Welcome."), (4.519, 4.889, "[music]")]
    assert parsed.segments[0].speaker == "man"


def test_a_cue_with_an_impossible_time_is_left_out_and_counted() -> None:
    parsed = parse(b"00:00:01,000 --> 00:00:02,000\none\n\n00:00:99,000 --> 00:01:00,000\ntwo", None)

    assert said(parsed) == [(1.0, 2.0, "one")]
    assert parsed.mends.blocks_left_out == 1


@pytest.mark.parametrize("name", ["a.srt", "a.sbv", "a.vtt"])
def test_captions_without_cues_are_no_transcript(name: str) -> None:
    with pytest.raises(NoTranscript, match="no cue"):
        parse(b"1\nsome text", name)


def test_subrip_with_empty_cues_only_is_no_transcript() -> None:
    with pytest.raises(NoTranscript, match="holds no words"):
        parse(b"1\n00:00:01,000 --> 00:00:02,000\n\n", "a.srt")


def test_an_essay_under_a_wrong_name_is_still_read() -> None:
    parsed = parse(("This is an essay. " * 10).encode(), "essay.srt")

    assert parsed.kind is SourceKind.TEXT


def test_rolling_subrip_is_unrolled() -> None:
    text = "".join(
        f"{index}\n00:00:0{index},000 --> 00:00:0{index + 1},000\nline {index}\nline {index + 1}\n\n"
        for index in range(1, 6)
    )

    parsed = parse(text.encode(), None)

    assert parsed.automatic
    assert [segment.text for segment in parsed.segments] == ["line 1 line 2", "line 3", "line 4", "line 5", "line 6"]


@pytest.mark.parametrize("rest", ["3", "3\n00:01:0", "3\n00:01:04,000 --> 00:0", "3\n00:01:04,000 --"])
def test_what_a_broken_download_leaves_of_a_caption_is_no_speech(rest: str) -> None:
    whole = (
        "1\n00:00:01,000 --> 00:00:02,000\nThe mine closed.\n\n2\n00:00:03,000 --> 00:00:04,000\nNobody was told.\n\n"
    )
    parsed = parse((whole + rest).encode(), "talk.srt")

    assert said(parsed) == [(1.0, 2.0, "The mine closed."), (3.0, 4.0, "Nobody was told.")]


def test_a_number_that_is_not_due_is_said() -> None:
    parsed = parse(b"1\n00:00:01,000 --> 00:00:02,000\nHow many came?\n\n12\n", "talk.srt")

    assert said(parsed) == [(1.0, 2.0, "How many came? 12")]
