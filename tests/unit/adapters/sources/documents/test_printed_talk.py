"""Talk in documents: courts' transcripts and interviews in print, captions in Word; and what of a book is no text."""

from __future__ import annotations

import pytest
from tests.fakes.documents import docx, epub, pdf, word_paragraph

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse

VOTE = "The harbour board voted on Monday night to close the north quay."


def said(parsed: Parsed) -> list[tuple[str | None, str]]:
    return [(segment.speaker, segment.text) for segment in parsed.segments]


def test_lines_of_an_interview_that_print_has_broken_are_turns() -> None:
    lines = ["Lee: You closed the quay in March. Why did", "nobody ask the fishermen?", "Novak: It was falling down,"]
    lines += ["and we had two days to decide.", "Lee: Who told you that?", "Novak: Our engineer did."]

    assert said(parse(pdf([lines]), "interview.pdf")) == [
        ("Lee", "You closed the quay in March. Why did nobody ask the fishermen?"),
        ("Novak", "It was falling down, and we had two days to decide."),
        ("Lee", "Who told you that?"),
        ("Novak", "Our engineer did."),
    ]


@pytest.mark.parametrize("numbered", [True, False])
def test_a_court_s_transcript_in_print_has_its_speakers_and_no_numbers_of_lines(*, numbered: bool) -> None:
    first = ["THE CLERK: Raise your right hand.", "THE WITNESS: I do.", "EXAMINATION", "BY MR. LEE:"]
    first += [
        "Q.   Where were you in March?",
        "A.   I was on the quay with Rosa, and we",
        "looked at the wall.",
        "Q. Why?",
    ]
    second = ["A.   It had moved.", "MS. NOVAK: Objection.", "THE COURT: Overruled.", "Q.   And then?", "A.   Nothing."]
    pages = [
        [
            f"COUNTY v. ANDERS BERG, page {page}",
            "",
            *(f"{number} {line}" if numbered else line for number, line in enumerate(lines, 1)),
        ]
        for page, lines in enumerate((first, second), 1)
    ]

    assert [turn for turn in said(parse(pdf(pages), "court.pdf")) if turn[0]] == [
        ("THE CLERK", "Raise your right hand."),
        ("THE WITNESS", "I do."),
        ("Q", "Where were you in March?"),
        ("A", "I was on the quay with Rosa, and we looked at the wall."),
        ("Q", "Why?"),
        ("A", "It had moved."),
        ("MS. NOVAK", "Objection."),
        ("THE COURT", "Overruled."),
        ("Q", "And then?"),
        ("A", "Nothing."),
    ]


def test_two_pages_lose_the_line_that_both_begin_with_and_keep_titles() -> None:
    text = [f"{word} of the members had read the paper before, and they" for word in ("Some", "Few", "None")]
    pages = [[f"The Quay Review, page {page}", "", f"Chapter {page}", "", *text, "left."] for page in (1, 2)]

    parsed = parse(pdf(pages), "review.pdf")

    words = " ".join([*text, "left."])
    assert said(parsed) == [(None, each) for each in ("Chapter 1", words, "Chapter 2", words)]
    assert parsed.warnings == ("Lines repeated at the head or foot of pages were left out: 2.",)


def test_a_word_that_is_always_spelled_with_a_hyphen_keeps_its_own_at_the_end_of_a_line() -> None:
    lines = ["Nobody knew, and a well-", "known lawyer read it in the news-", "paper of twenty-", "two ports."]

    words = said(parse(pdf([lines]), "a.pdf"))[0][1]

    assert words == "Nobody knew, and a well-known lawyer read it in the newspaper of twenty-two ports."


CUES = [
    ("0:0:4.219 --> 0:0:9.329", "Rosa Feld", VOTE),
    ("0:0:10.9 --> 0:0:13.0", "Liam Novak", "Seven against two."),
    ("0:1:2.0 --> 0:1:4.500", "Rosa Feld", "Who knew?"),
]


@pytest.mark.parametrize("divider", ["</w:t></w:r><w:r><w:br/></w:r><w:r><w:t>", "</w:t></w:r></w:p><w:p><w:r><w:t>"])
def test_captions_in_word_have_their_speakers_and_times(divider: str) -> None:
    body = "".join(
        word_paragraph("|".join(cue))
        .replace(">", "\0")
        .replace("--\0", "--&gt;")
        .replace("\0", ">")
        .replace("|", divider)
        for cue in CUES
    )

    parsed = parse(docx(body), "meeting.docx")

    assert [(segment.start, segment.speaker, segment.text) for segment in parsed.segments] == [
        (4.219, "Rosa Feld", VOTE),
        (10.9, "Liam Novak", "Seven against two."),
        (62.0, "Rosa Feld", "Who knew?"),
    ]


def test_an_example_of_captions_in_an_essay_is_no_transcript() -> None:
    essay = [
        f"Captions have times above their words, and this is paragraph {number} about them." for number in range(9)
    ]
    body = "".join(map(word_paragraph, [*essay, "00:00:01,000 --&gt; 00:00:02,000", "Hello."]))

    assert [words for _, words in said(parse(docx(body), "essay.docx"))][:9] == essay


@pytest.mark.parametrize(
    "page",
    [
        '<section epub:type="titlepage"><h1>The Quay</h1><p>Rosa Feld</p></section>',
        "<p>Copyright © 2026 by Rosa Feld. All rights reserved. ISBN 978-0-00-000000-2</p>",
        "<p>© 2026 Quay Verlag. Alle Rechte vorbehalten. 1. Auflage.</p>",
        '<ol><li><a href="a">The vote</a></li><li><a href="b">The wall</a></li><li><a href="c">After it</a></li></ol>',
    ],
    ids=["title", "imprint", "German imprint", "contents"],
)
def test_what_stands_before_a_book_s_text_is_left_out_and_counted(page: str) -> None:
    parsed = parse(epub({"front.xhtml": page, "one.xhtml": f"<p>{VOTE}</p>"}), "book.epub")

    assert said(parsed) == [(None, VOTE)]
    assert parsed.warnings == ("Cover, title page, imprint and contents, which are not the book's text: 1.",)


def test_a_chapter_about_rights_is_text() -> None:
    chapter = "<p>All rights reserved, said the board, and nobody laughed at it.</p>"

    assert len(parse(epub({"one.xhtml": chapter}), "book.epub").segments) == 1
