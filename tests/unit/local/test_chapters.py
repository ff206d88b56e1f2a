from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autointel.local.chapters import chapter_starts


def subjects(*runs: tuple[int, int]) -> NDArray[np.float32]:
    """(subject, sentences) after each other; a sentence's vector is its subject's, slightly moved."""
    generator = np.random.default_rng(7)
    rows = [
        np.eye(8)[subject] + generator.normal(scale=0.02, size=8) for subject, number in runs for _ in range(number)
    ]
    return np.asarray(rows, dtype=np.float32)


def test_chapters_begin_where_the_subject_changes() -> None:
    # 12 words a sentence: blocks of five sentences, 2,700 words, three chapters.
    starts = chapter_starts(subjects((0, 75), (1, 100), (2, 50)), [12] * 225)

    assert starts == [0, 75, 175]


def test_a_short_recording_has_no_chapters() -> None:
    assert chapter_starts(subjects((0, 10), (1, 10)), [12] * 20) == []


def test_a_recording_that_says_the_same_throughout_has_no_chapters() -> None:
    assert chapter_starts(np.ones((500, 8), dtype=np.float32), [12] * 500) == []


def test_the_number_of_chapters_grows_with_length_up_to_twenty() -> None:
    vectors = subjects(*[(n % 8, 100) for n in range(50)])

    assert len(chapter_starts(vectors[:450], [12] * 450)) == 6
    assert len(chapter_starts(vectors, [40] * 5_000)) == 20


def test_few_long_sentences_make_few_chapters() -> None:
    assert chapter_starts(subjects((0, 1), (1, 1)), [2_000, 2_000]) == [0, 1]


def test_chapters_are_not_slivers() -> None:
    starts = chapter_starts(subjects((0, 100), (1, 5), (0, 100)), [12] * 205)

    assert all(after - before >= 20 for before, after in zip(starts, [*starts[1:], 205], strict=True))
