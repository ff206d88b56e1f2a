from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.model.prompts import MESSAGE, estimate_messages, estimate_tokens


# Counts of o200k_base where a tokenizer's authors publish them, and bounds that follow from how byte pairs work.
@pytest.mark.parametrize(
    ("text", "at_least"),
    [
        ("", 0),
        ("antidisestablishmentarianism", 6),  # OpenAI cookbook, "How to count tokens with tiktoken"
        ("2 + 2 = 4", 7),  # same
        ("お誕生日おめでとう", 8),  # same: 9 under cl100k_base, 8 under o200k_base
        ("123456789012", 4),  # three digits a token
        ("xkcdqzrtpw", 5),
    ],
)
def test_known_counts_are_not_undercut(text: str, at_least: int) -> None:
    assert estimate_tokens(text) >= at_least


def test_english_prose_is_not_overestimated_beyond_use() -> None:
    prose = "The council voted last night to make every bus in the city free, and nobody asked who would pay for it. "

    # 23 tokens; white space and all.
    assert 23 <= estimate_tokens(prose) <= 23 * 1.5


@given(st.text())
def test_an_estimate_never_exceeds_what_bytes_allow(text: str) -> None:
    assert 0 <= estimate_tokens(text) <= len(text.encode())


@given(st.text(), st.text())
def test_two_texts_are_estimated_about_as_their_sum(one: str, other: str) -> None:
    """A passage packed from parts may not turn out larger than its parts: a space is all that may change."""
    assert estimate_tokens(f"{one} {other}") <= estimate_tokens(one) + estimate_tokens(other) + 1


def test_camel_case_and_words_without_vowels_count_more() -> None:
    assert estimate_tokens("parseHttpRequest") > estimate_tokens("parsehttpreque")
    assert estimate_tokens("zxcvbnmkjh") > estimate_tokens("understood")


def test_a_message_costs_a_little_beside_its_text() -> None:
    assert estimate_messages(["word", "word"]) == 2 * (1 + MESSAGE) + MESSAGE


@given(st.text(alphabet="ab 1\n"))
def test_no_piece_of_a_text_is_passed_over(text: str) -> None:
    pieces = len(text.split())

    assert estimate_tokens(text) >= pieces
