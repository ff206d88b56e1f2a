"""Time lines as people and programs write them."""

from __future__ import annotations

import pytest

from autointel.adapters.sources.captions.reader import arrow_span, comma_span
from autointel.adapters.sources.parse import parse


@pytest.mark.parametrize(
    "line",
    [
        "00:00:01.000 --> 00:00:02.500",
        "00:00:01,000 --> 00:00:02,500",
        "0:0:1,0 --> 0:0:2,5",
        "00:01.0 --> 00:02.50 align:start",
        "00:00:01.000000000 --> 00:00:02.500000000",
        "00:00:00,999.9999999 --> 00:00:02,499.99999999",
        "00 : 00 : 01,000 --> 00 : 00 : 02,500",
        "00:00:01,000-->00:00:02,500",
        "00:00:01,000 -> 00:00:02,500",
        "00:00:01,000 ---> 00:00:02,500",
        "00:00:01,000 ==> 00:00:02,500",
        "00:00:01,000 —> 00:00:02,500",
        "00:00:01,000 → 00:00:02,500",
        "00:00:01,000 --&gt; 00:00:02,500",
        "００：００：０１，０００ --> ００：００：０２，５００",
        "\ufeff00:00:01,000 --> 00:00:02,500",
        "00:00:01,000 =>> 00:00:02,500",
        "00:00:01,000 ›› 00:00:02,500",
        "00.00.01,000 --> 00.00.02,500",
        "12:00:01 AM --> 12:00:02.5 AM",
    ],
)
def test_ways_to_write_one_span(line: str) -> None:
    span = arrow_span(line.lstrip("\ufeff"))

    assert span is not None
    assert (span.start, span.end) == (1000, 2500)


@pytest.mark.parametrize("line", ["plan A --> plan B", "x -> y", "a > b", "10 --> 12 people", "->", "I said: 5 > 3"])
def test_an_arrow_between_words_is_no_time_line(line: str) -> None:
    span = arrow_span(line)

    assert span is None or not line.strip("->")


@pytest.mark.parametrize(
    "line", ["00:00:99,000 --> 00:01:00,000", "0:1:2:3:4 --> 5:6:7:8:9", "--> 00:00:01,000", "-->"]
)
def test_a_time_line_that_cannot_be_read_is_refused(line: str) -> None:
    span = arrow_span(line)

    assert span is not None
    assert span.start is None


def test_subviewer_lines_are_read_with_spaces_and_full_width_signs() -> None:
    for line in ("0:00:01.000,0:00:02.500", " 0:00:01.000 , 0:00:02.500 "):
        span = comma_span(line)

        assert span is not None
        assert (span.start, span.end) == (1000, 2500)


def test_frames_are_counted_at_the_rate_that_the_file_shows() -> None:
    parsed = parse(b"1\n00:00:01:12 --> 00:00:04:00\nOne.\n\n2\n00:00:04:24 --> 00:00:07:00\nTwo.\n", "a.srt")

    assert [(segment.start, segment.text) for segment in parsed.segments] == [(1.48, "One."), (4.96, "Two.")]
    assert parsed.mends.repairs == 2


def test_a_start_before_the_beginning_follows_the_words_before_it() -> None:
    text = (
        b"1\n-00:00:01,500 --> 00:00:02,000\nOne.\n\n2\n00:00:02,500 --> 00:00:05,000\nTwo.\n\n"
        b"3\n-00:00:00,500 --> 00:00:07,000\nThree.\n"
    )

    parsed = parse(text, "a.srt")

    assert [(segment.start, segment.text) for segment in parsed.segments] == [
        (0.0, "One."),
        (2.5, "Two."),
        (5.0, "Three."),
    ]


@pytest.mark.parametrize(("head", "mark"), [("WEBVTT\n\n", "."), ("", ",")])
def test_a_block_with_a_time_that_cannot_be_read_is_counted_and_never_speech(head: str, mark: str) -> None:
    text = (
        f"{head}1\n00:00:01{mark}000 --> 00:00:02{mark}000\nOne.\n\n2\n00:00:77{mark}000 --> 00:00:78{mark}000\nTwo.\n"
    )

    parsed = parse(text.encode(), "a.srt")

    assert [segment.text for segment in parsed.segments] == ["One."]
    assert parsed.mends.blocks_left_out == 1


@pytest.mark.parametrize("mark", [",", "."])
def test_lines_that_end_in_two_returns_are_single_lines(mark: str) -> None:
    cues = f"1\n00:00:01{mark}000 --> 00:00:02{mark}000\nOne.\n\n2\n00:00:02{mark}000 --> 00:00:03{mark}000\nTwo.\n"
    text = f"WEBVTT\n\n{cues}".replace("\n", "\r\r\n")

    assert [segment.text for segment in parse(text.encode(), "a.vtt").segments] == ["One.", "Two."]


def test_a_mark_of_byte_order_in_the_middle_is_nothing() -> None:
    text = "\ufeff1\n00:00:01,000 --> 00:00:02,000\nOne.\n\n\ufeff2\n00:00:02,000 --> 00:00:03,000\nTwo.\n"

    assert [segment.text for segment in parse(text.encode(), "a.srt").segments] == ["One.", "Two."]
