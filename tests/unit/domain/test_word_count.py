"""Length in words, whatever the script."""

from __future__ import annotations

import pytest

from autointel.domain.transcript import word_count


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("The harbour board voted last night.", 6, 6),
        ("Der Ausschuss tagte gestern Abend.", 5, 5),
        ("港口委员会昨晚投票了。", 4, 7),
        ("港湾委員会は昨夜、投票しました。", 5, 9),
        ("คณะกรรมการท่าเรือลงมติเมื่อคืนนี้", 5, 9),
        ("समिति ने कल रात मतदान किया।", 6, 6),
        ("The board 港口委员会 voted", 5, 6),
        ("", 0, 0),
        (" \n ", 0, 0),
    ],
)
def test_a_sentence_has_about_as_many_words_in_any_script(text: str, least: int, most: int) -> None:
    assert least <= word_count(text) <= most
