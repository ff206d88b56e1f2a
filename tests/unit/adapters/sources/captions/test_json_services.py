"""JSON as speech services write it: each shape is read by what stands in it, with its own unit, joins and speakers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse
from autointel.errors import NoTranscript

Said = list[tuple[float | None, str | None, str]]
VOTE: Said = [(1.2, "A", "The board voted."), (3.5, "B", "Seven against two.")]


def read(value: Any) -> Parsed:
    return parse(value if isinstance(value, bytes) else json.dumps(value).encode(), "talk.json")


def said(value: Any) -> Said:
    return [(segment.start, segment.speaker, segment.text) for segment in read(value).segments]


def spoken(names: tuple[object, object], unit: float = 1, **keys: str) -> list[dict[str, Any]]:
    """Six words by two people, under the names that a service gives to text, start, end and speaker."""
    rows = [
        ("The", 1.2, 1.4, names[0]),
        ("board", 1.4, 1.8, names[0]),
        ("voted.", 1.8, 2.3, names[0]),
        ("Seven", 3.5, 3.8, names[1]),
        ("against", 3.8, 4.2, names[1]),
        ("two.", 4.2, 4.6, names[1]),
    ]
    return [
        {
            keys.get("text", "text"): text,
            keys.get("start", "start"): round(start * unit, 3) if unit == 1 else round(start * unit),
            keys.get("end", "end"): round(end * unit, 3) if unit == 1 else round(end * unit),
            keys.get("speaker", "speaker"): name,
        }
        for text, start, end, name in rows
    ]


def monologue(speaker: int, *words: tuple[str, float]) -> dict[str, Any]:
    elements: list[dict[str, Any]] = []
    for word, start in words:
        elements += [
            {"type": "text", "value": word, "ts": start, "end_ts": start + 0.2},
            {"type": "punct", "value": " "},
        ]
    return {"speaker": speaker, "elements": [*elements[:-1], {"type": "punct", "value": "."}]}


def test_milliseconds_are_told_by_how_fast_the_words_would_be_said() -> None:
    root = {"words": spoken(("A", "B"), 1000), "utterances": None, "audio_duration": 5}

    assert said(root) == VOTE
    assert read(root).warnings == ("Times were read as milliseconds: as seconds they do not fit the number of words.",)


def test_hundredths_of_a_second_are_told_as_well() -> None:
    root = [{"t0": 120, "t1": 330, "text": " The board voted last night."}, {"t0": 350, "t1": 560, "text": "Why so?"}]

    assert [start for start, *_ in said(root)] == [1.2, 3.5]


def test_seconds_with_a_fraction_stay_seconds_and_what_cannot_be_true_is_told() -> None:
    parsed = read([{"start": 0.5, "end": 1200.5, "text": "Six words in twenty minutes here."}])

    assert parsed.segments[0].end == 1200.5
    assert "do not fit the words" in parsed.warnings[0]


def test_times_beyond_the_stated_duration_are_told() -> None:
    parsed = read(
        {"duration": 60.0, "segments": [{"start": 100.5, "end": 104.0, "text": "This is said much too late."}]}
    )

    assert parsed.warnings == ("The times go on to 104 s, beyond the stated duration of 60 s.",)


def test_times_of_day_count_from_the_first() -> None:
    root = [
        {"timestamp": 1_700_000_000, "text": "The board voted last night."},
        {"timestamp": 1_700_000_003, "text": "Seven against two."},
    ]

    assert [start for start, *_ in said(root)] == [0.0, 3.0]


def each(row: Callable[[float, str | None, str], dict[str, Any]]) -> list[dict[str, Any]]:
    return [row(start, who, text) for start, who, text in ((1.2, *VOTE[0][1:]), (3.5, *VOTE[1][1:]))]


SHAPES: dict[str, Any] = {
    "milliseconds": {
        "utterances": each(lambda s, w, t: {"speaker": w, "text": t, "start": s * 1000, "end": s * 1000 + 900})
    },
    "chunks": {"speakers": each(lambda s, w, t: {"speaker": w, "text": f" {t}", "timestamp": [s, s + 1]}), "text": ""},
    "whisper.cpp": {
        "transcription": each(lambda s, w, t: {"offsets": {"from": s * 1000}, "speaker": w, "text": f" {t}"})
    },
    "unit in the name": {
        "phrases": each(lambda s, w, t: {"offsetMilliseconds": s * 1000, "durationMs": 9, "speaker": w, "text": t})
    },
    "first of the best": {
        "recognizedPhrases": each(lambda s, w, t: {"offset": f"PT{s}S", "speaker": w, "nBest": [{"display": t}, {}]})
    },
    "a name beside a number": {
        "data": {"sentences": each(lambda s, w, t: {"start_time": s, "speaker_name": w, "speaker_id": 7, "text": t})}
    },
    "a speaker with a name": {
        "segments": each(lambda s, w, t: {"speaker": {"id": 1, "name": w}, "start": s, "end": s + 1, "text": t})
    },
    "words beside entities": {
        "entities": [{"text": "board", "start": 1, "end": 2}],
        "words": spoken(("A", "B")),
    },
    "channels": {"results": {"channels": [{"alternatives": [{"words": spoken(("A", "B"), text="punctuated_word")}]}]}},
    "monologues": {
        "speakers": [{"id": 0, "name": "A"}, {"id": 1, "name": "B"}],
        "monologues": [
            monologue(0, ("The", 1.2), ("board", 1.4), ("voted", 1.8)),
            monologue(1, ("Seven", 3.5), ("against", 3.8), ("two", 4.2)),
        ],
    },
    "words in turns": [
        {"participant": {"id": n, "name": who}, "words": [{"text": text, "start_timestamp": {"relative": start}}]}
        for n, (start, who, text) in enumerate(VOTE)
    ],
    "a list of users": {
        "timeline": each(lambda s, w, t: {"text": t, "ts": f"00:00:0{s}00", "users": [{"username": w, "zoomId": "x"}]})
    },
    "entries beside no events": {
        "entries": each(lambda s, w, t: {"text": t, "startOffset": f"00:00:0{s}000000", "speakerDisplayName": w}),
        "events": [],
    },
    "events of another kind": {"events": each(lambda s, w, t: {"start": s, "end": s + 1, "text": t, "speaker": w})},
    "names by label": {
        "speakerMap": {"x": "A", "y": {"name": "B"}},
        "segments": each(lambda s, w, t: {"start": s, "text": t, "speaker": {"A": "x", "B": "y"}[str(w)]}),
    },
    "a list of participants": {
        "participants": [{"id": "u1", "display_name": "A"}, {"id": "u2", "display_name": "B"}],
        "lines": each(lambda s, w, t: {"start": s, "text": t, "speaker_id": {"A": "u1", "B": "u2"}[str(w)]}),
    },
    "packed in a text": {
        "data": {"transcript": json.dumps(each(lambda s, w, t: {"start": s, "text": t, "speaker": w}))}
    },
    "lists": [[start, (start or 0) + 1, text, who] for start, who, text in VOTE],
    "samples": {
        "sample_rate": 16000,
        "segments": each(lambda s, w, t: {"start": s * 16000, "end": s * 16000 + 16000, "text": t, "speaker": w}),
    },
    "an object a line": b"\n".join(
        json.dumps(row).encode() for row in each(lambda s, w, t: {"start": s, "end": s + 1, "text": t, "speaker": w})
    ),
}


DATED: dict[str, Any] = {
    "dates": [
        {"startTime": "2024-03-05T10:00:03Z", "participant": "conferenceRecords/1/participants/A", "text": VOTE[0][2]},
        {
            "startTime": "2024-03-05T10:00:05.3Z",
            "participant": "conferenceRecords/1/participants/B",
            "text": VOTE[1][2],
        },
    ],
    "messages": {
        "messages": [
            {"date": "2024-03-05T23:59:59", "from": "A", "from_id": "user1", "text": VOTE[0][2]},
            {"date": "2024-03-06T00:00:01.3", "from": "B", "from_id": "user2", "text": VOTE[1][2]},
        ]
    },
    "hands": [
        {"time": "11:59:59 AM", "name": "A", "message": VOTE[0][2]},
        {"time": "12:00:01.3 PM", "name": "B", "message": VOTE[1][2]},
    ],
}


@pytest.mark.parametrize("root", DATED.values(), ids=DATED.keys())
def test_times_of_a_clock_of_the_day_are_counted_from_the_first(root: Any) -> None:
    assert said(root) == [(0, *VOTE[0][1:]), (2.3, *VOTE[1][1:])]
    assert "Times are a clock of the day; they are counted from the first." in read(root).warnings


@pytest.mark.parametrize(
    "root",
    [
        pytest.param(
            {
                "value": [
                    {
                        "startDateTime": "2024-03-05T10:00:01Z",
                        "endDateTime": "2024-03-05T10:00:03Z",
                        "speakerName": "A",
                        "spokenText": "The board voted.",
                    },
                    {
                        "startDateTime": "2024-03-05T10:00:03.3Z",
                        "endDateTime": "2024-03-05T10:00:05Z",
                        "speakerName": "B",
                        "spokenText": "Seven against two.",
                    },
                ]
            },
            id="Microsoft Graph",
        ),
        pytest.param(
            {
                "tracks": [
                    {"name": "A", "items": [{"start": 0, "end": 1.5, "text": "The board voted."}]},
                    {"name": "B", "items": [{"start": 2.3, "end": 4, "text": "Seven against two."}]},
                ]
            },
            id="a track for each speaker",
        ),
        pytest.param(
            {
                "channel_labels": {
                    "channels": [
                        {"channel_label": "A", "items": spoken(("x", "x"), speaker="is")[:3]},
                        {"channel_label": "B", "items": spoken(("x", "x"), speaker="is")[3:]},
                    ]
                },
                "items": spoken(("x", "x"), speaker="is"),
            },
            id="Amazon Transcribe by channel",
        ),
        pytest.param(
            [
                {"from": "0:01.2", "to": "0:02.3", "who": "A", "line": "The board voted."},
                {"from": "0:03.5", "to": "0:04.6", "who": "B", "line": "Seven against two."},
            ],
            id="clock times",
        ),
        pytest.param(
            {
                "words": [
                    {"endOffset": "0.4s", "word": "The", "speakerLabel": "A"},
                    {"startOffset": "0.4s", "endOffset": "1s", "word": "board", "speakerLabel": "A"},
                    {"startOffset": "1s", "endOffset": "1.1s", "word": "voted.", "speakerLabel": "A"},
                    {"startOffset": "2.3s", "endOffset": "3s", "word": "Seven", "speakerLabel": "B"},
                    {"startOffset": "3s", "endOffset": "3.5s", "word": "against", "speakerLabel": "B"},
                    {"startOffset": "3.5s", "endOffset": "4s", "word": "two.", "speakerLabel": "B"},
                ]
            },
            id="Google without a time of nought",
        ),
    ],
)
def test_each_service_s_names_for_speakers_and_times_are_read(root: Any) -> None:
    turns = said(root)

    assert [turn[1:] for turn in turns] == [turn[1:] for turn in VOTE]
    assert (turns[1][0] or 0) - (turns[0][0] or 0) == pytest.approx(2.3)


def test_words_without_signs_take_the_signs_of_the_text_beside_them() -> None:
    words = [
        {"word": word.lower().strip("."), "start": n / 2, "end": n / 2 + 0.4}
        for n, word in enumerate("The board voted. Seven against two.".split())
    ]

    assert said({"text": "The board voted. Seven against two.", "words": words}) == [
        (0, None, "The board voted."),
        (1.5, None, "Seven against two."),
    ]


def test_sentences_of_a_long_segment_are_timed_by_their_words() -> None:
    words = [
        *spoken(("A", "A"))[:3],
        *({**word, "start": word["start"] + 60, "end": word["end"] + 60} for word in spoken(("A", "A"))[3:]),
    ]

    assert said(
        [{"start": 1, "end": 70, "speaker": "A", "text": "The board voted. Seven against two.", "words": words}]
    ) == [
        (1, "A", "The board voted."),
        (63.5, "A", "Seven against two."),
    ]


@pytest.mark.parametrize("root", SHAPES.values(), ids=SHAPES.keys())
def test_the_same_words_come_out_of_every_shape(root: Any) -> None:
    assert said(root) == VOTE


def test_words_that_are_listed_again_with_speakers_are_read_once() -> None:
    plain = [{"word": "The", "startTime": "1.200s", "endTime": "1.4s"}, {"word": "board.", "startTime": "1.4s"}]
    tagged = [{**word, "speakerTag": 2} for word in plain]
    root = {"results": [{"alternatives": [{"words": plain}]}, {"alternatives": [{"words": tagged}]}]}

    assert said(root) == [(1.2, "Speaker 2", "The board.")]


def test_speakers_that_stand_in_a_list_of_their_own_are_found_by_their_time() -> None:
    def word(content: str, start: str) -> dict[str, Any]:
        return {"start_time": start, "end_time": start, "alternatives": [{"content": content}], "type": "pronunciation"}

    sign = {"alternatives": [{"content": "."}], "type": "punctuation"}
    labels = [{"items": [{"start_time": at, "speaker_label": who}]} for at, who in (("1.2", "spk_0"), ("3.5", "spk_1"))]
    root = {
        "results": {
            "items": [word("Voted", "1.2"), sign, word("Seven", "3.5"), sign],
            "speaker_labels": {"segments": labels},
        }
    }

    assert said(root) == [(1.2, "spk_0", "Voted."), (3.5, "spk_1", "Seven.")]


def test_a_segment_is_cut_where_its_words_change_speaker() -> None:
    words = [
        {"word": "In", "start": 0.5, "end": 0.7, "speaker": "A"},
        {"word": "2014?"},
        {"word": "Yes,", "start": 3.0, "end": 3.4, "speaker": "B"},
        {"word": "then.", "start": 3.4, "end": 3.8},
    ]
    segment = {"start": 0.5, "end": 4.0, "text": " In 2014? Yes, then.", "speaker": "A", "words": words}

    assert said({"segments": [segment]}) == [(0.5, "A", "In 2014?"), (3.0, "B", "Yes, then.")]


def test_words_that_do_not_stand_in_their_segment_name_nobody() -> None:
    words = [{"word": "Other", "start": 1, "speaker": "A"}, {"word": "words", "start": 2, "speaker": "B"}]

    assert said(
        {"segments": [{"start": 0.5, "end": 4.0, "text": "What was said.", "speaker": "A", "words": words}]}
    ) == [(0.5, None, "What was said.")]


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["voted", ",", "didn", "'t", "it", "?"], "voted, didn't it?"),
        (["港", "湾", "委員", "会", "は", "。"], "港湾委員会は。"),
        (["the", "twenty", "-five", "(", "or", "so", ")"], "the twenty-five (or so)"),
        (["항구", "위원회가", "투표했다", "."], "항구 위원회가 투표했다."),
        ([" The", " bo", "ard", " voted."], "The board voted."),
        (["The", " ", "board", " ", "voted."], "The board voted."),
        (["он", "сказал", ":", "«", "нет", "»"], "он сказал: «нет»"),
        (["say", ":smile:", "at", "10", ":30", "on", "example", ".com", "!"], "say :smile: at 10:30 on example.com!"),
    ],
)
def test_pieces_are_joined_as_their_script_joins_words(pieces: list[str], text: str) -> None:
    words = [{"word": piece, "start": index / 4, "end": index / 4 + 0.2} for index, piece in enumerate(pieces)]

    assert [words for *_, words in said({"words": words})] == [text]


@pytest.mark.parametrize(
    "root",
    [
        [{"id": 1, "text": "a post", "created_at": "2024-01-01"}],
        {"name": "package", "scripts": [{"name": "b", "text": "c"}]},
        {"text": "a question", "answers": [1, 2]},
        {"features": [{"geometry": {"coordinates": [[1, 2]]}}]},
    ],
)
def test_json_that_only_shares_a_name_is_no_transcript(root: Any) -> None:
    with pytest.raises(NoTranscript, match="holds no transcript"):
        read(root)


def test_sentences_of_a_short_segment_are_timed_by_their_words_too() -> None:
    segment = {"start": 1.2, "end": 4.6, "text": "The board voted. Seven against two.", "words": spoken(("A", "A"))}

    assert said({"segments": [segment]}) == [(1.2, "A", "The board voted."), (3.5, "A", "Seven against two.")]


def test_dates_that_cannot_be_of_one_day_leave_the_words() -> None:
    rows = [
        {"time": "24-03-05T10:00:01Z", "name": "Ada", "message": "The board voted."},
        {"time": "2024-03-05T10:00:02Z", "name": "Ada", "message": "So."},
    ]

    parsed = parse(json.dumps(rows).encode(), "chat.json")

    assert [(segment.start, segment.text) for segment in parsed.segments] == [(None, "The board voted."), (None, "So.")]


@pytest.mark.parametrize(("odd", "starts"), [(0, [0, 0, 4]), (1, [0, 0, 7]), (2, [0, 3, 3])])
def test_one_clock_hours_from_the_others_times_nothing(odd: int, starts: list[int]) -> None:
    times = [f"2024-03-05T{'1' if at == odd else '10'}:00:0{second}Z" for at, second in enumerate((1, 4, 8))]
    rows = [
        {"time": time, "name": "Ada", "message": f"The board voted on point {at}."} for at, time in enumerate(times)
    ]

    parsed = parse(json.dumps(rows).encode(), "chat.json")

    assert [segment.start for segment in parsed.segments] == starts
    assert "Times ignored because they are hours from the others: 1." in parsed.warnings


def test_google_without_times_of_words_is_its_best_reading_between_the_ends_that_it_states() -> None:
    results: list[dict[str, Any]] = [
        {"alternatives": [{"transcript": "The board voted.", "confidence": 0.9}, {"transcript": "The bored voted."}]},
        {"alternatives": [{"transcript": " Seven against two."}]},
    ]
    timed = [{**result, "resultEndTime": end} for result, end in zip(results, ("5.2s", "10.100s"), strict=True)]

    assert said({"results": results}) == [(None, None, "The board voted."), (None, None, "Seven against two.")]
    parsed = read({"response": {"results": timed}})
    assert [(each.start, each.end, each.text) for each in parsed.segments] == [
        (0.0, 5.2, "The board voted."),
        (5.2, 10.1, "Seven against two."),
    ]
    assert all(segment.estimated for segment in parsed.segments)


def test_azure_answers_a_short_recording_with_one_row_counted_in_ticks() -> None:
    times = {"RecognitionStatus": "Success", "Offset": 12_000_000, "Duration": 11_000_000}
    words = [{"Word": "closed", "Offset": 13_000_000, "Duration": 4_000_000}]
    readings = [{"Confidence": 0.9, "Display": "Closed.", "Words": words}, {"Confidence": 0.4, "Display": "Clothes."}]

    for row in (times | {"DisplayText": "Closed."}, times | {"NBest": readings}):
        parsed = read(row)
        assert [(each.start, each.end, each.text) for each in parsed.segments] == [(1.2, 2.3, "Closed.")]
        assert parsed.warnings == ()


def test_a_file_of_otranscribe_is_read_with_its_times_and_labels() -> None:
    time = '<span class="timestamp" contenteditable="false" data-timestamp="{}">00:00</span>'
    text = (
        f"<p>Harbour</p><p>{time.format(1.2)}&nbsp;Ann: The <b>board</b> voted.</p><p><br></p>"
        f'<p>{time.format("3.5")} Ben: Seven <span style="x">against</span> two.</p><p>Ann: So &lt; nine.</p>'
    )

    assert said({"text": text, "media": "a.mp3", "media-time": 7.5}) == [
        (0.0, None, "Harbour"),
        (1.2, "Ann", "The board voted."),
        (3.5, "Ben", "Seven against two."),
        (3.5, "Ann", "So < nine."),
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"Transcript": [{"Content": "The board voted.", "BeginOffsetMillis": 1200, "EndOffsetMillis": 2300,
                         "ParticipantRole": "A"},
                        {"Content": "Seven against two.", "BeginOffsetMillis": 3500, "EndOffsetMillis": 4600,
                         "ParticipantRole": "B"}]},
        [{"speaker": "A", "words": spoken(("A", "A"), start="data_start", end="data_end")[:3]},
         {"speaker": "B", "words": spoken(("B", "B"), start="data_start", end="data_end")[3:]}],
        {"objects": [{"startTime": 1200, "endTime": 2300, "speaker": "A", "content": [{"text": "The board voted."}]},
                     {"startTime": 3500, "endTime": 4600, "speaker": "B",
                      "content": [{"text": "Seven against"}, {"text": "two."}]}]},
        [{"inicio": 1.2, "fin": 2.3, "texto": "The board voted.", "hablante": "A"},
         {"inicio": 3.5, "fin": 4.6, "texto": "Seven against two.", "hablante": "B"}],
    ],
    ids=["compound names", "times only in the words", "text inside objects", "names in Spanish"],
)  # fmt: skip
def test_names_of_fields_are_read_by_their_parts_and_in_other_languages(value: Any) -> None:
    assert said(value) == VOTE


def test_who_speaks_may_stand_in_a_list_of_times_beside_the_words() -> None:
    words = [{"text": row["text"], "start": row["start"], "end": row["end"]} for row in spoken(("A", "B"))]
    turns = [{"start": 1.0, "end": 2.4, "speaker": "A"}, {"start": 2.25, "end": 9.0, "speaker": "B"}]

    assert said({"words": words, "diarization": turns}) == VOTE


def test_a_segment_over_two_peoples_turns_is_nobodys() -> None:
    segments = [{"text": "The board voted. Seven against two.", "start": 1.2, "end": 4.6}]
    turns = [{"start": 1.0, "end": 2.4, "speaker": "A"}, {"start": 2.4, "end": 9.0, "speaker": "B"}]

    assert said({"segments": segments, "diarization": turns}) == [(1.2, None, "The board voted. Seven against two.")]


def test_a_long_silence_does_not_change_the_unit_of_times_without_ends() -> None:
    cues = [(1280, "I grew up by"), (3400, "a river that flooded."), (64000, "Every year it rose"), (66000, "again.")]
    value = {"paragraphs": [{"cues": [{"time": time, "text": text} for time, text in cues]}]}

    assert [start for start, _, _ in said(value)] == [1.28, 3.4, 64.0, 66.0]


@pytest.mark.parametrize("end", ["```", ""])
def test_json_that_a_language_model_put_in_a_fence_is_read(end: str) -> None:
    rows = json.dumps([{"start": start, "speaker": who, "text": text} for start, who, text in VOTE])
    parsed = parse(f"Here is the transcript:\n\n```json\n{rows}\n{end}\n".encode(), "reply.md")

    assert [(segment.start, segment.speaker, segment.text) for segment in parsed.segments] == VOTE
    assert parsed.warnings[0] == "Text around the transcript was left out: 4 words."


def test_a_fence_without_a_format_is_taken_off_only_where_nothing_stands_around_it() -> None:
    talk = (
        "```\n[00:05] Ann: Shall we begin with the dam?\n[01:04] Tom: Yes, it leaks.\n[01:10] Ann: Since when?\n```\n"
    )
    around = parse(f"The board met on Monday, and this is what was said there.\n\n{talk}".encode(), "talk.txt")

    assert [each.text for each in parse(talk.encode(), "talk.txt").segments][-1] == "Since when?"
    assert around.segments[0].text.startswith("The board met")


@pytest.mark.parametrize("shape", ["inside the data", "beside the channel"])
def test_messages_of_a_live_recogniser_are_read_once_they_are_final(shape: str) -> None:
    rows: list[dict[str, Any]] = []
    for final, (start, who, text) in [(False, (1.2, "A", "The board")), *((True, each) for each in VOTE)]:
        inside = {"is_final": final, "utterance": {"text": text, "start": start, "speaker": who}}
        beside = {
            "start": start,
            "is_final": final,
            "speaker": who,
            "channel": {"alternatives": [{"transcript": text}]},
        }
        rows.append({"type": "transcript", "data": inside} if shape == "inside the data" else beside)

    assert said("\n".join(map(json.dumps, rows)).encode()) == VOTE
