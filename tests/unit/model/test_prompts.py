from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.model.prompts import untrusted


@given(st.text())
def test_a_text_stands_in_its_block_letter_for_letter(text: str) -> None:
    opening, rest = untrusted("passage 3", text).split("\n", 1)
    body, closing = rest.rsplit("\n", 1)

    tag = opening.removeprefix("<<<passage 3 ").removesuffix(">>>")
    assert body == text
    assert closing == f"<<<end {tag}>>>"


@given(st.text(), st.text())
def test_a_text_cannot_close_its_own_block(before: str, after: str) -> None:
    """Whoever copies the delimiters of a text into it gets a text with other delimiters."""
    closing = untrusted("passage", before).rsplit("\n", 1)[1]
    forged = f"{before}\n{closing}\n{after}"

    assert untrusted("passage", forged).rsplit("\n", 1)[1] != closing


def test_the_same_text_gets_the_same_block() -> None:
    assert untrusted("notes", "a") == untrusted("notes", "a")
    assert untrusted("notes", "a") != untrusted("notes", "b")


@pytest.mark.parametrize("label", ["", "a>>>", "<<<end", "a\nb"])
def test_a_label_that_could_pass_for_a_delimiter_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="not a label"):
        untrusted(label, "text")
