"""What is written in a format comes back the same; and no bytes, however broken, raise anything but our own errors."""

from __future__ import annotations

import html
import json
from itertools import accumulate
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse
from autointel.errors import NoTranscript

Cues = list[tuple[int, int, str]]

# Words that mean nothing to any format: no colon, no bracket, no number on its own, no arrow.
_words = st.text(st.characters(categories=("Ll", "Lo"), max_codepoint=0x2FFF), min_size=1, max_size=12)
_texts = st.lists(_words, min_size=1, max_size=8).map(" ".join)


@st.composite
def cue_lists(draw: st.DrawFn) -> Cues:
    """Cues in order, each with its own words, up to 99 hours."""
    steps = draw(
        st.lists(st.tuples(st.integers(1, 9_000_000), st.integers(0, 900_000), _texts), min_size=1, max_size=30)
    )
    starts = list(accumulate(step for step, _, _ in steps))
    return [
        (start, start + length, f"{text} x{index}")
        for index, (start, (_, length, text)) in enumerate(zip(starts, steps, strict=True))
    ]


def stamp(milliseconds: int, point: str) -> str:
    seconds, fraction = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{fraction:03d}"


def back(parsed: Parsed) -> Cues:
    return [(round((s.start or 0) * 1000), round((s.end or 0) * 1000), s.text) for s in parsed.segments]


@given(cue_lists())
def test_vtt_comes_back(cues: Cues) -> None:
    text = "WEBVTT\n\n" + "".join(
        f"{stamp(start, '.')} --> {stamp(end, '.')}\n{html.escape(words)}\n\n" for start, end, words in cues
    )

    assert back(parse(text.encode(), None)) == cues


@given(cue_lists())
def test_srt_comes_back(cues: Cues) -> None:
    text = "\r\n".join(
        f"{index}\r\n{stamp(start, ',')} --> {stamp(end, ',')}\r\n{words}\r\n"
        for index, (start, end, words) in enumerate(cues, start=1)
    )

    assert back(parse(text.encode(), None)) == cues


@given(cue_lists())
def test_whisper_json_comes_back(cues: Cues) -> None:
    segments = [{"start": start / 1000, "end": end / 1000, "text": words} for start, end, words in cues]

    assert back(parse(json.dumps({"segments": segments}).encode(), None)) == cues


@given(cue_lists())
def test_bracketed_lines_come_back(cues: Cues) -> None:
    text = "\n".join(f"[{stamp(start, '.')} --> {stamp(end, '.')}]  {words}" for start, end, words in cues)

    assert back(parse(text.encode(), None)) == cues


@given(st.lists(st.lists(_texts, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=20))
def test_paragraphs_come_back(paragraphs: list[str]) -> None:
    parsed = parse("\n\n".join(paragraphs).encode(), "talk.txt")

    assert [segment.text for segment in parsed.segments] == paragraphs


_HEADS = [
    b"",
    b"WEBVTT\n\n",
    b"1\n00:00:01,000 --> 00:00:02,000\n",
    b"[Script Info]\n",
    b'{"segments": [',
    b"<tt>",
    b"---\n",
]
_PIECES = [
    b"00:00:01.000 --> 00:00:02.000\n",
    b"0:00:01.000,0:00:02.000\n",
    b"[Events]\nFormat: Start, End, Text\n",
    b"Dialogue: 0,0:00:01.00,x\n",
    b'{"start": 1, "end": 2, "text": "a"}, ',
    b"]}",
    b'<p begin="1s">',
    b"</p></tt>",
    b"title: [a\n",
    b"---\n",
    b"# h\n",
    b"**A:** b\n",
    b"[0:01] c\n",
    b"<v B>&#27;\n",
    b">> ",
    b"\x1b]",
    b"\xff\xfe",
    b"\x00",
    b"\r",
    b"\n",
    b"\xe9",
]


_ASS: Final = (
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Dialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,"
)


def outcome(data: bytes, name: str | None) -> Parsed | NoTranscript:
    """What comes of these bytes; anything else that is raised fails the test."""
    try:
        return parse(data, name)
    except NoTranscript as error:
        return error


@given(st.sampled_from(_HEADS), st.lists(st.one_of(st.sampled_from(_PIECES), st.binary(max_size=12)), max_size=12))
@example(b"", [b"\xff\xfe\x00\xd8"])
def test_no_bytes_raise_anything_but_our_own_errors(head: bytes, pieces: list[bytes]) -> None:
    found = outcome(head + b"".join(pieces), None)

    assert found.hint if isinstance(found, NoTranscript) else found.segments


@given(st.text(max_size=200), st.sampled_from([None, "a.srt", "a.md", "a.json"]))
def test_no_text_raises_anything_but_our_own_errors(text: str, name: str | None) -> None:
    found = outcome(text.encode(errors="surrogatepass"), name)

    texts = [] if isinstance(found, NoTranscript) else [segment.text for segment in found.segments]
    assert not [text for text in texts if any(character < " " for character in text)]


@pytest.mark.parametrize("piece", ["*", "[", "<v ", "_ a", "&", "1:", "a: ", ">> ", "\x1b]", "(0:0", "`", "<!--", "- "])
def test_long_runs_of_one_sign_are_read_in_time_that_grows_with_their_length(piece: str) -> None:
    # Anything quadratic in 200,000 signs would run into the test's time limit.
    assert isinstance(outcome((piece * (200_000 // len(piece))).encode(), "talk.md"), Parsed | NoTranscript)


@pytest.mark.parametrize(
    ("head", "piece", "end", "name"),
    [
        ("", "A" + " " * 60 + ":" + " " * 1500 + "x\n", "", "talk.txt"),
        ("A" + " " * 60 + ":", " ", "x", "talk.txt"),
        (_ASS, "{\\an8", "}", "talk.ass"),
        (_ASS, "{\\an8}", "words", "talk.ass"),
        (_ASS, "\\N", "words", "talk.ass"),
    ],
    ids=["many heads", "one head", "one mark without an end", "many marks", "line breaks"],
)
def test_spaces_and_marks_without_number_are_read_in_time_that_grows_with_their_length(
    head: str, piece: str, end: str, name: str
) -> None:
    text = head + piece * (200_000 // len(piece)) + end

    assert isinstance(outcome(text.encode(), name), Parsed | NoTranscript)
