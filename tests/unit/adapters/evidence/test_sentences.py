from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.adapters.evidence.paged import best_spans
from autointel.text.sentences import page_sentences

COAL = (
    "The station was built in 1967. It burned coal from the valley until 2012.\n"
    "Dr. Ames, who ran it, said that emissions of sulphur had fallen by 40 percent. Nobody measured soot.\n"
    "Visitors like the café."
)


def quotes(pages: list[str], query: str, limit: int = 5, per_page: int = 2) -> list[str]:
    return [pages[span.page][span.start : span.end] for span in best_spans(pages, query, limit, per_page=per_page)]


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in page_sentences(text)]


def test_the_sentence_that_bears_on_the_question_comes_first() -> None:
    assert quotes([COAL], "Did sulphur emissions fall by 40 percent?")[0] == (
        "Dr. Ames, who ran it, said that emissions of sulphur had fallen by 40 percent."
    )


def test_words_are_matched_by_their_stems_and_without_accents() -> None:
    assert quotes([COAL], "visitor cafe") == ["Visitors like the café."]


def test_one_shared_word_of_many_is_not_enough() -> None:
    assert quotes([COAL], "percent of unemployment among graduates") == []


def test_a_single_word_finds_its_sentence() -> None:
    assert quotes([COAL], "soot") == ["Nobody measured soot."]


def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    assert quotes([COAL], "burned coal") == [
        "The station was built in 1967. It burned coal from the valley until 2012.",
    ]


def test_a_leaning_first_sentence_stands_alone() -> None:
    assert quotes(["It burned coal."], "burned coal") == ["It burned coal."]


def test_no_page_crowds_out_the_others() -> None:
    long, short = "Coal burned here. " * 30, "They say coal burned there."

    chosen = best_spans([long, short], "coal burned", 5)

    assert sorted(span.page for span in chosen) == [0, 0, 1]


def test_a_limit_is_kept() -> None:
    assert len(quotes(["Coal burned. " * 9, "Coal burned. " * 9], "coal burned", limit=3)) == 3


@pytest.mark.parametrize("query", ["", "   ", "?!", '"', "'; DROP TABLE sentence; --", "NEAR(", "*", "a OR", "col:um"])
def test_no_query_breaks_the_search(query: str) -> None:
    assert isinstance(quotes([COAL], query), list)


def test_a_query_of_stop_words_alone_is_taken_at_its_word() -> None:
    assert quotes(["To be, or not to be."], "to be or not") == ["To be, or not to be."]


def test_scripts_without_spaces_are_searched_too() -> None:
    page = "工場は一九六七年に建てられた。排出量は四割減った。"

    assert quotes([page], "排出量は減ったのか") == ["排出量は四割減った。"]


@given(st.text(max_size=400), st.text(max_size=40))
def test_spans_are_in_order_lose_no_word_and_are_verbatim(text: str, query: str) -> None:
    spans = list(page_sentences(text))

    assert all(start < end for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert "".join("".join(split(text)).split()) == "".join(text.split())
    for span in best_spans([text], query, 3):
        assert text[span.start : span.end].strip()
