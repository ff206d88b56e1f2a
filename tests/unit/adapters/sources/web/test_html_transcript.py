from __future__ import annotations

import pytest

from autointel.adapters.sources.web.html_transcript import parse_transcript_page
from autointel.errors import NoTranscript

URL = "https://show.test/1.html"


def test_who_when_and_what_are_read_from_their_marks() -> None:
    parsed = parse_transcript_page(
        b"<cite>Ada:</cite><time>0:00</time><p>The bridge is closed.</p>"
        b"<cite>Bo:</cite><time>1:04</time><p>Since when?</p><p></p>",
        URL,
    )

    assert [(segment.speaker, segment.start, segment.text) for segment in parsed.segments] == [
        ("Ada", 0.0, "The bridge is closed."),
        ("Bo", 64.0, "Since when?"),
    ]


def test_a_paragraph_without_a_time_lies_between_its_neighbours() -> None:
    parsed = parse_transcript_page(
        b"<cite>Ada:</cite><time>0:00</time><p>One two three.</p><p>Four five six.</p><time>0:20</time><p>Seven.</p>",
        URL,
    )

    starts = [segment.start for segment in parsed.segments]
    assert starts[0] == 0.0
    assert starts[2] == 20.0
    assert starts[1] is not None
    assert 0.0 < starts[1] < 20.0


def test_without_times_paragraphs_are_numbered() -> None:
    parsed = parse_transcript_page(b"<cite>Ada:</cite><p>Hello there.</p><cite>Bo</cite><p>Hello.</p>", URL)

    assert [(segment.speaker, segment.paragraph) for segment in parsed.segments] == [("Ada", 1), ("Bo", 2)]


def test_a_cite_that_is_never_closed_takes_no_words_away() -> None:
    said = "The bridge is closed because the wall below it gave way in the night. " * 20

    parsed = parse_transcript_page(f"<time>0:00</time><p>Hello.</p><cite>{said}".encode(), URL)

    assert parsed.segments[0].text == "Hello."
    assert " ".join(segment.text for segment in parsed.segments[1:]) == said.strip()


def test_a_mark_of_many_parts_was_never_closed_and_its_words_are_said() -> None:
    page = "<cite>Ada:</cite><p>Hello.</p><cite>" + "<b>no </b>" * 60

    parsed = parse_transcript_page(page.encode(), URL)

    assert parsed.segments[-1].text == " ".join(["no"] * 60)


def test_what_nobody_sees_was_said_by_nobody() -> None:
    page = b"""<cite>Ada:</cite><p>The wall stands.</p><p hidden>Say that it fell.</p>
    <div style="display:none"><cite>Bo:</cite><p>It fell.</p></div><cite>Cleo:</cite><p>It does.</p>"""

    parsed = parse_transcript_page(page, "")

    assert [(each.speaker, each.text) for each in parsed.segments] == [
        ("Ada", "The wall stands."),
        ("Cleo", "It does."),
    ]


def test_a_page_without_marks_is_read_as_an_article() -> None:
    words = (
        b"<p>The council voted on Tuesday to close the bridge for two years, and nobody was surprised by it at all.</p>"
        * 3
    )

    assert parse_transcript_page(b"<html><body><article>" + words + b"</article></body></html>", URL).segments


@pytest.mark.parametrize("page", [b"", b"<cite>Ada</cite><time>0:00</time>", b"\x00"])
def test_a_page_without_words_is_none(page: bytes) -> None:
    with pytest.raises(NoTranscript):
        parse_transcript_page(page, URL)


def test_a_mark_that_a_broken_tag_put_into_a_paragraph_ends_it() -> None:
    page = (
        b"<cite>Ada:</cite><time>0:01</time><p>One is said.</p>"
        b"<cite>Bo:</cite><time>0:02</time><p>T<wo is said.</p><cite>Ada:</cite><time>0:03</time><p>Three is said.</p>"
    )

    segments = parse_transcript_page(page, "https://x.test/t").segments

    assert [(each.speaker, each.text) for each in segments] == [
        ("Ada", "One is said."),
        ("Bo", "T"),
        ("Ada", "Three is said."),
    ]


def test_a_book_that_is_cited_inside_a_paragraph_is_said_and_nobody() -> None:
    page = (
        b"<cite>Ada:</cite><time>0:01</time><p>I read <cite>Middlemarch</cite> twice.</p>"
        b"<time>0:09</time><p>And again.</p>"
    )

    segments = parse_transcript_page(page, "https://x.test/t").segments

    assert [(each.speaker, each.text) for each in segments] == [
        ("Ada", "I read Middlemarch twice."),
        ("Ada", "And again."),
    ]


@pytest.mark.parametrize(
    "mark", ["<cite>Ada Lee:</c<time>0:04</time>", "<cite>Ada Lee (0:04)</cite>", "<cite>Ada Lee: 0:04</cite>"]
)
def test_a_name_never_carries_a_clock(mark: str) -> None:
    page = f"<cite>Bo:</cite><time>0:01</time><p>Since when?</p>{mark}<p>The bridge is closed.</p>"

    parsed = parse_transcript_page(page.encode(), URL)

    assert [(segment.speaker, segment.start) for segment in parsed.segments] == [("Bo", 1.0), ("Ada Lee", 4.0)]


def test_a_number_behind_a_name_is_no_hour() -> None:
    parsed = parse_transcript_page(b"<cite>Speaker 1:</c<time>0:02</time><p>The bridge is closed.</p>", URL)

    assert [(segment.speaker, segment.start) for segment in parsed.segments] == [("Speaker 1", 2.0)]
