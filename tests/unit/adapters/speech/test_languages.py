from __future__ import annotations

import pytest

from autointel.adapters.speech.openai_compatible import code_of


@pytest.mark.parametrize(
    ("name", "code"),
    [("english", "en"), ("German ", "de"), ("fr", "fr"), ("yue", "yue"), ("klingon", None), ("", None), (None, None)],
)
def test_a_language_has_one_code(name: str | None, code: str | None) -> None:
    assert code_of(name) == code
