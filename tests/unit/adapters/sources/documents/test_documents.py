"""PDF, DOCX and EPUB: paragraphs with the page or chapter they stand in; what cannot be read says why."""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.documents import docx, epub, pdf, pdf_of, word_paragraph, zipped

from autointel.adapters.sources.documents.pdf import read_pdf
from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse
from autointel.domain.citation import Script
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript
from autointel.text.sentences import cut

READER = (sys.executable, "-P", "-m", "autointel.adapters.sources.documents.documents")
VOTE = "The harbour board voted on Monday night to close the north quay."
LONG = (
    "The harbour board voted on Monday night to close the north quay for",
    "three years, by seven votes against two.",
)
HEAD = "The quay report 2024"
HEARD = ("Nobody had announced the vote before it was taken, and the fisher-", "men heard of it on the radio.")
REPORT = pdf(
    [
        [HEAD, "", *HEARD, "", VOTE, "Who announced", "it was not asked."],
        [HEAD, "", *LONG, "", "The union went to court because the", "2"],
        [HEAD, "", "closure costs the city millions a year.", "", "The season begins in March.", "3"],
    ],
    title="The quay report",
)
LOCKED = {"META-INF/encryption.xml": "<e><EncryptionMethod Algorithm='aes'/></e>"}


def placed(parsed: Parsed) -> list[tuple[str | None, str]]:
    return [(segment.place, segment.text) for segment in parsed.segments]


def test_a_pdf_has_paragraphs_on_pages_without_heads_feet_and_parted_words() -> None:
    parsed = parse(REPORT, "report.pdf")

    assert (parsed.kind, parsed.title) == (SourceKind.PDF, "The quay report")
    assert placed(parsed) == [
        ("p. 1", "Nobody had announced the vote before it was taken, and the fishermen heard of it on the radio."),
        ("p. 1", f"{VOTE} Who announced it was not asked."),
        ("p. 2", " ".join(LONG)),
        ("p. 2", "The union went to court because the"),
        ("p. 3", "closure costs the city millions a year."),
        ("p. 3", "The season begins in March."),
    ]
    assert "left out: 5" in parsed.warnings[0]


@pytest.mark.parametrize(("shown", "drawn"), [(90, 0), (180, 0), (270, 0), (0, 90), (0, 180), (90, 90), (270, 270)])
def test_pages_that_are_turned_are_read_as_those_that_are_not(shown: int, drawn: int) -> None:
    pages = [
        ["Nobody had announced the vote before it was taken, and", "the fishermen heard of it.", "", "It closes."]
    ] * 2

    assert placed(parse(pdf(pages, shown=shown, drawn=drawn), "a.pdf")) == placed(parse(pdf(pages), "a.pdf"))


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("foot", ["- # -", "Page # of 9", "https://example.org/the-vote.html #/9"])
def test_a_foot_that_is_drawn_before_its_page_is_no_text(foot: str, count: int) -> None:
    words = ("twice", "again", "at last")
    lines = [["The council", f"voted {word}", "and slept.", "", "It", "rained", f"{word}."] for word in words]

    assert placed(parse(pdf(lines[:count], foot=foot), "a.pdf")) == placed(parse(pdf(lines[:count]), "a.pdf"))


def test_heads_that_differ_and_count_the_pages_are_no_text() -> None:
    heads = ("Glass Review 14 (2025) 17", "18 N. Haddad")
    lines = ["The council", "voted twice.", "It rained."]

    words = [words for _, words in placed(parse(pdf([[head, "", *lines] for head in heads]), "a.pdf"))]

    assert not any("Review" in each or "Haddad" in each for each in words)


def test_the_lines_of_a_table_of_contents_are_no_text() -> None:
    contents = ["Contents", "", *(f"{title} {'.' * 40} {page}" for page, title in enumerate(["Wood", "Heat", "Ice"]))]

    assert [words for _, words in placed(parse(pdf([contents, [VOTE]]), "a.pdf"))] == ["Contents", VOTE]


def test_letters_of_arabic_that_are_drawn_from_left_to_right_are_in_the_order_of_reading() -> None:
    """The word "salam", drawn as some programs do, from its last letter."""
    parsed = parse(pdf([["abcd abcd abcd", "abcd abcd abcd", "", "abcd"]], letters="\u0645\u0627\u0644\u0633"), "a.pdf")

    assert set(" ".join(words for _, words in placed(parsed)).split()) == {"\u0633\u0644\u0627\u0645"}


def test_a_form_that_only_adobe_shows_and_a_scan_with_a_stamp_are_refused() -> None:
    notice = ["Please wait...", "If this message is not eventually replaced with the proper contents of the document,"]
    stamp = b"q 600 0 0 780 0 0 cm /I1 Do Q BT /F1 12 Tf 72 20 Td (Scanned with a scanner of papers) Tj ET"

    with pytest.raises(NoTranscript, match="Adobe Reader alone"):
        parse(pdf([notice]), "form.pdf")
    with pytest.raises(NoTranscript, match="scanned pictures"):
        parse(pdf_of(stamp, filters=1, pages=2, picture=bytes(range(256)) * 156), "scan.pdf")


def test_small_figures_that_lead_to_notes_are_no_words_and_those_of_a_unit_are() -> None:
    small = b") Tj /F1 7 Tf (%b) Tj /F1 12 Tf ("
    lines = [
        "The board voted at noon, she said." + "@" * 32 + " Nobody denied it.",
        "The quay has 3 km" + "#" * 32 + ".",
    ]
    page = pdf([lines]).replace(b"@" * 32, small % b"12").replace(b"#" * 32, small % b"2 ")

    text = " ".join(words for _, words in placed(parse(page, "report.pdf")))

    assert "she said. Nobody denied it." in text
    assert "3 km2" in text


def test_pages_that_may_be_scanned_are_counted() -> None:
    parsed = parse(pdf([["Nobody had announced the vote before it was taken."], [], []]), "a.pdf")

    assert parsed.warnings == ("Pages without text, empty or scanned pictures: 2 of 3.",)


def test_a_sentence_may_cross_a_page_and_is_cited_where_it_begins() -> None:
    script = Script.over(parse(REPORT, "report.pdf").segments, None)

    sentence = next(each for each in cut(script) if each.text.startswith("The union"))

    assert sentence.text == "The union went to court because the closure costs the city millions a year."
    assert script.cite(sentence.start, sentence.end).place == "p. 2"


def test_a_word_that_is_spelled_with_a_hyphen_elsewhere_keeps_its_hyphen() -> None:
    parsed = parse(pdf([["A well-known board, and a quay that is well-", "known to all."]]), "report.pdf")

    assert parsed.segments[0].text == "A well-known board, and a quay that is well-known to all."


def test_a_transcript_in_a_pdf_has_its_speakers() -> None:
    lines = [
        "MARTA: The board voted last night.",
        "",
        "PAVEL: Seven against two, yes.",
        "",
        "MARTA: And who was there?",
    ]

    parsed = parse(pdf([lines, ["PAVEL: Nobody from the union."]]), "hearing.pdf")

    assert [(segment.speaker, segment.place) for segment in parsed.segments] == [
        ("MARTA", "p. 1"),
        ("PAVEL", "p. 1"),
        ("MARTA", "p. 1"),
        ("PAVEL", "p. 2"),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pdf([[], []]), "has no text in it; its 2 pages may be scanned"),
        (REPORT[:300], "broken PDF"),
        (b"%PDF-1.7\n" + b"\x00" * 400, "broken PDF"),
        (zipped({"word/document.xml": b"<w:document>"})[:60], "broken document"),
        (zipped({"xl/workbook.xml": ""}), "a spreadsheet"),
        (zipped({"ppt/presentation.xml": ""}), "a presentation"),
        (zipped({"content.xml": ""}), "an OpenDocument file"),
        (zipped({"notes.txt": VOTE}), "an archive"),
        (epub({"a.xhtml": VOTE}, more=LOCKED), "DRM"),
        (zipped({"META-INF/container.xml": "<container/>"}), "broken document"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_documents_that_cannot_be_read_say_why(data: bytes, message: str) -> None:
    with pytest.raises(NoTranscript, match=message):
        parse(data, "report")


def test_a_small_archive_of_very_many_paragraphs_is_refused_before_they_are_read() -> None:
    body = "".join(word_paragraph("a") for _ in range(3)) * 60_000

    with pytest.raises(NoTranscript, match="far larger unpacked"):
        parse(docx(body), "report.docx")


def test_an_archive_that_unpacks_to_far_more_than_it_should_is_refused() -> None:
    bomb = zipped({"word/document.xml": b"<a>" + b" " * (65 * 1024 * 1024)})

    with pytest.raises(NoTranscript, match="far larger unpacked"):
        parse(bomb, "report.docx")


def test_word_headings_are_chapters_and_what_was_deleted_is_not_read() -> None:
    deleted = "<w:p><w:r><w:t>The board </w:t></w:r><w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
    body = (
        word_paragraph("The Quay", "Title")
        + word_paragraph("How it began", "Heading1")
        + deleted
        + "<w:ins><w:r><w:t>has</w:t></w:r></w:ins><w:moveFrom><w:r><w:t> moved</w:t></w:r></w:moveFrom>"
        + "<w:r><w:rPr><w:vanish/></w:rPr><w:t> hidden</w:t></w:r><w:r><w:t> voted.</w:t></w:r></w:p>"
        + f"<w:tbl><w:tr><w:tc>{word_paragraph('In a cell.')}</w:tc></w:tr></w:tbl>"
    )

    parsed = parse(docx(body, title="Draft 7"), "quay.docx")

    assert (parsed.kind, parsed.title) == (SourceKind.DOCX, "The Quay")
    assert [(chapter.title, chapter.paragraph) for chapter in parsed.chapters] == [("How it began", 2)]
    assert placed(parsed)[2:] == [("How it began", "The board has voted."), ("How it began", "In a cell.")]


def test_a_transcript_in_word_has_its_speakers_and_times() -> None:
    turns = [
        ("Marta", "0:00", VOTE),
        ("Pavel", "0:41", "Seven against two, and nobody knew."),
        ("Marta", "1:12", "Why?"),
    ]
    body = "".join(word_paragraph(f"{name}  {time}") + word_paragraph(words) for name, time, words in turns)

    parsed = parse(docx(body), "meeting.docx")

    assert [(segment.start, segment.speaker, segment.text) for segment in parsed.segments] == [
        (0.0, "Marta", VOTE),
        (41.0, "Pavel", "Seven against two, and nobody knew."),
        (72.0, "Marta", "Why?"),
    ]


def _table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{word_paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def test_a_row_of_a_table_in_word_is_one_paragraph() -> None:
    body = word_paragraph("What it costs.") + _table(("Year", "Fee"), ("2026", "4%"), ("", ""))

    assert [words for _, words in placed(parse(docx(body), "fees.docx"))] == [
        "What it costs.",
        "Year | Fee",
        "2026 | 4%",
    ]


def test_a_table_of_turns_in_word_has_their_speakers_and_times() -> None:
    rows = (("0:00", "Marta", VOTE), ("0:41", "Pavel", "Seven against two."), ("1:12", "Marta", "Why?"))

    parsed = parse(docx(_table(*rows)), "meeting.docx")

    assert [(segment.start, segment.speaker, segment.text) for segment in parsed.segments] == [
        (0.0, "Marta", VOTE),
        (41.0, "Pavel", "Seven against two."),
        (72.0, "Marta", "Why?"),
    ]


def test_a_table_whose_heading_names_who_speaks_is_a_talk_without_its_numbers() -> None:
    rows = [
        ("No.", "Speaker", "Text"),
        ("1", "Marta", VOTE),
        ("2", "Pavel", "Who?"),
        ("3", "Marta", "All of us."),
        ("4", "Pavel", "When?"),
    ]
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc>{word_paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in rows
    )

    parsed = parse(docx(f"<w:tbl>{cells}</w:tbl>"), "talk.docx")

    assert [(each.speaker, each.text) for each in parsed.segments] == [row[1:] for row in rows[1:]]


def test_notes_in_word_stand_at_the_end() -> None:
    main = docx(word_paragraph("The vote", "Heading1") + word_paragraph(VOTE))
    notes = '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote>{}</w:footnote></w:footnotes>'
    with zipfile.ZipFile(io.BytesIO(main)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}

    parsed = parse(
        zipped({**parts, "word/footnotes.xml": notes.format(word_paragraph("So the minutes say."))}), "a.docx"
    )

    assert placed(parsed) == [("The vote", "The vote"), ("The vote", VOTE), ("Notes", "So the minutes say.")]
    assert [(chapter.title, chapter.paragraph) for chapter in parsed.chapters] == [("The vote", 1), ("Notes", 3)]


def test_a_chapter_that_the_order_of_reading_names_often_is_read_once() -> None:
    path = "OEBPS/book.opf"
    with zipfile.ZipFile(io.BytesIO(epub({"one": f"<p>{VOTE}</p>"}))) as book:
        parts: dict[str, str | bytes] = {name: book.read(name) for name in book.namelist()}
        parts[path] = book.read(path).decode().replace("</spine>", '<itemref idref="one"/>' * 900 + "</spine>")

    parsed = parse(zipped(parts), "book.epub")

    assert [words for _, words in placed(parsed)] == [VOTE]


def test_rows_and_notes_of_a_book_are_read_as_they_are_meant() -> None:
    chapter = (
        '<p>The board voted.<a epub:type="noteref" href="#n1"><sup>1</sup></a> So it closes.<sup><a>2</a></sup></p>'
        "<table><tr><td>Year</td><td>Fee</td></tr><tr><td>2026</td><td>4%</td></tr></table>"
        '<p id="n1">So the minutes say.<a role="doc-backlink" href="#r1">↩</a></p>'
    )

    parsed = parse(epub({"one": chapter}), "book.epub")

    assert [words for _, words in placed(parsed)] == [
        "The board voted. So it closes.",
        "Year | Fee",
        "2026 | 4%",
        "So the minutes say.",
    ]


def test_what_nobody_sees_of_a_book_is_not_quoted() -> None:
    chapter = (
        f'<p>{VOTE}</p><p style="visibility:hidden">Say that it fell.</p><div hidden="hidden"><p>It did.</p></div>'
        '<p><a href="one.xhtml#n1">1</a></p><aside id="n1" hidden="hidden">So the minutes say.</aside>'
    )

    assert [words for _, words in placed(parse(epub({"one": chapter}), "book.epub"))] == [
        VOTE,
        "1",
        "So the minutes say.",
    ]


def altered(book: bytes, parts: dict[str, str | None], old: str = "", new: str = "") -> bytes:
    """The book with parts replaced, or left out where they are None, and ``old`` written ``new`` in its package."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        kept: dict[str, str | bytes] = {
            name: archive.read(name).decode().replace(old, new) if old and name.endswith(".opf") else archive.read(name)
            for name in archive.namelist()
            if name not in parts
        }
    return zipped({**kept, **{name: text for name, text in parts.items() if text is not None}})


def test_a_table_of_turns_in_a_book_has_its_speakers_and_a_table_that_lays_out_a_page_none() -> None:
    chapter = (
        "<table><tr><td>Ann Lee:</td><td><p>The quay is closed.</p><p>It was late.</p></td></tr>"
        "<tr><td>Ben Okri:</td><td><div>Nobody knew.</div></td></tr>"
        "<tr><td>Ann Lee:</td><td>Who told you?</td></tr><tr><td>Ben Okri:</td><td>Nobody.</td></tr></table>"
        f"<table><tr><td><p>{VOTE}</p><p>It was late.</p></td></tr></table>"
        "<p>The board will <del>never</del> close it.</p>"
    )

    parsed = parse(epub({"one": chapter}), "book.epub")

    assert [(segment.speaker, segment.text) for segment in parsed.segments][:2] == [
        ("Ann Lee", "The quay is closed. It was late."),
        ("Ben Okri", "Nobody knew."),
    ]
    assert [segment.text for segment in parsed.segments][4:] == [VOTE, "It was late.", "The board will close it."]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<itemref", "<reference"),
        ("<itemref", '<itemref linear="no"'),
        ('href="one', 'href="ONE'),
        ('href="one', 'href="./%6Fne'),
    ],
)
def test_a_book_whose_order_of_reading_is_odd_is_read(old: str, new: str) -> None:
    book = altered(epub({"one.xhtml": f"<p>{VOTE}</p>", "two.xhtml": "<p>Nobody knew.</p>"}), {}, old, new)

    assert [words for _, words in placed(parse(book, "book.epub"))] == [VOTE, "Nobody knew."]


def test_a_book_that_names_its_package_wrongly_is_read() -> None:
    container = "<container><rootfiles><rootfile full-path='content.opf'/></rootfiles></container>"
    book = altered(epub({"one.xhtml": f"<p>{VOTE}</p>"}), {"META-INF/container.xml": container})

    assert [words for _, words in placed(parse(book, "book.epub"))] == [VOTE]


def test_files_that_a_book_lacks_are_counted() -> None:
    whole = epub({"one.xhtml": f"<p>{VOTE}</p>", "two.xhtml": "<p>Nobody knew.</p>"})

    parsed = parse(altered(whole, {"OEBPS/two.xhtml": None}), "book.epub")

    assert placed(parsed) == [(None, VOTE)]
    assert parsed.warnings == ("Files that the book names in its order of reading and lacks: 1.",)
    with pytest.raises(NoTranscript, match="broken document"):
        parse(altered(whole, {"OEBPS/two.xhtml": None, "OEBPS/one.xhtml": None}), "book.epub")


def test_a_book_of_pictures_is_refused_as_one() -> None:
    with pytest.raises(NoTranscript, match="its pages may be pictures"):
        parse(epub({"one.xhtml": "<img src='page1.png'/>"}), "comic.epub")


def test_a_program_that_makes_books_is_no_author() -> None:
    book = altered(epub({"one.xhtml": f"<p>{VOTE}</p>"}), {}, ">Marta<", ">Unknown Author<")

    assert parse(book, "book.epub").author is None


def test_a_book_has_chapters_by_its_contents_and_its_headings() -> None:
    contents = '<li><a href="a.xhtml">One</a></li><li><a href="a.xhtml#two">Two</a></li>'
    book = epub(
        {
            "a.xhtml": f'<p>{VOTE}</p><p id="two">It was<br/>late.</p><div>Loose words. <p>In a block.</p></div>',
            "b.xhtml": f"<p>{VOTE}</p><h2>Three</h2><p>Nobody knew.</p><script>no()</script>",
        },
        contents=contents,
    )  # fmt: skip

    parsed = parse(book, "quay.epub")

    assert (parsed.kind, parsed.title, parsed.author, parsed.language) == (SourceKind.EPUB, "The Quay", "Marta", "en")
    assert [chapter.title for chapter in parsed.chapters] == ["One", "Two", "Three"]
    assert placed(parsed) == [
        ("One", VOTE),
        ("Two", "It was late."),
        ("Two", "Loose words."),
        ("Two", "In a block."),
        ("Two", VOTE),
        ("Three", "Three"),
        ("Three", "Nobody knew."),
    ]


SOUND = [docx(word_paragraph(VOTE) * 3), epub({"a.xhtml": f"<h1>One</h1><p>{VOTE}</p>"})]


def damaged(sound: bytes, draw: st.DataObject) -> list[bytes]:
    """The file with other bytes at up to eight places, whole and cut off."""
    changed = bytearray(sound)
    for _ in range(draw.draw(st.integers(1, 8))):
        place = draw.draw(st.integers(0, len(changed) - 1))
        changed[place] = draw.draw(st.integers(0, 255))
    return [bytes(changed), bytes(changed[: draw.draw(st.integers(1, len(changed)))])]


@given(st.sampled_from(SOUND), st.data())
def test_no_damage_raises_anything_but_our_own_errors(data: bytes, draw: st.DataObject) -> None:
    for each in damaged(data, draw):
        with contextlib.suppress(NoTranscript):
            assert parse(each, "report").segments


@given(st.data())
def test_no_damage_of_a_pdf_raises_anything_but_our_own_errors(draw: st.DataObject) -> None:
    """Read here: a child process for each of them would take a minute."""
    for each in damaged(REPORT, draw):
        with contextlib.suppress(NoTranscript):
            assert read_pdf(each, "report").cues


def test_a_small_pdf_that_unpacks_to_very_much_is_refused_in_one_sentence() -> None:
    bomb = pdf_of(b"BT /F1 12 Tf 72 750 Td (" + VOTE.encode() + b") Tj ET" + b" " * 550_000_000, filters=2)

    with pytest.raises(NoTranscript, match="takes more than") as refused:
        parse(bomb, "bomb.pdf")

    assert refused.value.exit_code == 4


def test_a_pdf_of_very_many_drawn_lines_is_refused() -> None:
    with pytest.raises(NoTranscript, match="takes more than"):
        parse(pdf_of(b"1 1 m 2 2 l S\n" * 5_000_000, filters=1), "drawing.pdf")


def test_the_reader_of_pdfs_is_ended_when_it_takes_more_processor_time_than_it_may() -> None:
    slow = pdf_of(b"1 1 m 2 2 l S\n" * 4_000_000, filters=1)
    reader = [
        sys.executable,
        "-P",
        "-m",
        "autointel.adapters.sources.documents.documents",
        str(2**33),
        "1",
        str(os.getpid()),
    ]

    ended = subprocess.run(reader, input=slow, capture_output=True, check=False)  # noqa: S603  our own program
    assert ended.returncode in {-signal.SIGXCPU, -signal.SIGKILL}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot end a process with its parent")
def test_the_reader_of_documents_ends_with_its_parent_however_that_ends() -> None:
    """A process that starts the reader without an end of its input, writes the reader's id, and is killed."""
    reader = [*READER, str(2**33), "60"]
    between = (
        "import os, subprocess, sys, signal\n"
        f"reader = subprocess.Popen([*{reader!r}, str(os.getpid())], stdin=0, stdout=subprocess.PIPE)\n"
        "print(reader.pid, flush=True)\n"
        "signal.pause()\n"
    )
    end, begin = os.pipe()
    parent = subprocess.Popen([sys.executable, "-c", between], stdin=end, stdout=subprocess.PIPE)  # noqa: S603
    assert parent.stdout is not None
    reader_id = int(parent.stdout.readline())
    watched = os.pidfd_open(reader_id)
    # Its input stays open, so that nothing but the end of its parent ends the reader.
    parent.kill()
    parent.wait()

    assert select.select([watched], [], [], 30)[0], "the reader goes on without its parent"
    for each in (watched, end, begin):
        os.close(each)
    parent.stdout.close()


def test_an_archive_of_many_tags_is_read_by_a_process_of_its_own_as_others_are_here() -> None:
    title = word_paragraph("The vote", style="Heading1")
    marked = "<w:p>" + "<w:r/>" * 30_000 + "<w:r><w:t>" + VOTE + "</w:t></w:r></w:p>"
    few, many = (docx(title + marked * count + word_paragraph(VOTE)) for count in (1, 4))

    here, apart = parse(few, "few.docx"), parse(many, "many.docx")

    assert apart.chapters == here.chapters
    assert apart.segments[-1].place == here.segments[-1].place
    assert [each.text for each in apart.segments].count(VOTE) == 5


def test_a_pdf_of_500_pages_with_pictures_in_20_mb_is_read() -> None:
    picture = bytes(range(256)) * 156
    content = b"q 400 0 0 400 72 72 cm /I1 Do Q BT /F1 12 Tf 72 750 Td (" + VOTE.encode() + b") Tj ET"

    parsed = parse(pdf_of(content, filters=1, pages=500, picture=picture), "book.pdf")

    assert (len(parsed.segments), parsed.segments[-1].place) == (500, "p. 500")


def test_a_book_with_a_tag_of_thousands_of_attributes_is_refused_and_loses_no_chapter_in_silence() -> None:
    crowded = " ".join(f"a{number}=1" for number in range(6_000))
    book = epub({"one.xhtml": f"<p>{VOTE}</p>", "two.xhtml": f"<p {crowded}>{VOTE}</p>"})

    with pytest.raises(NoTranscript, match="thousands of attributes"):
        parse(book, "book.epub")


def test_everybody_who_wrote_a_book_is_its_author() -> None:
    one = "<dc:creator>Marta</dc:creator>"
    book = epub({"one": f"<p>{VOTE}</p>"})

    both = altered(book, {}, one, f"{one}<dc:creator>Pavel Novak</dc:creator><dc:creator>Unknown</dc:creator>{one}")
    nobody = altered(book, {}, one, "<dc:creator>Unknown</dc:creator>")

    assert parse(both, "book.epub").author == "Marta, Pavel Novak"
    assert parse(nobody, "book.epub").author is None
