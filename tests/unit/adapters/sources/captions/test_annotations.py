"""Transcriptions of research tools: who says what, and when, whatever level stands beside it."""

from __future__ import annotations

import contextlib

import pytest

from autointel.adapters.sources.parse import parse
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript

Said = list[tuple[str | None, float | None, str]]

_TALK: Said = [
    ("Marta", 1.0, "The board voted last night."),
    ("Pavel", 4.0, "How did they vote?"),
    ("Marta", 6.5, "The quay closes in March."),
]
_ELAN = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT FORMAT="3.0"><TIME_ORDER>
<TIME_SLOT TIME_SLOT_ID="t1" TIME_VALUE="1000"/><TIME_SLOT TIME_SLOT_ID="t2" TIME_VALUE="3500"/>
<TIME_SLOT TIME_SLOT_ID="t3" TIME_VALUE="4000"/><TIME_SLOT TIME_SLOT_ID="t4" TIME_VALUE="6000"/>
<TIME_SLOT TIME_SLOT_ID="t5" TIME_VALUE="6500"/><TIME_SLOT TIME_SLOT_ID="t6" TIME_VALUE="9000"/></TIME_ORDER>
<TIER TIER_ID="M" PARTICIPANT="Marta">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2">
<ANNOTATION_VALUE>The board voted last night.</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="t5" TIME_SLOT_REF2="t6">
<ANNOTATION_VALUE>The quay closes in March.</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="M-gloss" PARENT_REF="M"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a4" ANNOTATION_REF="a1">
<ANNOTATION_VALUE>DET board vote.PST last night</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="Pavel"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a3" TIME_SLOT_REF1="t3" TIME_SLOT_REF2="t4">
<ANNOTATION_VALUE>How did they vote?</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
</ANNOTATION_DOCUMENT>"""
_TRANSCRIBER = """<?xml version="1.0"?><!DOCTYPE Trans SYSTEM "trans-14.dtd"><Trans version="1"><Speakers>
<Speaker id="s1" name="Marta"/><Speaker id="s2" name="Pavel"/></Speakers><Episode><Section>
<Turn speaker="s1" startTime="1.0" endTime="4.0"><Sync time="1.0"/>The board voted last night.</Turn>
<Turn speaker="s2" startTime="4.0" endTime="6.5"><Sync time="4.0"/>How did they vote?</Turn>
<Turn speaker="s1" startTime="6.5" endTime="9.0"><Sync time="6.5"/>The quay closes<Event desc="r"/> in March.</Turn>
</Section></Episode></Trans>"""
_EXMARALDA = """<?xml version="1.0"?><basic-transcription><head><speakertable>
<speaker id="S1"><abbreviation>Marta</abbreviation></speaker><speaker id="S2"><abbreviation>Pavel</abbreviation>
</speaker></speakertable></head><basic-body><common-timeline><tli id="T0" time="1.0"/><tli id="T1" time="3.5"/>
<tli id="T2" time="4.0"/><tli id="T3" time="6.0"/><tli id="T4" time="6.5"/><tli id="T5" time="9.0"/></common-timeline>
<tier speaker="S1" category="v" type="t"><event start="T0" end="T1">The board voted last night.</event>
<event start="T4" end="T5">The quay closes in March.</event></tier>
<tier speaker="S1" category="en" type="a"><event start="T0" end="T1">a translation</event></tier>
<tier speaker="S2" category="v" type="t"><event start="T2" end="T3">How did they vote?</event></tier>
</basic-body></basic-transcription>"""
_GRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 9.5
tiers? <exists>
size = 3
item []:
    item [1]:
        class = "IntervalTier"
        name = "Marta"
        xmin = 0
        xmax = 9.5
        intervals: size = 3
        intervals [1]:
            xmin = 1
            xmax = 3.5
            text = "The board voted last night."
        intervals [2]:
            xmin = 3.5
            xmax = 6.5
            text = ""
        intervals [3]:
            xmin = 6.5
            xmax = 9.5
            text = "The quay closes in March."
    item [2]:
        class = "IntervalTier"
        name = "Pavel"
        xmin = 0
        xmax = 9.5
        intervals: size = 1
        intervals [1]:
            xmin = 4
            xmax = 6
            text = "How did they vote?"
    item [3]:
        class = "TextTier"
        name = "events"
        xmin = 0
        xmax = 9.5
        points: size = 1
        points [1]:
            number = 2
            mark = "a bell"
"""
_CHAT = (
    "@UTF8\n@Begin\n@Languages:\teng\n@Participants:\tMAR Marta Adult, PAV Pavel Adult\n"
    "*MAR:\tThe board [/] voted last night. \x151000_3500\x15\n%mor:\tdet|the n|board\n"
    "*PAV:\tHow did they\n\tvote? \x154000_6000\x15\n*MAR:\t&-uh The quay closes in March. \x156500_9000\x15\n@End\n"
)
_STM = (
    ";; a comment\ntalk 1 Marta 1.00 3.50 <o,f0,female> The board voted last night.\n"
    "talk 1 Pavel 4.00 6.00 <o,f0,male> How did they vote?\n"
    "talk 1 Marta 6.50 9.00 <o,f0,female> The quay closes in March.\n"
    "talk 1 inter_segment_gap 9.00 9.40 <o,,unknown> ignore_time_segment_in_scoring\n"
)


def _said(text: str, name: str) -> Said:
    return [(segment.speaker, segment.start, segment.text) for segment in parse(text.encode(), name).segments]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.eaf", _ELAN),
        ("a.trs", _TRANSCRIBER),
        ("a.exb", _EXMARALDA),
        ("a.TextGrid", _GRID),
        ("a.stm", _STM),
    ],
)
def test_each_stretch_has_its_speaker_and_second(name: str, text: str) -> None:
    assert _said(text, name) == _TALK
    assert parse(text.encode(), name).kind is SourceKind.ANNOTATION


def test_chat_names_its_participants_and_leaves_its_codes_out() -> None:
    assert _said(_CHAT, "a.cha") == [*_TALK[:2], ("Marta", 6.5, "uh The quay closes in March.")]
    assert parse(_CHAT.encode(), "a.cha").language == "en"


def test_chat_without_bullets_is_untimed() -> None:
    text = "@Begin\n@Participants:\tMOT Mother, CHI Ruth Target_Child\n*MOT:\twhere is it ?\n*CHI:\tship gone .\n@End\n"

    assert _said(text, "a.cha") == [("Mother", None, "where is it?"), ("Ruth", None, "ship gone.")]


def test_a_short_textgrid_of_words_and_phones_gives_sentences_of_nobody() -> None:
    words, phones = ("the", "board", "voted."), ("D", "O", "V")
    tiers = "".join(
        f'"IntervalTier"\n"{name}"\n0\n3\n3\n' + "".join(f'{n}\n{n + 1}\n"{each}"\n' for n, each in enumerate(labels))
        for name, labels in (("phones", phones), ("words", words))
    )

    text = f'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n3\n<exists>\n2\n{tiers}'

    assert _said(text, "a.TextGrid") == [(None, 0.0, "the board voted.")]


def test_words_with_times_are_gathered() -> None:
    words = "The board voted last night.".split()
    text = "".join(f"talk 1 {1 + n * 0.4:.2f} 0.30 {word} 0.98\n" for n, word in enumerate(words))

    assert _said(text, "a.ctm") == [(None, 1.0, "The board voted last night.")]


@pytest.mark.parametrize(
    "text", ["<ANNOTATION_DOCUMENT", 'File type = "ooTextFile"\n"IntervalTier"\n', "@Begin\n@End\n"]
)
def test_what_breaks_off_holds_no_words(text: str) -> None:
    with pytest.raises(NoTranscript):
        parse(text.encode(), "a.eaf")


@pytest.mark.parametrize("count", ["-3", "1e999", "7"])
def test_a_textgrid_with_a_broken_count_is_read_as_far_as_it_goes(count: str) -> None:
    text = f'File type = "ooTextFile"\n"IntervalTier" "x" 0 1 {count} 1 2 "It closes." 2'
    with contextlib.suppress(NoTranscript):
        assert _said(text, "a.TextGrid") == [("x", 1.0, "It closes.")]


def test_how_an_aligner_writes_a_pause_is_not_said() -> None:
    ctm = "a 1 0.5 0.3 we 0.9\na 1 0.8 0.4 <eps> 1.0\na 1 1.2 0.4 waited 0.9\n"

    assert [segment.text for segment in parse(ctm.encode(), "a.ctm").segments] == ["we waited"]
    grid = _GRID.replace("How did they vote?", "<sil>")
    assert "<sil>" not in " ".join(segment.text for segment in parse(grid.encode(), "a.TextGrid").segments)
