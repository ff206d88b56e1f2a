"""A quote is found where it was said, and never with another number in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.domain.citation import QuoteFinder, Script
from autointel.domain.source import Source, SourceKind
from autointel.domain.transcript import Segment, Transcript

SOURCE = Source(id="s", kind=SourceKind.VTT, path="talk.vtt", title="A talk")
WORDS = (
    "Well, nobody at this table thinks fares cover it.",
    "The gap is eleven million, and it isn't going away.",
    "Ridership rose 14.5 percent in 2013, I don't think",
    "anyone disputes that any more.",
)


def finder(*texts: str) -> QuoteFinder:
    segments = tuple(Segment(text=text, start=10.0 * i, end=10.0 * i + 8) for i, text in enumerate(texts))
    return QuoteFinder(Script.of(SOURCE, Transcript(segments=segments)))


def test_a_verbatim_quote_is_cited_with_its_second() -> None:
    citation = finder(*WORDS).find("The gap is eleven million")

    assert citation is not None
    assert (citation.quote, citation.start, citation.end) == ("The gap is eleven million", 10.0, 18.0)


def test_a_quote_over_two_segments_runs_from_the_first_to_the_second() -> None:
    citation = finder(*WORDS).find("I don't think anyone disputes that")

    assert citation is not None
    assert (citation.start, citation.end) == (20.0, 38.0)


@pytest.mark.parametrize(
    "nearly",
    [
        "nobody at this table thinks, fares cover it",
        "NOBODY AT THIS TABLE THINKS FARES COVER IT!",
        "nobody at  this\ntable thinks fares cover it",
        "nobody at this table thinks fairs cover it",
    ],
)
def test_case_punctuation_and_a_misheard_word_are_tolerated_and_the_transcripts_own_words_are_cited(
    nearly: str,
) -> None:
    citation = finder(*WORDS).find(nearly)

    assert citation is not None
    assert citation.quote.rstrip(".") == "nobody at this table thinks fares cover it"


@pytest.mark.parametrize(
    "wrong",
    [
        "The gap is twelve million, and it isn't going away.",
        "Ridership rose 15.5 percent in 2013, I don't think",
        "Ridership rose 14.5 percent in 2014, I don't think",
        "The gap is eleven million, and it is going away.",
        "Ridership rose 14.5 percent in 2013, I do think anyone disputes that any more",
    ],
)
def test_another_number_or_a_lost_negation_is_never_tolerated(wrong: str) -> None:
    assert finder(*WORDS).find(wrong) is None


@pytest.mark.parametrize("invented", ["The mayor resigned on Tuesday over the affair.", "million gap", "", "   ", "…"])
def test_words_that_were_not_said_are_not_found(invented: str) -> None:
    assert finder(*WORDS).find(invented) is None


def test_the_first_of_equal_places_is_cited() -> None:
    citation = finder("We pay for it.", "Later on.", "We pay for it.").find("We pay for it.")

    assert citation is not None
    assert citation.start == 0.0


def test_many_common_words_do_not_make_a_place_likely() -> None:
    found = finder(*["the and of to in it is"] * 200).find("the cat of my uncle sat in it and is gone")

    assert found is None


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=8), st.data())
def test_whatever_stands_in_the_script_is_found_verbatim(texts: list[str], data: st.DataObject) -> None:
    quotes = finder(*texts)
    start = data.draw(st.integers(0, len(quotes.script.text) - 1))
    end = data.draw(st.integers(start + 1, len(quotes.script.text)))
    wanted = " ".join(quotes.script.text[start:end].split())

    citation = quotes.find(wanted)

    assert (citation is None) == (wanted == "")
    assert citation is None or citation.quote == wanted


@given(st.text(), st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_whatever_is_cited_stands_in_the_script(quote: str, texts: list[str]) -> None:
    quotes = finder(*texts)

    citation = quotes.find(quote)

    assert citation is None or citation.quote in quotes.script.text
