"""Chunks hold everything once, stay within their budget, and mostly stay the same when the transcript changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autointel.domain.passage import Chunk, chunks
from autointel.domain.transcript import Chapter, Segment, Transcript


def words(text: str) -> int:
    return len(text.split())


def talk(sentences: int) -> list[str]:
    return [f"Sentence number {i} speaks of subject {i * 7919 % 101} at length." for i in range(sentences)]


def timed(texts: list[str], **more: object) -> Transcript:
    segments = tuple(Segment(text=text, start=5.0 * i, end=5.0 * i + 5) for i, text in enumerate(texts))
    return Transcript.model_validate({"segments": segments, **more})


@given(st.lists(st.integers(1, 60), min_size=1, max_size=80), st.integers(20, 100))
def test_every_segment_is_in_exactly_one_chunk_and_no_chunk_exceeds_the_budget(sizes: list[int], budget: int) -> None:
    transcript = timed([" ".join(["word"] * size) for size in sizes])

    parts = chunks(transcript, words, budget)

    assert [segment for part in parts for segment in part.segments] == list(transcript.segments)
    assert all(len(part.segments) == 1 or words(part.text) <= budget for part in parts)


def test_a_mended_sentence_leaves_nearly_all_other_chunks_as_they_were() -> None:
    before = talk(600)
    after = [*before[:200], "Here somebody says something that was not there before.", *before[200:]]

    old, new = ({part.text for part in chunks(timed(texts), words, 400)} for texts in (before, after))

    assert len(new - old) <= 3
    assert len(old) > 10


def test_a_longer_transcript_keeps_every_chunk_but_the_last() -> None:
    old = [part.text for part in chunks(timed(talk(500)), words, 400)]
    new = [part.text for part in chunks(timed(talk(600)), words, 400)]

    assert new[: len(old) - 1] == old[:-1]


def test_a_chapter_is_where_a_chunk_ends_if_it_is_in_reach() -> None:
    transcript = timed(talk(100), chapters=(Chapter(title="Two", start=180.0, end=500.0),))

    first = chunks(transcript, words, 400)[0]

    assert first.last == 35


def test_a_chunk_reads_as_turns() -> None:
    segments = (
        Segment(text="We pay.", start=0, end=1, speaker="Ana"),
        Segment(text="All of us.", start=1, end=2, speaker="Ana"),
        Segment(text="Do we?", start=2, end=3, speaker="Ben"),
    )

    assert Chunk(0, 0, 2, segments).text == "Ana: We pay. All of us.\nBen: Do we?"


def test_paragraphs_stay_paragraphs() -> None:
    segments = (Segment(text="One.", paragraph=1), Segment(text="Two.", paragraph=2))

    assert Chunk(0, 0, 1, segments).text == "One.\nTwo."
