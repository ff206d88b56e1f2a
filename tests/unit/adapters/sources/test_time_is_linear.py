"""Files that a reader which looks twice at what it has read would take minutes, hours or for ever to read.

Each says what is read of it, and nothing of the time: pytest ends a test that does not end.
"""

from __future__ import annotations

import pytest

from autointel.adapters.sources.captions.repeats import unroll
from autointel.adapters.sources.draft import Cue
from autointel.adapters.sources.parse import parse
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
