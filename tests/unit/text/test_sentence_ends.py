from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autointel.text.sentences import end_scores, sentence_breaks

WORDS = (
    "we have to go back to the council and ask for more money thank you very much the next item is the harbour".split()
)


def test_a_new_subject_after_thanks_is_the_likeliest_end() -> None:
    scores = end_scores(WORDS)

    assert WORDS[: scores.index(max(scores[:-1])) + 1][-3:] == ["you", "very", "much"]


def test_the_likeliest_division_has_sentences_of_bounded_length() -> None:
    assert sentence_breaks([-1.0, -1.0, 2.0, -1.0, -1.0, -1.0], fewest=2, most=5) == [2]
    assert sentence_breaks([-1.0] * 9, fewest=2, most=5) == [3]


@given(st.lists(st.floats(-5, 5), max_size=60))
def test_any_scores_have_a_division(scores: list[float]) -> None:
    breaks = sentence_breaks(scores, fewest=4, most=10)

    assert breaks == sorted(set(breaks))
    assert all(0 <= at < len(scores) - 1 for at in breaks)
