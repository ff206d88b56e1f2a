"""Files that a reader which looks twice at what it has read would take minutes, hours or for ever to read.

Each says what is read of it, and nothing of the time: pytest ends a test that does not end.
"""

from __future__ import annotations

import io
import zipfile

import pytest
from lxml.html import HtmlElement
from tests.fakes.documents import docx, epub, zipped

from autointel.adapters.sources.captions.repeats import unroll
from autointel.adapters.sources.draft import Cue
from autointel.adapters.sources.labels import person
from autointel.adapters.sources.parse import parse
from autointel.adapters.sources.podcasts.feed import parse_feed
from autointel.adapters.sources.unseen import unseen
from autointel.adapters.sources.web.interviews import mark_turns, may_mark_speakers
from autointel.adapters.sources.web.page import tree
from autointel.errors import NoTranscript

SRT = "1\n00:00:01,000 --> 00:00:02,000\n{}\n\n2\n00:00:03,000 --> 00:00:04,000\n{}\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n{}\n\n00:03.000 --> 00:04.000\nYes.\n"
SAMI = "<SAMI><BODY>\n<SYNC Start=1000 {}><P Class=EN>Hello.\n<SYNC Start=3000><P Class=EN {}>Yes.\n</BODY></SAMI>"
TTML = (
    '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:p="urn:p"><body><div><p begin="1s">{}Hello.{}</p>'
    '<p begin="3s">Yes.</p></div></body></tt>'
)
FAR = 300_000


def said(name: str, text: str | bytes) -> list[str]:
    parsed = parse(text.encode() if isinstance(text, str) else text, name)
    return [segment.text for segment in parsed.segments]


@pytest.mark.uncounted
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("voice.vtt", VTT.format(f"Hello.\n<v{' ' * FAR}<b>")),
        ("end.smi", SAMI.format(f"End={' ' * FAR}x", "")),
        ("class.smi", SAMI.replace("Class=EN ", "").format("", f"Class={' ' * FAR}?")),
        ("notes.srt", SRT.format(f"{'♪' * 400}{'x' * 400}", "Yes.")),
        ("turns.trs", f"<Trans><Turn startTime='1'>Hello.</Turn>{'<Turn/>' * 200_000}</Trans>"),
        ("declared.txt", f"<m{'<m' * 300}charset={' ' * 3_000}.\n\nHello, all of you.\n\nYes, here we are.\n"),
    ],
    ids=lambda given: given.split()[0] if len(given) < 20 else "text",
)
def test_white_space_signs_and_empty_turns_are_read_once(name: str, text: str) -> None:
    words = " ".join(said(name, text))

    assert "Hello" in words or "♪" in words


@pytest.mark.uncounted
@pytest.mark.parametrize("signs", ["=", " a="])
def test_a_tag_that_is_never_closed_is_words(signs: str) -> None:
    words = "".join(said("a.vtt", VTT.format(f"Hello. <a {signs * (FAR // len(signs))}")))

    assert words.replace(" ", "").startswith("Hello.<a")
    assert words.endswith("Yes.")


@pytest.mark.uncounted
def test_cues_that_share_thousands_of_lines_are_compared_by_a_screenful() -> None:
    before, after = Cue(1000, 2000, ["No"] * FAR + ["So", "No"]), Cue(2000, 3000, ["No"] * FAR + ["Yes"])

    assert [cue.start for cue in unroll([before, after])] == [1000, 2000]


@pytest.mark.parametrize("name", ["a.srt", "a.vtt", "a.smi", "a.ttml", "a.xml", "a.md"])
def test_an_entity_of_thousands_of_digits_is_no_character(name: str) -> None:
    endless = f"Hello &#{'9' * 5_000}; you"
    texts = {
        "a.srt": SRT.format(endless, "Yes."),
        "a.vtt": VTT.format(endless),
        "a.smi": SAMI.format("", f">{endless}<b"),
        "a.ttml": TTML.format("<br/>", f" you &amp;#{'9' * 5_000};"),
        "a.xml": f'<transcript><text start="1" dur="1">Hello &amp;#{"9" * 5_000}; you</text></transcript>',
        "a.md": f"# Talk\n\n{endless}\n",
    }

    assert "Hello" in said(name, texts[name])[0]


def test_sentences_in_sentences_are_said_once() -> None:
    opened = '<span begin="1s" p:unit="sentence">'

    assert said("a.ttml", TTML.format(opened * 100, "</span>" * 100)) == ["Hello.", "Yes."]
    assert said("a.ttml", TTML.format(opened, f"</span>{opened}No.</span>")) == ["Hello.", "No.", "Yes."]


def test_texts_in_texts_are_looked_at_once() -> None:
    def nested(deep: int) -> str:
        return '[{"text":' * deep + '"Hello."' + "}]" * deep

    assert said("a.json", nested(2)) == ["Hello."]
    with pytest.raises(NoTranscript, match="holds no transcript"):
        said("a.json", nested(60))


@pytest.mark.uncounted
def test_fields_around_the_words_of_a_message_are_not_read_with_each_object_in_it() -> None:
    fields = ",".join(f'"a{at}":1' for at in range(100_000))
    objects = ",".join(f'"b{at}":{{}}' for at in range(10_000))
    message = f'{{"start":1,{fields},{objects},"c":{{"text":"Hello."}}}}'

    assert said("a.json", f'[{message},{{"start":2,"c":{{"text":"Yes."}}}}]') == ["Hello.", "Yes."]


def word(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_boxes_rows_cells_and_paragraphs_in_one_another_are_said_once_in_word() -> None:
    box, boxes = "<w:p><w:r><w:t>Box.</w:t></w:r><w:r><w:txbxContent>", "</w:txbxContent></w:r></w:p>"
    row, rows = f"<w:tr><w:tc>{word('Row.')}", "</w:tc></w:tr>"
    cells = f"<w:tr><w:tc>{word('Ann')}</w:tc>{'<w:tc>' * 20}{'<w:p>' * 20}<w:r><w:t>Cell.</w:t></w:r>"
    body = (
        f"{box * 40}{word('Inner box.')}{boxes * 40}<w:tbl>{row * 20}{rows * 20}</w:tbl>"
        f"<w:tbl>{cells}{'</w:p>' * 20}{'</w:tc>' * 20}</w:tr></w:tbl>{word('And this is the end of it all.')}"
    )

    words = " ".join(said("a.docx", docx(body)))

    assert [words.count(each) for each in ("Box.", "Inner box.", "Row.", "Cell.")] == [40, 1, 20, 1]


def test_a_document_of_more_text_than_a_book_of_thousands_of_pages_is_refused() -> None:
    body = word("These are words that nobody will ever read. " * 100_000) * 4

    with pytest.raises(NoTranscript, match="5,000 pages"):
        said("a.docx", docx(body))


def test_a_chapter_that_a_book_names_in_capitals_too_is_read_once() -> None:
    book = epub({"one": "<p>The wall stands, and nobody knows why it does.</p>"})
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    package = next(name for name in parts if name.endswith(".opf"))
    named = b"".join(b'<item id="x%d" href="%s"/>' % (at, name) for at, name in enumerate((b"ONE", b"One", b"oNe")))
    listed = b"".join(b'<itemref idref="x%d"/>' % at for at in range(3))
    written = bytes(parts[package])  # type: ignore[arg-type]
    parts[package] = written.replace(b"</manifest>", named + b"</manifest>").replace(b"</spine>", listed + b"</spine>")

    assert said("a.epub", zipped(parts)) == ["The wall stands, and nobody knows why it does."]


NESTED = "".join(f'; boundary="b{at}"\n\n--b{at}\nContent-Type: multipart/related' for at in range(30))


@pytest.mark.parametrize("head", [f"; a{';' * 20_000}", NESTED], ids=["long", "nested"])
def test_a_web_archive_with_endless_headers_or_parts_in_parts_is_refused(head: str) -> None:
    with pytest.raises(NoTranscript, match="broken web archive"):
        said("a.mhtml", f"MIME-Version: 1.0\nContent-Type: multipart/related{head}\n\n<p>Words.</p>\n")


def page(body: str) -> HtmlElement:
    root = tree(f"<html><body>{body}</body></html>".encode())
    assert root is not None
    return root


@pytest.mark.uncounted
def test_what_is_hidden_side_by_side_is_looked_for_in_its_parent_once() -> None:
    assert len(unseen(page(f"<div>{'<b hidden></b>' * 60_000}</div>"))) == 60_000


@pytest.mark.uncounted
def test_times_beside_names_are_looked_for_once() -> None:
    turns = (f"<p><b>{('Ann', 'Bob')[at % 2]}:</b><time>0:01</time> It is closed.</p>" for at in range(20_000))
    in_one = (f"<b>{('Ann', 'Bob')[at % 2]}:</b> It is closed.<br>" for at in range(20_000))

    for body in ("".join(turns), f"<p>{''.join(in_one)}</p>"):
        root = page(body)

        assert mark_turns(root)
        assert str(root.text_content()).count("It is closed.") == 20_000


@pytest.mark.uncounted
def test_the_columns_of_a_table_are_counted_once() -> None:
    row = f"<tr>{'<td>Ann Lee</td>' * 10_000}<td>{'word ' * 300_000}</td></tr>"

    assert not mark_turns(page(f"<table>{row * 3}</table>"))


@pytest.mark.uncounted
def test_times_in_a_row_remarks_and_white_space_are_looked_at_a_few_times() -> None:
    assert not mark_turns(page(f"<p>{'<b class=time>0:01</b>' * 40_000}</p>"))
    assert not may_mark_speakers(b"<p class=" + b" " * 30_000_000)
    assert person(f"Ann{' (b)' * 100_000}") is None
    assert person("Ann (guest) (left)") == "Ann"


@pytest.mark.uncounted
def test_a_heading_is_read_in_time_by_its_length() -> None:
    assert said("a.md", f"# a{' ' * 5_900}b\n\nHello.\n\n" * 1_500)[0] == "Hello."


def test_an_author_or_a_comment_without_an_end_ends_the_reading_of_a_feed() -> None:
    def feed(author: str) -> bytes:
        return f"<rss><channel><item><title>Talk</title><author>{author}</author></item></channel></rss>".encode()

    assert parse_feed(feed("a" * 3_000), "https://x.example/").episodes
    with pytest.raises(NoTranscript, match="without an end"):
        parse_feed(feed("a." * 20_000), "https://x.example/")
    with pytest.raises(NoTranscript, match="without an end"):
        parse_feed(feed(f"</author><description>{'&lt;!-- ' * 20_000}</description><author>"), "https://x.example/")
    words = "</author><description>Well! &lt;p&gt;Look! &lt;!-- at --&gt; this!</description><author>"
    assert parse_feed(feed(words * 5_000), "https://x.example/").episodes


def test_paragraphs_in_one_another_by_the_thousand_are_refused() -> None:
    paragraphs = "".join(f"<p>The wall of harbour {at} stands, as its council of {at} says.</p>" for at in range(1200))

    with pytest.raises(NoTranscript, match="inside of others"):
        said("a.html", f"<html><body><article><p><stro>{paragraphs}")
    assert said("a.html", f"<html><body><article>{paragraphs}")
