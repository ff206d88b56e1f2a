from __future__ import annotations

import json
from typing import Any

import pytest

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript


def read(value: Any) -> Parsed:
    return parse(json.dumps(value).encode(), "talk.json")


def said(value: Any) -> list[tuple[float | None, float | None, str | None, str]]:
    return [(segment.start, segment.end, segment.speaker, segment.text) for segment in read(value).segments]


def test_whisper_segments_are_read_with_speakers_and_language() -> None:
    root = {
        "text": "ignored",
        "language": "english",
        "segments": [
            {"start": 0.0, "end": 1.2345, "text": " Hello.", "speaker": "SPEAKER_00"},
            {"start": 2, "end": 3, "text": " Bye."},
        ],
    }

    parsed = read(root)

    assert (parsed.kind, parsed.language, parsed.automatic) == (SourceKind.WHISPER_JSON, "en", True)
    assert said(root) == [(0.0, 1.234, "SPEAKER_00", "Hello."), (2.0, 3.0, None, "Bye.")]


def test_a_bare_list_of_segments_is_read() -> None:
    assert said([{"start": 1, "end": 2, "text": "Hi"}]) == [(1.0, 2.0, None, "Hi")]


def test_words_become_sentences_where_there_are_no_segments() -> None:
    words = [
        {"word": " Hello", "start": 0.0, "end": 0.4},
        {"word": " there.", "start": 0.4, "end": 0.8},
        {"word": "Yes", "start": 0.9, "end": 1.0},
        {"word": "after", "start": 5.0, "end": 5.5},
        {"word": "  ", "start": 5.6, "end": 5.7},
        {"word": "back", "start": 3.0, "end": 3.5},
    ]

    assert said({"words": words}) == [
        (0.0, 0.8, None, "Hello there."),
        (0.9, 1.0, None, "Yes"),
        (3.0, 3.5, None, "back"),
        (5.0, 5.5, None, "after"),
    ]


def test_words_inside_segments_do_where_segments_have_no_times() -> None:
    root = {
        "segments": [
            {"text": "Hi you.", "words": [{"word": "Hi", "start": 1, "end": 2}, {"word": "you.", "start": 2, "end": 3}]}
        ]
    }

    assert said(root) == [(1.0, 3.0, None, "Hi you.")]


def test_very_long_runs_of_words_are_cut() -> None:
    words = [{"word": f"so{index}", "start": index, "end": index + 1} for index in range(100)]

    assert [len(text.split()) for *_, text in said({"words": words})] == [40, 40, 20]


def test_text_alone_has_paragraphs() -> None:
    parsed = read({"text": "One.\n\nTwo.", "language": "auto"})

    assert [(segment.paragraph, segment.text) for segment in parsed.segments] == [(1, "One."), (2, "Two.")]
    assert parsed.language is None


def test_untimed_segments_are_paragraphs() -> None:
    assert [segment.paragraph for segment in read({"segments": [{"text": "a"}, {"text": "b"}]}).segments] == [1, 2]


@pytest.mark.parametrize("start", [None, "soon", True, -1, float("nan"), float("inf"), 1e12, [], {}])
def test_segments_without_a_usable_time_are_left_out_and_counted(start: Any) -> None:
    parsed = read(
        {"segments": [{"start": start, "end": 2, "text": "lost"}, {"start": "1.5", "end": 2, "text": "kept"}, 7]}
    )

    assert [(segment.start, segment.text) for segment in parsed.segments] == [(1.5, "kept")]
    assert parsed.warnings == ("Segments left out because their times are broken: 1.",)


def test_whisper_cpp_is_read_by_offset_or_clock() -> None:
    root = {
        "result": {"language": "de"},
        "transcription": [
            {"offsets": {"from": 0, "to": 1500}, "text": " Eins."},
            {"timestamps": {"from": "00:00:02,000", "to": "00:00:03,250"}, "text": " Zwei."},
            {"text": "lost"},
        ],
    }

    assert said(root) == [(0.0, 1.5, None, "Eins."), (2.0, 3.25, None, "Zwei.")]
    assert read(root).language == "de"


def test_json3_is_read_without_its_line_breaks() -> None:
    root = {
        "wireMagic": "pb3",
        "events": [
            {"tStartMs": 0, "dDurationMs": 100, "wpWinPosId": 1},
            {
                "tStartMs": 1000,
                "dDurationMs": 2500,
                "segs": [{"utf8": "the gap"}, {"utf8": " is eleven", "tOffsetMs": 400}],
            },
            {"tStartMs": 2000, "aAppend": 1, "segs": [{"utf8": "\n"}]},
            {"tStartMs": 3500, "segs": [{"utf8": "million\nfor us"}, {"utf8": 7}, "x"]},
            {"segs": [{"utf8": "when?"}]},
            "noise",
        ],
    }

    parsed = read(root)

    assert (parsed.kind, parsed.automatic) == (SourceKind.JSON3, True)
    assert said(root)[0] == (1.0, 2.01, None, "the gap is eleven")
    assert said(root)[1][3] == "million for us"


def test_json3_made_by_people_is_not_automatic() -> None:
    assert not read({"events": [{"tStartMs": 0, "dDurationMs": 1000, "segs": [{"utf8": "Hi"}]}]}).automatic


def test_podcast_json_names_a_speaker_where_it_changes() -> None:
    root = {
        "version": "1.0.0",
        "title": "Episode 7",
        "segments": [
            {"speaker": "Ann", "startTime": 0.5, "endTime": 0.75, "body": "Hello to you."},
            {"startTime": 1, "endTime": 2, "body": "And more to come."},
            {"speaker": "Ben", "startTime": 2, "endTime": 3, "body": "Thanks a lot."},
            {"startTime": "never", "body": "lost"},
            {"startTime": 4},
            {"startTime": 5, "body": " "},
        ],
    }

    assert read(root).kind is SourceKind.PODCAST_JSON
    assert read(root).title == "Episode 7"
    assert said(root) == [
        (0.5, 0.75, "Ann", "Hello to you."),
        (1.0, 2.0, "Ann", "And more to come."),
        (2.0, 3.0, "Ben", "Thanks a lot."),
    ]


def test_podcast_json_of_single_words_becomes_sentences() -> None:
    words = ["This", "is", "one.", "That", "too"]
    root = {
        "segments": [
            {"speaker": "Ann" if index < 4 else "Ben", "startTime": index / 2, "endTime": index / 2 + 0.5, "body": word}
            for index, word in enumerate(words)
        ]
    }

    assert said(root) == [
        (0.0, 1.5, "Ann", "This is one."),
        (1.5, 2.0, "Ann", "That"),
        (2.0, 2.5, "Ben", "too"),
    ]


def test_a_list_as_python_prints_it_is_read() -> None:
    parsed = parse(
        b"""[{'text': 'the board voted', 'start': 3.1, 'duration': 3.5}, {'text': "it's closed", 'start': 7.0}]""", None
    )

    assert [(segment.start, segment.text) for segment in parsed.segments] == [
        (3.1, "the board voted"),
        (7.0, "it's closed"),
    ]
    with pytest.raises(NoTranscript, match="broken"):
        parse(b"[{'text': open('x')}]", None)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '{"segments": "x"}',
        "[[1]]",
        "[[]]",
        '{"text": 7}',
        '{"events": [1, 2]}',
        '{"transcription": [1]}',
    ],
)
def test_other_json_is_no_transcript(text: str) -> None:
    with pytest.raises(NoTranscript):
        parse(text.encode(), "data.json")


@pytest.mark.parametrize(("text", "message"), [('{"segments": [', "broken"), ("[" * 200_000, "too deeply")])
def test_broken_json_says_so(text: str, message: str) -> None:
    with pytest.raises(NoTranscript, match=message):
        parse(text.encode(), "data.json")


def test_a_number_too_long_for_a_number_is_broken_json() -> None:
    with pytest.raises(NoTranscript, match="broken"):
        parse(b'{"text": ' + b"9" * 5000 + b"}", None)


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert read({"text": "a\ud800b"}).segments[0].text == "a\ufffdb"


@pytest.mark.parametrize("absurd", [10**400, -(10**400), 1e300])
def test_a_segment_at_an_absurd_time_is_left_out(absurd: float) -> None:
    assert said([{"start": absurd, "end": absurd, "text": "Never"}, {"start": 1, "end": 2, "text": "Hi"}]) == [
        (1.0, 2.0, None, "Hi")
    ]
