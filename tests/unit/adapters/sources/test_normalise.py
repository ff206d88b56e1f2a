from __future__ import annotations

from itertools import pairwise

import pytest

from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean
from autointel.adapters.sources.normalise import segments_of
from autointel.adapters.sources.parse import parse
from autointel.domain.transcript import SourceKind


def draft(*cues: tuple[int | None, int | None, str]) -> Draft:
    return Draft(SourceKind.SRT, [Cue(start, end, [text], speaker="Ann") for start, end, text in cues])


def times(found: Draft) -> list[tuple[float | None, float | None]]:
    return [(segment.start, segment.end) for segment in segments_of(found)[0]]


def test_cues_out_of_order_are_sorted_with_a_warning() -> None:
    found = draft((2000, 3000, "b"), (1000, 2000, "a"), (500, 700, "c"))

    assert times(found) == [(0.5, 0.7), (1.0, 2.0), (2.0, 3.0)]
    assert found.warnings == ["Cues were out of order and were sorted by their start; steps back: 2."]


def test_overlapping_cues_stay_as_they_are() -> None:
    found = draft((0, 5000, "a"), (1000, 2000, "b"), (1000, 2000, "c"))

    assert times(found) == [(0.0, 5.0), (1.0, 2.0), (1.0, 2.0)]
    assert found.warnings == []


def test_an_end_before_the_start_is_mended_but_not_past_the_next_cue() -> None:
    found = draft((1000, 500, "one two"), (1400, 1300, "three"), (9000, 9000, "four"))

    assert times(found) == [(1.0, 1.4), (1.4, 2.4), (9.0, 9.0)]
    assert found.warnings == ["Cues that ended before they started, and whose end was mended: 2."]


def test_a_missing_end_is_the_next_start_that_differs() -> None:
    found = draft((1000, None, "a"), (1000, None, "b"), (3000, None, "c"))

    assert times(found) == [(1.0, 3.0), (1.0, 3.0), (3.0, 4.0)]


def test_empty_cues_are_dropped() -> None:
    assert times(draft((0, 1000, "  "), (1000, 2000, "a"))) == [(1.0, 2.0)]
    assert segments_of(draft()) == ((), ())


def test_a_monstrous_cue_is_cut_and_its_parts_share_its_time() -> None:
    found = draft((0, 60_000, "".join(f"word {number}. " for number in range(5000))))

    segments, _ = segments_of(found)

    assert {segment.speaker for segment in segments} == {"Ann"}
    assert (segments[0].start, segments[-1].end) == (0.0, 60.0)
    assert all(first.end == second.start for first, second in pairwise(segments))
    assert [segment.estimated for segment in segments] == [False] + [True] * (len(segments) - 1)
    assert len(segments) > 10
    assert "very long" in found.warnings[0]


def test_a_speaker_is_one_clean_line() -> None:
    found = Draft(SourceKind.SRT, [Cue(0, 1, ["x"], "An\x1b[31mn\n Lee" + "!" * 200), Cue(1, 2, ["y"], "\x07")])

    speakers = [segment.speaker for segment in segments_of(found)[0]]

    assert speakers[0] is not None
    assert speakers[0].startswith("Ann Lee!")
    assert len(speakers[0]) == 80
    assert speakers[1] is None


@pytest.mark.parametrize(
    ("heading", "titles"), [("Transcript", []), ("Full transcript:", []), ("The ferry", ["The ferry"])]
)
def test_a_heading_that_only_says_what_the_text_is_makes_no_chapter(heading: str, titles: list[str]) -> None:
    text = (
        f"# Talk\n\n## {heading}\n\nAnna Lopez: The harbour needs a second crane.\n\nBen Kask: It costs four million.\n"
    )

    assert [chapter.title for chapter in parse(text.encode(), "talk.md").chapters] == titles


def test_a_list_of_chapters_in_captions_is_told() -> None:
    found = draft((0, 300_000, "Intro"), (300_000, 1_200_000, "The vote"), (1_200_000, 2_400_000, "Questions"))
    segments_of(found)

    assert "list of chapters" in found.warnings[0]


def test_words_that_nobody_says_are_counted_apart_from_those_without_a_speaker() -> None:
    said = ("ANN: Good day.", "BEN: Hello.", "(COMMERCIAL BREAK)", "ANN: So it closes.", "BEN: It does.")
    text = "\n\n".join((*said, "Copyright 2024 Dry Dock."))

    parsed = parse(text.encode(), "a.txt")

    assert parsed.mends.words_unspoken == len("COMMERCIAL BREAK Copyright 2024 Dry Dock.".split())
    assert sum(len(each.text.split()) for each in parsed.segments if each.speaker is None) == 6


def test_joiners_without_end_are_one_run() -> None:
    """A run that was looked at from each of its marks would take an hour."""
    joiners = "\u200c\u200d" * 200_000

    assert clean(f"a{joiners} \u0628{joiners}\u0628 {joiners}b") == f"a \u0628{joiners}\u0628 b"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("wall\U000e0150\U000e0152\U000e0141", "wall"),
        ("so\ufe01\ufe02, and", "so, and"),
        ("\u845b\U000e0100\u57ce\U000e0100\U000e0141", "\u845b\U000e0100\u57ce\U000e0100"),
        ("\u2764\ufe0f\ufe0f 1\ufe0f\u20e3 \u00a9\ufe0f", "\u2764\ufe0f 1\ufe0f\u20e3 \u00a9\ufe0f"),
    ],
    ids=["letters that spell", "after a vowel", "ideographs", "emoji"],
)
def test_variants_that_choose_no_form_are_no_words_for_a_model(text: str, seen: str) -> None:
    assert clean(text) == seen
