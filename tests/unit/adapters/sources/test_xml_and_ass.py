from __future__ import annotations

from pathlib import Path

import pytest

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript

TT = (
    '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"'
    ' xmlns:ttm="http://www.w3.org/ns/ttml#metadata" {}>{}</tt>'
)


def read(body: str, attributes: str = "", head: str = "") -> Parsed:
    parsed = parse(TT.format(attributes, f"{head}<body><div>{body}</div></body>").encode(), "a.ttml")
    assert parsed.kind is SourceKind.TTML
    return parsed


def times(body: str, attributes: str = "") -> list[tuple[float | None, float | None]]:
    return [(segment.start, segment.end) for segment in read(body, attributes).segments]


def test_ttml_paragraphs_are_read() -> None:
    parsed = read(
        '<p begin="0.76s" end="3.45s">It seems a\n paradox,<br/>does <span>it</span> not, Q&amp;A&nbsp;now</p>',
        'xml:lang="en"',
        "<head><metadata><ttm:title>Sample</ttm:title></metadata></head>",
    )

    segment = parsed.segments[0]
    assert (segment.start, segment.end, segment.text) == (0.76, 3.45, "It seems a paradox, does it not, Q&A now")
    assert (parsed.title, parsed.language) == ("Sample", "en")


@pytest.mark.parametrize("crowded", ["attributes", "span"])
def test_a_tag_of_a_hundred_thousand_attributes_is_refused(crowded: str) -> None:
    """All their values would take lxml minutes."""
    many = " ".join(f'a{number}="x"' for number in range(100_000))
    given = {"attributes": many} if crowded == "attributes" else {"body": f'<p begin="1s"><span {many}>so</span></p>'}

    with pytest.raises(NoTranscript, match="cannot be read"):
        read(**{"body": '<p begin="1s">so</p>', **given})


def test_a_paragraph_inside_a_paragraph_is_read_by_itself() -> None:
    parsed = read('<p begin="1s" end="2s">Outer <p begin="3s" end="4s">inner <span>words</span></p> ends.</p>')

    assert [segment.text for segment in parsed.segments] == ["Outer ends.", "inner words"]


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("00:00:01.5", "00:00:02", (1.5, 2.0)),
        ("00:00:01:12", "00:00:02:00", (1.48, 2.0)),
        ("1500ms", "2s", (1.5, 2.0)),
        ("25f", "50f", (1.0, 2.0)),
        ("10000000t", "20000000t", (1.0, 2.0)),
        ("0.01h", "1m", (36.0, 60.0)),
        ("1.25", "3:58.640", (1.25, 238.64)),
    ],
)
def test_ttml_times(begin: str, end: str, expected: tuple[float, float]) -> None:
    attributes = 'ttp:frameRate="25" ttp:tickRate="10000000"'

    assert times(f'<p begin="{begin}" end="{end}">x</p>', attributes) == [expected]


def test_a_frame_rate_may_be_a_fraction() -> None:
    attributes = 'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"'

    assert times('<p begin="30f" dur="30t">x</p>', attributes) == [(1.001, 2.002)]


def test_a_duration_gives_the_end() -> None:
    assert times('<p begin="1s" dur="2s">x</p><p dur="1s">no begin</p>') == [(1.0, 3.0)]


def test_times_count_from_the_parents_beginning() -> None:
    assert times('<div begin="10s"><p begin="1s" end="2s">x</p></div>') == [(11.0, 12.0)]


def test_apples_times_count_from_the_beginning() -> None:
    body = '<div begin="10s"><p begin="11s" end="12s">x</p></div>'

    assert times(body, 'xmlns:itunes="http://music.apple.com/lyric-ttml-internal"') == [(11.0, 12.0)]


def test_spans_give_the_times_that_a_paragraph_lacks() -> None:
    assert times('<p><span begin="1s" end="2s">a</span> <span begin="2s" end="3s">b</span></p>') == [(1.0, 3.0)]


def test_agents_are_speakers() -> None:
    agent = '<ttm:agent xml:id="v1"><ttm:name type="full">Ann</ttm:name></ttm:agent>'
    head = f"<head><metadata>{agent}<ttm:agent/></metadata></head>"
    parsed = read('<p ttm:agent="v1" begin="1s" end="2s">a</p><p ttm:agent="v2" begin="2s" end="3s">b</p>', head=head)

    assert [segment.speaker for segment in parsed.segments] == ["Ann", None]


def test_rolling_ttml_is_unrolled() -> None:
    body = "".join(f'<p begin="{i}s" end="{i + 1}s">line {i}<br/>line {i + 1}</p>' for i in range(4))

    assert read(body).automatic
    assert [segment.text for segment in read(body).segments] == ["line 0 line 1", "line 2", "line 3", "line 4"]


def test_no_entity_is_expanded_and_no_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("password")
    bomb = "".join(f'<!ENTITY b{i} "{f"&b{i - 1};" * 10}">' for i in range(1, 12))
    text = (
        '<?xml version="1.0" encoding="utf-16"?>'
        f'<!DOCTYPE tt [<!ENTITY b0 "ha">{bomb}<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        '<tt xmlns="http://www.w3.org/ns/ttml"><body><p begin="1s" end="2s">a &b11; &x; z</p></body></tt>'
    )

    said = parse(text.encode(), None).segments[0].text

    assert "password" not in said
    assert len(said) < 50
    assert said.startswith("a")


@pytest.mark.parametrize(
    "text", ["<tt>", "<tt", "<tt:tt xmlns:tt='x'><p>no times</p></tt:tt>", "<?xml version='1.0'?>\n<!-- <tt > -->"]
)
def test_broken_ttml_is_no_transcript(text: str) -> None:
    with pytest.raises(NoTranscript):
        parse(text.encode(), "a.ttml")


def test_other_markup_is_text() -> None:
    assert parse(b"<3 is what I said to you.", None).kind is SourceKind.TEXT


def test_a_web_page_without_an_article_is_no_transcript() -> None:
    with pytest.raises(NoTranscript, match="no article text"):
        parse(b"<!DOCTYPE html><html><body>Hi</body></html>", "a.html")


ASS = """[Script Info]
Title: {title}
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not said
Dialogue: 0,0:00:01.00,0:00:02.50,Default,Ann,0,0,0,,{{\\i1}}Hello{{\\i0}},\\Nyou
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{{\\p1}}m 0 0 l 1 1{{\\p0}}
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,Bye, all
"""


@pytest.mark.parametrize(("title", "expected"), [("Talk", "Talk"), ("Default Aegisub file", None), ("", None)])
def test_ass_dialogue_is_read(title: str, expected: str | None) -> None:
    parsed = parse(ASS.format(title=title).encode("utf-8-sig"), None)

    assert (parsed.kind, parsed.title) == (SourceKind.ASS, expected)
    assert [(segment.start, segment.end, segment.speaker, segment.text) for segment in parsed.segments] == [
        (1.0, 2.5, "Ann", "Hello, you"),
        (5.0, 6.0, None, "Bye, all"),
    ]


def test_rolling_ass_is_unrolled() -> None:
    lines = "".join(
        f"Dialogue: 0,0:00:0{i}.00,0:00:0{i + 1}.00,Default,,0,0,0,,line {i}\\Nline {i + 1}\n" for i in range(4)
    )
    parsed = parse((ASS.format(title="T").split("Comment")[0] + lines).encode(), None)

    assert parsed.automatic
    assert len(parsed.segments) == 4


@pytest.mark.uncounted
@pytest.mark.parametrize("piece", ["{", "{\\p1", "\\p1", "{\\k1}a", "}{", "\\N{"])
def test_a_line_of_override_signs_takes_time_linear_in_its_length(piece: str) -> None:
    """A quadratic search takes hours for this line, and pytest ends it."""
    line = f"Dialogue: 0,0:00:07.00,0:00:08.00,Default,,0,0,0,,{{{piece * 300_000}\n"

    parsed = parse((ASS.format(title="T") + line).encode(), None)

    assert parsed.segments[0].text == "Hello, you"


def test_broken_ass_is_no_transcript() -> None:
    with pytest.raises(NoTranscript, match="broken"):
        parse(b"[Script Info]\n\n[Events]\nFormat: Start\nDialogue: 0,1\n", None)


def test_containers_in_sequence_follow_one_another() -> None:
    body = '<div timeContainer="seq"><p dur="3s"/><p dur="4s">One.</p><p begin="1s" dur="2s">Two.</p></div>'

    assert times(body) == [(3.0, 7.0), (8.0, 10.0)]


def test_spans_that_are_phrases_have_their_own_times() -> None:
    body = (
        '<p begin="3s" end="12s"><span begin="0s" end="4s">The board voted.</span> '
        '<span begin="5s" end="8s">Nobody has denied it.</span></p>'
    )

    assert times(body) == [(3.0, 7.0), (8.0, 11.0)]


def test_spans_of_a_word_each_are_one_paragraph() -> None:
    body = '<p begin="3s" end="12s"><span begin="0s">The</span> <span begin="1s">board</span></p>'

    assert [segment.text for segment in read(body).segments] == ["The board"]


def test_a_time_code_with_dropped_frames_is_read() -> None:
    body = '<p begin="00:00:03;15" end="00:00:07;00">One.</p>'
    attributes = 'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:dropMode="dropNTSC"'

    assert times(body, attributes) == [(3.5, 7.0)]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
@pytest.mark.parametrize(
    "body",
    [
        '<transcript><text start="1" dur="3">{}</text></transcript>',
        (
            '<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="1000"/>'
            '<TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="4000"/></TIME_ORDER><TIER TIER_ID="Ada"><ANNOTATION>'
            '<ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a" TIME_SLOT_REF2="b"><ANNOTATION_VALUE>{}</ANNOTATION_VALUE>'
            "</ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"
        ),
        '<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="4s">{}</p></div></body></tt>',
    ],
    ids=["YouTube", "ELAN", "TTML"],
)
def test_words_come_as_they_are_whatever_encoding_the_xml_declares(body: str, encoding: str) -> None:
    words = "Die Brücke ist wegen Überflutung gesperrt."
    document = f'<?xml version="1.0" encoding="{encoding}"?>{body.format(words)}'

    assert [segment.text for segment in parse(document.encode(encoding), "a.xml").segments] == [words]


def test_an_agent_that_no_head_declares_is_told_apart_by_its_id() -> None:
    parsed = read(
        '<p ttm:agent="SPEAKER_1" begin="1s" end="2s">a</p><p ttm:agent="SPEAKER_2" begin="2s" end="3s">b</p>'
    )

    assert [segment.speaker for segment in parsed.segments] == ["SPEAKER_1", "SPEAKER_2"]


def test_how_a_word_is_read_is_not_said_again() -> None:
    ruby = '<span tts:ruby="base">東京</span><span tts:ruby="text">とうきょう</span>'
    parsed = read(f'<p begin="5s" end="8s"><span tts:ruby="container">{ruby}</span>へ行きます。</p>')

    assert [segment.text for segment in parsed.segments] == ["東京へ行きます。"]
