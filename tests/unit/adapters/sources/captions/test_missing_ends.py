"""XML whose elements lack their ends: each later one then stands inside those, and is read once all the same."""

from __future__ import annotations

from collections import Counter

import pytest

from autointel.adapters.sources.parse import parse
from autointel.errors import NoTranscript

WORDS = ["one of them", "the second part", "three more words", "four at last"]


def ttml(ends: list[str]) -> str:
    rows = "".join(f'<p begin="{n}s" end="{n + 1}s">{said}{end}' for n, (said, end) in enumerate(ends_of(ends, "</p>")))
    return f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{rows}</div></body></tt>'


def srv1(ends: list[str]) -> str:
    rows = "".join(f'<text start="{n}" dur="1">{said}{end}' for n, (said, end) in enumerate(ends_of(ends, "</text>")))
    return f"<transcript>{rows}</transcript>"


def srv3(ends: list[str]) -> str:
    rows = "".join(f'<p t="{n}000" d="900">{said}{end}' for n, (said, end) in enumerate(ends_of(ends, "</p>")))
    return f'<timedtext format="3"><body>{rows}</body></timedtext>'


def exmaralda(ends: list[str]) -> str:
    times = "".join(f'<tli id="T{n}" time="{n}.0"/>' for n in range(len(ends) + 1))
    rows = "".join(
        f'<event start="T{n}" end="T{n + 1}">{said}{end}' for n, (said, end) in enumerate(ends_of(ends, "</event>"))
    )
    return (
        f"<basic-transcription><head/><basic-body><common-timeline>{times}</common-timeline>"
        f'<tier id="A" type="t">{rows}</tier></basic-body></basic-transcription>'
    )


def elan(ends: list[str]) -> str:
    slots = "".join(f'<TIME_SLOT TIME_SLOT_ID="t{n}" TIME_VALUE="{n}000"/>' for n in range(len(ends) + 1))
    rows = "".join(
        f'<ALIGNABLE_ANNOTATION ANNOTATION_ID="a{n}" TIME_SLOT_REF1="t{n}" TIME_SLOT_REF2="t{n + 1}">{said}{end}'
        for n, (said, end) in enumerate(ends_of(ends, "</ALIGNABLE_ANNOTATION>"))
    )
    return (
        f"<ANNOTATION_DOCUMENT><TIME_ORDER>{slots}</TIME_ORDER>"
        f'<TIER TIER_ID="A" PARTICIPANT="Ann">{rows}</TIER></ANNOTATION_DOCUMENT>'
    )


def ends_of(ends: list[str], end: str) -> list[tuple[str, str]]:
    return [(f"{WORDS[n % len(WORDS)]} {n}.", end if given else "") for n, given in enumerate(ends)]


FORMATS = {"talk.ttml": ttml, "srv1.xml": srv1, "srv3.xml": srv3, "talk.exb": exmaralda, "talk.eaf": elan}


@pytest.mark.parametrize("name", FORMATS)
def test_what_stands_after_a_missing_end_is_read_once(name: str) -> None:
    sound = parse(FORMATS[name](["end"] * 12).encode(), name)
    broken = parse(FORMATS[name](["end", "", "end", "", *["end"] * 8]).encode(), name)

    assert Counter(" ".join(each.text for each in broken.segments).split()) == Counter(
        " ".join(each.text for each in sound.segments).split()
    )


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_which_many_ends_are_missing_is_refused(name: str) -> None:
    with pytest.raises(NoTranscript, match="ends of its elements are missing"):
        parse(FORMATS[name]([*[""] * 60, *["end"] * 200]).encode(), name)


def test_a_tier_inside_a_tier_is_refused_since_its_words_would_be_anothers() -> None:
    document = elan(["end"] * 3).replace('<TIER TIER_ID="A"', '<TIER TIER_ID="B" PARTICIPANT="Ben"><TIER TIER_ID="A"')

    with pytest.raises(NoTranscript, match="ends of its elements are missing"):
        parse(document.encode(), "talk.eaf")
