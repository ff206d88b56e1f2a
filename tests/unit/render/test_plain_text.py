from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.render.plain_text import plain, shortened, within_marks

hostile = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x9b\x07\x9d\u202e\u2066\u200b\ufeff\u2028\r\n\t[]0;m\\"),
        st.sampled_from("\U000e0041\u061c\x00\x7f"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b2Jcleared", "cleared"),
        ("\x1b]0;your shell\x07title", "title"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;cm0gLXJm\x07copied", "copied"),
        ("\x1bPq#0;2;0\x1b\\sixel", "sixel"),
        ("\x1b(0graphics", "graphics"),
        ("\x1bcreset", "reset"),
        ("two\r\nlines\x0band\u2028more\ttabs", "two lines and more tabs"),
        ("price\u202e gnp.exe", "price gnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("tag\U000e0041\U000e007fs", "tags"),
        ("back\x08\x08space", "backspace"),
        ("family 👩‍👩‍👧 and naïve", "family 👩‍👩‍👧 and naïve"),
    ],
)
def test_what_steers_a_terminal_or_reorders_a_line_is_gone(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_an_unfinished_sequence_does_not_swallow_what_follows() -> None:
    assert plain("\x1b]0;the words after it stay") == "0;the words after it stay"


@given(hostile)
def test_the_result_is_one_printable_line_and_stays_as_it_is(text: str) -> None:
    line = plain(text)

    assert not [found for found in line if unicodedata.category(found) in {"Cc", "Cs", "Zl", "Zp"}]
    assert line == " ".join(line.split())
    assert plain(line) == line


def test_a_short_text_is_left_alone() -> None:
    assert shortened("ten or so", 9) == "ten or so"


def test_a_long_text_is_cut_between_words() -> None:
    assert shortened("the cost of free transit", 18) == "the cost of free…"


def test_a_long_word_is_cut_in_the_middle() -> None:
    assert shortened("a " + "x" * 50, 20) == "a " + "x" * 17 + "…"


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ('"We lost," he said.', "'We lost,' he said."),
        ("“We lost,” he said.", "‘We lost,’ he said."),
        ("„Verloren“, sagte er.", "‚Verloren‘, sagte er."),
        ('It opened "in 1998" and closed."', "It opened 'in 1998' and closed.'"),
        ('He is 5\'10" and says "no".', "He is 5'10\" and says 'no'."),
        ("«Nous» and don't stay.", "«Nous» and don't stay."),
    ],
)
def test_a_quote_s_own_marks_are_single_between_double_ones(quote: str, shown: str) -> None:
    assert within_marks(quote) == shown


@given(st.text(max_size=80), st.integers(1, 60))
def test_what_is_cut_fits(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit
