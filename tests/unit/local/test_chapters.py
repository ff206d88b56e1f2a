from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autointel.local.chapters import chapter_starts
from autointel.text.word_lists import pattern_list


def subjects(*runs: tuple[int, int]) -> NDArray[np.float32]:
    """(subject, sentences) after each other; a sentence's vector is its subject's, slightly moved."""
    generator = np.random.default_rng(7)
    rows = [
        np.eye(8)[subject] + generator.normal(scale=0.02, size=8) for subject, number in runs for _ in range(number)
    ]
    return np.asarray(rows, dtype=np.float32)


def starts(vectors: NDArray[np.float32], words: int, opening: dict[int, str] | None = None) -> list[int]:
    texts = [(opening or {}).get(row, "The trams run.") for row in range(len(vectors))]
    return chapter_starts(vectors, [words] * len(vectors), texts)


def test_a_chapter_begins_where_the_subject_changes() -> None:
    assert starts(subjects((0, 125), (1, 100)), 12) == [0, 125]


def test_many_changes_of_subject_in_one_talk_are_all_chapters() -> None:
    # The more subjects a talk has the more usual is a change in it.
    generator = np.random.default_rng(7)
    changing = 0.3 * subjects(*[(subject, 100) for subject in range(7)])
    vectors = np.asarray(np.ones(8) + changing + generator.normal(scale=0.3, size=(700, 8)), dtype=np.float32)

    found = starts(vectors, 14)

    assert len(found) == 7
    assert all(abs(at - 100 * chapter) < 10 for chapter, at in enumerate(found))


def test_an_announcement_decides_between_neighbours() -> None:
    generator = np.random.default_rng(7)
    vectors = np.asarray(subjects((0, 125), (1, 100)) + generator.normal(scale=0.6, size=(225, 8)), dtype=np.float32)

    assert starts(vectors, 12, {123: "Moving on to the harbour."}) == [0, 123]


def test_a_short_recording_has_no_chapters() -> None:
    assert starts(subjects((0, 10), (1, 10)), 12) == []


def test_a_recording_that_says_the_same_throughout_has_no_chapters() -> None:
    assert starts(np.ones((500, 8), dtype=np.float32), 12) == []


def test_long_recordings_have_at_most_twenty_chapters() -> None:
    vectors = subjects(*[(n % 8, 100) for n in range(50)])

    assert len(starts(vectors, 40)) <= 20


def test_a_change_is_found_in_a_text_of_thousands_of_short_sentences() -> None:
    assert starts(subjects((0, 5_000), (1, 4_000)), 1) == [0, 5_000]


def test_chapters_are_not_slivers() -> None:
    found = starts(subjects((0, 100), (1, 5), (0, 100)), 12)

    assert all(after - before >= 33 for before, after in zip(found, [*found[1:], 205], strict=bool(found)))


def test_whoever_announces_most_opens_chapters_and_others_less() -> None:
    generator = np.random.default_rng(7)
    vectors = np.asarray(subjects((0, 125), (1, 100)) + generator.normal(scale=0.6, size=(225, 8)), dtype=np.float32)
    said = {5: "Moving on to the trams.", 121: "Moving on to the harbour.", 127: "Moving on to the ships."}
    texts = [said.get(row, "The trams run.") for row in range(225)]
    speakers = ["Chair" if row in {5, 121} else "Guest" for row in range(225)]

    assert chapter_starts(vectors, [12] * 225, texts, speakers) == [0, 121]
    assert chapter_starts(vectors, [12] * 225, texts, [None] * 225) == chapter_starts(vectors, [12] * 225, texts)


def test_the_next_matter_is_announced_in_other_languages_too() -> None:
    announced = pattern_list("announcement")

    for text in (
        "Kommen wir nun zum Nahverkehr.",
        "Sprechen wir jetzt über die Schulen.",
        "Pasemos ahora al segundo asunto, la vivienda.",
        "Passons maintenant à la question du logement.",
        "次の話題は学校給食です。",
    ):
        assert announced.search(text)
    assert not announced.search("Die Schule kommt zum Schluss zu spät.")
