"""Times in a text are times in whatever notation, and what only looks like one stays words."""

from __future__ import annotations

import pytest

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse

_WORDS = ("The board voted last night.", "The fishermen heard this morning.", "Nobody has denied it.")


def read(text: str) -> Parsed:
    return parse(text.encode(), "talk.txt")


def said(parsed: Parsed) -> list[tuple[str | None, float | None, str]]:
    return [(segment.speaker, segment.start, segment.text) for segment in parsed.segments]


def turns(starts: tuple[float, float, float]) -> list[tuple[str, float, str]]:
    names = ("Marta Lind", "Pavel Novak", "Marta Lind")
    return list(zip(names, starts, _WORDS, strict=True))


def written(form: str, *times: str) -> str:
    names = ("Marta Lind", "Pavel Novak", "Marta Lind")
    return "\n\n".join(form.format(t=t, n=n, w=w) for t, n, w in zip(times, names, _WORDS, strict=True))


@pytest.mark.parametrize(
    ("form", "times"),
    [
        ("[{t}] {n}: {w}", ("0m03s", "0m17s", "1m02s")),
        ("({t}) {n}: {w}", ("00m 03s", "00m 17s", "01m 02s")),
        ("{t} {n}: {w}", ("0h00m03s", "0h00m17s", "0h01m02s")),
        ("{t} {n}: {w}", ("00.03", "00.17", "01.02")),
        ("{t} {n}: {w}", ("0'03\"", "0'17\"", "1'02\"")),
        ("{t} {n}: {w}", ("0′03″", "0′17″", "1′02″")),
        ("#{t}# {n}: {w}", ("00:00:03-0", "00:00:17-0", "00:01:02-0")),
        ("[{t}] {n}: {w}", ("+00:03", "+00:17", "+01:02")),
        ("[{t}] {n}: {w}", ("3s", "17.0s", "62 sec")),
        ("{t} {n}: {w}", ("00:00:03:000", "00:00:17:000", "00:01:02:000")),
        ("TC: {t}\n{n}: {w}", ("00:00:03", "00:00:17", "00:01:02")),
        ("Time: {t}\n{n}: {w}", ("0:03", "0:17", "1:02")),
        ("Min {t} {n}: {w}", ("0:03", "0:17", "1:02")),
        ("{t}\n{n}: {w}", ("0:03 to 0:09", "0:17 to 0:20", "1:02 to 1:07")),
        ("{n} @ {t}\n{w}", ("00:00:03", "00:00:17", "00:01:02")),
        ("{n}, {t}\n{w}", ("0 min 3 sec", "0 min 17 sec", "1 min 2 sec")),
        ("{n} [{t}]\n{w}", ("0:03 - 0:09", "0:17 - 0:20", "1:02 - 1:07")),
        ("{n}: {w} ({t})", ("00:03", "00:17", "01:02")),
    ],
)
def test_a_time_is_read_in_whatever_notation(form: str, times: tuple[str, str, str]) -> None:
    assert said(read(written(form, *times))) == turns((3, 17, 62))


@pytest.mark.parametrize(
    ("form", "times", "starts"),
    [
        ("[{t}] {n}: {w}", ("11:59:50 AM", "12:00:10 PM", "1:00:15 PM"), (0, 20, 3625)),
        ("{n}  {t}\n{w}", ("11:59 PM", "12:01 AM", "12:02 AM"), (0, 120, 180)),
        ("{t} {n}: {w}", ("2024-03-05T10:00:03Z", "2024-03-05T10:00:17Z", "2024-03-05T11:01:02+01:00"), (0, 14, 59)),
        ("{t} - {n}: {w}", ("05/03/2024, 10:00", "05/03/2024, 10:01", "05/03/2024, 10:04"), (0, 60, 240)),
        ("{t} - {n}: {w}", ("3/5/24, 9:59 PM", "3/5/24, 10:01 PM", "3/6/24, 12:04 AM"), (0, 120, 7500)),
        ("[{t}] {n}: {w}", ("05.03.24, 22:59:03", "05.03.24, 22:59:40", "06.03.24, 00:00:10"), (0, 37, 3667)),
        ("[{t}] {n}: {w}", ("23:59:50", "00:00:10", "00:00:15"), (0, 20, 25)),
        ("{n}, {t}\n{w}", ("Jan 3, 2024 10:00 AM", "Jan 3, 2024 10:01 AM", "Jan 3, 2024 10:04 AM"), (0, 60, 240)),
    ],
)
def test_a_clock_of_the_day_is_counted_from_its_first_time(
    form: str, times: tuple[str, str, str], starts: tuple[float, float, float]
) -> None:
    parsed = read(written(form, *times))

    assert said(parsed) == turns(starts)
    assert any("a clock of the day" in warning for warning in parsed.warnings)


def test_dates_over_several_days_give_no_seconds_of_a_recording() -> None:
    parsed = read(written("{t} - {n}: {w}", "05/03/2024, 10:00", "07/03/2024, 10:01", "09/03/2024, 10:04"))

    assert [(segment.speaker, segment.start) for segment in parsed.segments] == [
        ("Marta Lind", None),
        ("Pavel Novak", None),
        ("Marta Lind", None),
    ]
    assert "The text gives dates over several days; its times are left out." in parsed.warnings


def test_a_time_between_two_sentences_cuts_the_paragraph() -> None:
    parsed = read(f"Ada Lee: {_WORDS[0]} [00:00:09] {_WORDS[1]}\n\nBen Okri: [00:00:20] {_WORDS[2]}")

    assert said(parsed) == [("Ada Lee", 0, _WORDS[0]), ("Ada Lee", 9, _WORDS[1]), ("Ben Okri", 20, _WORDS[2])]


def test_times_that_end_their_paragraph_in_hashes_say_when_it_ends() -> None:
    parsed = read(written("{n}: {w} #{t}#", "00:00:06-5", "00:00:20-0", "00:01:05-9"))

    assert said(parsed) == turns((0, 6.5, 20))


def test_a_time_before_the_beginning_is_the_beginning_and_told() -> None:
    parsed = read(written("[{t}] {n}: {w}", "-00:03", "00:17", "01:02"))

    assert said(parsed) == turns((0, 17, 62))
    assert "Times before the beginning were read as the beginning." in parsed.warnings


def test_one_time_that_leaps_ahead_does_not_cost_the_others_theirs() -> None:
    parsed = read("[0:03] One word.\n\n[10:17] Two words.\n\n[0:15] Three words.\n\n[0:22] Four words.")

    assert [segment.start for segment in parsed.segments] == [3, 9, 15, 22]
    assert "Times ignored because they do not run on: 1." in parsed.warnings


@pytest.mark.parametrize(
    "text",
    [
        "12.50 is what a box costs.\n\n13.75 it was a year ago.\n\n14.10 is said to come.",
        "5'10\" is how tall he was.\n\n6'02\" was his brother.\n\n6'11\" was their father.",
        "The psalm (23:4) says so.\n\nThe letter (24:7) does not.\n\nThe gospel (25:1) is silent.",
        "30s is a long time to wait.\n\n40s are longer.",
        "The ferry leaves at 10:30 AM.\n\nThe last one leaves at 11:15 PM.",
        "09:00 Opening\n\n09:15 Keynote by Marta Lind\n\n12:30 Lunch\n\n14:00 - 15:30 Workshops",
        "09:00 The chair opened the meeting.\n\n09:05 The minutes were approved.\n\n10:10 The board voted.",
    ],
)
def test_figures_that_are_no_times_stay_words(text: str) -> None:
    assert said(read(text)) == [(None, None, paragraph) for paragraph in text.split("\n\n")]


def test_hours_of_a_day_are_told_to_time_nothing() -> None:
    assert "hours of the day" in read("09:00 Opening\n10:30 Coffee\n12:30 Lunch\n").warnings[0]


def test_minutes_of_a_recording_begin_at_its_beginning() -> None:
    parsed = read("00:00 Ada: One word.\n\n05:30 Ben: Two words.\n\n10:00 Ada: Three words.")

    assert [segment.start for segment in parsed.segments] == [0, 330, 600]


@pytest.mark.parametrize("mark", ["- ", "* ", "• ", "– ", "> ", "-"])
@pytest.mark.parametrize("time", ["[00:00:{:02}]", "[0:{:02}]", "2024-03-05T10:00:{:02}Z", "9:00:{:02} PM"])
def test_a_list_of_timed_lines_is_read_without_its_marks(mark: str, time: str) -> None:
    text = written(f"{mark}{{t}} {{n}}: {{w}}", *(time.format(second) for second in (3, 17, 42)))

    found = said(read(text))

    assert [(name, words) for name, _, words in found] == [(name, words) for name, _, words in turns((0, 0, 0))]
    assert (found[2][1] or 0) - (found[0][1] or 0) == 39


def test_a_numbered_list_of_timed_lines_is_read_without_its_numbers() -> None:
    text = "\n".join(
        f"{line}. {each}"
        for line, each in enumerate(written("[{t}] {n}: {w}", "0:03", "0:17", "0:42").split("\n\n"), 1)
    )

    assert said(read(text)) == turns((3, 17, 42))


def test_a_dash_before_one_date_is_no_midnight() -> None:
    text = written("{t} {n}: {w}", "- 2024-03-05T10:00:03Z", "2024-03-05T10:00:17Z", "2024-03-05T10:01:02Z")

    assert said(read(text)) == turns((0, 14, 59))


@pytest.mark.parametrize("odd", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("times", "broken"),
    [
        (
            ["2024-03-05 10:00:03", "2024-03-05 10:00:17", "2024-03-05 10:00:32", "2024-03-05 10:00:47"],
            "2024-03-05 0:00:20",
        ),
        (
            ["2024-03-05 10:00:03", "2024-03-05 10:00:17", "2024-03-05 10:00:32", "2024-03-05 10:00:47"],
            "2014-03-05 10:00:20",
        ),
        (["11:59:48 PM", "11:59:59 PM", "12:00:07 AM", "12:00:17 AM"], "7:00:04 AM"),
    ],
)
def test_one_clock_of_the_day_that_is_hours_from_the_others_times_nothing(
    times: list[str], broken: str, odd: int
) -> None:
    rows = [broken if at == odd else time for at, time in enumerate(times)]

    parsed = read("\n\n".join(f"[{time}] Marta Lind: Word {at} is said." for at, time in enumerate(rows)))

    assert [segment.text for segment in parsed.segments] == [f"Word {at} is said." for at in range(4)]
    assert all(segment.start is not None and segment.start < 60 for segment in parsed.segments)
    assert any("hours from the others: 1" in warning for warning in parsed.warnings)


def test_a_pause_of_hours_in_a_meeting_stays() -> None:
    morning = [
        f"[{hour}:00:0{second} AM] Marta Lind: Said at {hour} and {second}." for hour in (8,) for second in range(4)
    ]
    evening = [f"[5:00:0{second} PM] Pavel Novak: Said at five and {second}." for second in range(3)]

    parsed = read("\n\n".join([*morning, *evening]))

    assert [segment.start for segment in parsed.segments][4] == 9 * 3600


def test_a_range_that_ends_before_it_begins_has_no_end() -> None:
    parsed = read(
        written("{t} {n}: {w}", "2024-03-05T10:00:03Z", "2024-03-05T10:00:17 - 00:00:01", "2024-03-05T10:01:02Z")
    )

    assert [(segment.start, segment.end) for segment in parsed.segments][:2] == [(0, 14), (14, 59)]
