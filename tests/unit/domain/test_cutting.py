"""Passages hold every segment once, and end where a listener would pause."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autointel.domain.citation import Citation
from autointel.domain.passage import cut, passage_of
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript, word_count

SOURCE = Source(id="s", kind=SourceKind.VTT, path="talk.vtt", title="A talk")


@given(st.lists(st.integers(1, 90), min_size=1, max_size=60))
def test_every_segment_is_in_exactly_one_passage(sizes: list[int]) -> None:
    segments = tuple(
        Segment(text=" ".join([f"w{i}"] * size), start=float(i), end=i + 1.0) for i, size in enumerate(sizes)
    )

    passages = cut(SOURCE, Transcript(segments=segments), 60)

    covered = [index for passage in passages for index in range(passage.first, passage.last + 1)]
    assert covered == list(range(len(segments)))
    assert all(passage.first == passage.last or word_count(passage.text) <= 90 for passage in passages)
    assert len({passage.id for passage in passages}) == len(passages)


def test_a_passage_ends_with_the_turn_once_it_is_long_enough() -> None:
    turns = [("Ana", "we pay for it every day of our lives"), ("Ana", "and so do you and"), ("Ben", "not I sir")]
    segments = tuple(
        Segment(text=text, speaker=who, start=float(i), end=i + 1.0) for i, (who, text) in enumerate(turns)
    )

    passages = cut(SOURCE, Transcript(segments=segments), 10)

    assert [passage.speakers for passage in passages] == [("Ana",), ("Ben",)]


def test_text_without_spaces_is_measured_by_its_characters() -> None:
    assert word_count("ソーシャル機能を簡単に追加して") == 8


def test_a_quote_belongs_to_the_passage_it_begins_in() -> None:
    segments = tuple(Segment(text=f"This is sentence number {i}.", start=float(i), end=i + 1.0) for i in range(20))
    passages = cut(SOURCE, Transcript(segments=segments), 20)

    found = passage_of(Citation(quote="sentence number 7. This is sentence number 8.", start=7.0, end=9.0), passages)

    assert found.first <= 7 <= found.last


def test_a_quote_of_an_untimed_source_belongs_to_its_paragraphs_passage() -> None:
    segments = tuple(Segment(text=f"Paragraph number {i}.", paragraph=i) for i in range(1, 21))
    passages = cut(SOURCE, Transcript(segments=segments), 10)

    found = passage_of(Citation(quote="Paragraph number 12.", paragraph=12), passages)

    assert "Paragraph number 12." in found.text


def test_cues_that_are_the_same_in_time_and_words_are_passages_of_their_own() -> None:
    cue = Segment(text="again " * 130, start=3.0, end=4.0)
    passages = cut(SOURCE, Transcript(segments=(cue,) * 4))

    assert len({passage.id for passage in passages}) == len(passages) == 4
    assert passages[0].id == cut(SOURCE, Transcript(segments=(cue,)))[0].id
