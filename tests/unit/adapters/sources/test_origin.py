"""Clocks of the day, time codes and loops, as a whole file shows them."""

from __future__ import annotations

from autointel.adapters.sources.parse import parse


def srt(hour: int, minute: int) -> bytes:
    rows = (f"{hour:02}:{minute:02}:0{n},000 --> {hour:02}:{minute:02}:0{n},900\nWords {n}.\n\n" for n in range(1, 4))
    return "".join(rows).encode()


def test_a_time_code_that_begins_at_ten_is_counted_from_its_hour() -> None:
    parsed = parse(srt(10, 0), "a.srt")

    assert [segment.start for segment in parsed.segments] == [1.0, 2.0, 3.0]
    assert parsed.mends.repairs == 1
    assert "10:00:00" in parsed.warnings[0]


def test_a_clock_of_the_day_is_counted_from_the_first_words() -> None:
    assert [segment.start for segment in parse(srt(14, 32), "a.srt").segments] == [0.0, 1.0, 2.0]


def test_a_programme_at_one_hour_is_left_and_told() -> None:
    parsed = parse(srt(1, 0), "a.srt")

    assert parsed.segments[0].start == 3601.0
    assert "broadcast" in parsed.warnings[0]


def test_a_loop_in_a_file_is_cut_and_counted() -> None:
    rows = [
        f"00:00:{n:02},000 --> 00:00:{n:02},900\n{'So it goes on.' if n > 1 else 'It closed.'}\n\n"
        for n in range(1, 20)
    ]

    parsed = parse("".join(rows).encode(), "a.srt")

    assert [segment.text for segment in parsed.segments] == ["It closed.", "So it goes on."]
    assert parsed.mends.repairs == 17


def test_words_after_a_loop_inside_a_cue_stay_words() -> None:
    text = "It closed. " + "and then we " * 12 + "went home."

    parsed = parse(f"00:00:01,000 --> 00:00:21,000\n{text}\n\n00:00:30,000 --> 00:00:31,000\nBye.\n".encode(), "a.srt")

    assert [segment.text for segment in parsed.segments] == ["It closed. and then we", "went home.", "Bye."]
    assert [segment.estimated for segment in parsed.segments] == [False, True, False]


def test_an_end_hours_before_its_start_is_broken_and_not_past_midnight() -> None:
    text = b"10:00:02,000 --> 00:00:02,900\nWords one.\n\n10:00:05,000 --> 10:00:06,000\nWords two.\n"

    assert [(segment.start, segment.end) for segment in parse(text, "a.srt").segments] == [(2.0, 3.0), (5.0, 6.0)]
