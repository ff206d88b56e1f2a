from __future__ import annotations

import pytest

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript


def read(text: str) -> Parsed:
    parsed = parse(text.encode(), "talk.vtt")
    assert parsed.kind is SourceKind.VTT
    return parsed


def said(text: str) -> list[tuple[float | None, float | None, str]]:
    return [(segment.start, segment.end, segment.text) for segment in read(text).segments]


def test_cues_are_read_with_ids_settings_and_hours_left_out() -> None:
    text = "WEBVTT\n\nintro\n00:01.000 --> 00:02.500 align:start\nHello\n\n01:00:00.001 --> 100:00:00.000\nBye"

    assert said(text) == [(1.0, 2.5, "Hello"), (3600.001, 360000.0, "Bye")]


def test_notes_styles_and_regions_are_not_words() -> None:
    text = (
        "WEBVTT\n\nNOTE not said\nnor this\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\n"
        "00:01.000 --> 00:02.000\nSaid\n\nNOTE\nend"
    )

    parsed = read(text)

    assert [segment.text for segment in parsed.segments] == ["Said"]
    assert parsed.warnings == ()


def test_the_header_gives_title_and_language() -> None:
    parsed = read("WEBVTT - The cost of free transit\nKind: captions\nLanguage: en-GB\n\n00:01.000 --> 00:02.000\nHi")

    assert parsed.title == "The cost of free transit"
    assert parsed.language == "en-GB"


def test_a_title_may_stand_in_a_field_of_the_header() -> None:
    assert read("WEBVTT\nTitle: Buses\n\n00:01.000 --> 00:02.000\nHi").title == "Buses"


def test_a_missing_empty_line_does_not_hide_the_next_cue() -> None:
    text = "WEBVTT\n00:01.000 --> 00:02.000\none\n00:02.000 --> 00:03.000\ntwo\n"

    assert said(text) == [(1.0, 2.0, "one"), (2.0, 3.0, "two")]


def test_a_line_of_an_arrow_is_no_cue() -> None:
    assert said("WEBVTT\n\n-->\n00:01.000 --> 00:02.000\none") == [(1.0, 2.0, "one")]


@pytest.mark.parametrize(
    "times",
    [
        "00:000.000 --> 00:02.000",
        "00:00:60.000 --> 00:01:02.000",
        "1:00:60.000 --> ",
        "00:\x0001.000 --> 00:02.000",
    ],
)
def test_a_cue_with_broken_times_is_left_out_and_counted(times: str) -> None:
    parsed = read(f"WEBVTT\n\n{times}\nlost\n\n00:05.000 --> 00:06.000\nkept")

    assert [segment.text for segment in parsed.segments] == ["kept"]
    assert parsed.warnings == ("Cues left out because their times are broken: 1.",)


def test_an_empty_line_inside_a_cue_loses_no_words() -> None:
    assert said("WEBVTT\n\n00:05.000 --> 00:06.000\nThe board\n\nvoted.") == [(5.0, 6.0, "The board voted.")]


def test_an_arrow_in_the_words_is_words() -> None:
    text = "WEBVTT\n\n1\n00:05.000 --> 00:06.000\nFrom plan A --> plan B."

    assert said(text) == [(5.0, 6.0, "From plan A --> plan B.")]


def test_dialogue_without_times_is_left_out_and_counted() -> None:
    parsed = read("WEBVTT\n\nlost\n\n00:05.000 --> 00:06.000\nkept\n\n- lost too")

    assert parsed.mends.blocks_left_out == 2

    assert parsed.warnings == ("Blocks of text left out because they have no times: 2.",)


def test_tags_go_and_entities_are_resolved() -> None:
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n"
        "<c.loud>Q&amp;A</c> <i>for</i> <00:01.500><b>x &lt; y</b> &nbsp;<ruby>go<rt>!</rt></ruby> <lang en>ok"
    )

    assert said(text) == [(1.0, 2.0, "Q&A for x < y go! ok")]


def test_a_sign_that_is_no_tag_stays() -> None:
    assert said("WEBVTT\n\n00:01.000 --> 00:02.000\nI <3 you, 2 < 3 and <c unclosed") == [
        (1.0, 2.0, "I <3 you, 2 < 3 and <c unclosed")
    ]


def test_an_entity_that_stands_for_an_escape_does_not_reach_the_terminal() -> None:
    assert said("WEBVTT\n\n00:01.000 --> 00:02.000\n&#27;[31mred\x1b]0;title\x07 alert\x07") == [
        (1.0, 2.0, "[31mred alert")
    ]


def test_a_nul_stands_for_the_replacement_character() -> None:
    assert said("WEBVTT\n\n00:01.000 --> 00:02.000\na\x00b") == [(1.0, 2.0, "a\ufffdb")]


def test_voices_are_speakers_and_two_in_a_cue_are_two_segments() -> None:
    parsed = read(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v.first Roger Bingham>Hi</v>\n<v Neil &amp; Co>Hello\n\n"
        "00:02.000 --> 00:03.000\n<v>nobody"
    )

    assert [(segment.start, segment.speaker, segment.text) for segment in parsed.segments] == [
        (1.0, "Roger Bingham", "Hi"),
        (1.0, "Neil & Co", "Hello"),
        (2.0, None, "nobody"),
    ]


def test_pieces_of_a_stream_follow_the_clock_of_the_first() -> None:
    parsed = read(
        "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:01.000,MPEGTS:900000\n\n00:01.000 --> 00:02.000\na\n\n"
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:1800000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\nb"
    )

    assert [(segment.start, segment.text) for segment in parsed.segments] == [(1.0, "a"), (12.0, "b")]
    assert parsed.warnings == ("The pieces of a stream were joined by their X-TIMESTAMP-MAP.",)


@pytest.mark.parametrize("value", ["MPEGTS:x,LOCAL:00:00:00.000", "MPEGTS:900000", "nonsense"])
def test_a_broken_map_moves_nothing(value: str) -> None:
    assert said(f"WEBVTT\nX-TIMESTAMP-MAP={value}\n\n00:01.000 --> 00:02.000\na") == [(1.0, 2.0, "a")]


@pytest.mark.parametrize("text", ["WEBVTT", "WEBVTT \n\n", "WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "WEBVTT\n\nNOTE x"])
def test_captions_without_a_word_are_no_transcript(text: str) -> None:
    with pytest.raises(NoTranscript, match=r'^"talk\.vtt" holds no words\.$') as raised:
        read(text)
    assert raised.value.hint
