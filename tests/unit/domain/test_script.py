"""What is found in a script is verbatim, and says when, by whom, and how surely."""

from __future__ import annotations

from autointel.domain.citation import Script
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript

SOURCE = Source(id="s", kind=SourceKind.TEXT, path="talk.txt", title="A talk")
TALK = Transcript(
    segments=(
        Segment(text="We pay.", start=0, end=2, speaker="Ana"),
        Segment(text="Who  pays?", start=2, end=4, speaker="Ben", estimated=True),
        Segment(text="All of us.", start=4, end=6),
    ),
)


def test_a_citation_says_who_speaks_where_it_begins() -> None:
    script = Script.of(SOURCE, TALK)

    cited = script.cite(script.text.index("Who"), len(script.text))

    assert (cited.quote, cited.speaker, cited.start, cited.end) == ("Who pays? All of us.", "Ben", 2, 6)


def test_a_citation_names_the_page_of_a_document() -> None:
    pages = (Segment(text="We pay.", paragraph=1, place="p. 1"), Segment(text="Who pays?", paragraph=2, place="p. 2"))
    script = Script.over(pages, "https://x.example/report.pdf")

    cited = [script.cite(at, at + 3) for at in script.offsets]

    assert [each.place for each in cited] == ["p. 1", "p. 2"]
    assert cited[1].url == "https://x.example/report.pdf#page=2"


def test_a_time_that_the_source_does_not_state_is_marked() -> None:
    script = Script.of(SOURCE, TALK)

    assert [script.cite(at, at + 3).approximate for at in script.offsets] == [False, True, False]


def test_a_part_of_a_transcript_knows_which_of_its_times_are_estimated() -> None:
    part = TALK.part(1, 2)

    assert [segment.estimated for segment in part.segments] == [True, False]


def test_a_quote_in_a_turn_of_minutes_has_its_own_second_and_the_turn_as_its_range() -> None:
    turn = Segment(text="we pay. " * 125 + "who paid " * 124 + "for it", start=10, end=210, speaker="Ana")
    script = Script.of(SOURCE, Transcript(segments=(turn,)))

    first, second = script.cite(0, 999), script.cite(1000, len(script.text))

    assert (first.start, first.approximate, first.within) == (10.0, False, None)
    assert (second.start, second.end, second.approximate, second.within) == (104.251, 210.0, True, (10.0, 210.0))


def test_words_before_a_long_silence_are_placed_at_its_beginning() -> None:
    turn = Segment(text="We never saw the letter. Nobody told us.", start=5, end=64)
    script = Script.of(SOURCE, Transcript(segments=(turn,)))

    late = script.cite(25, 40)

    assert (late.start, late.end, late.approximate, late.within) == (9.0, 11.4, True, (5.0, 64.0))


def test_a_quote_in_a_short_segment_has_the_times_of_the_segment() -> None:
    cited = Script.of(SOURCE, TALK).cite(3, 7)

    assert (cited.start, cited.end, cited.approximate) == (0, 2, False)


def test_a_sentence_late_in_a_caption_has_its_own_second_and_an_early_one_the_caption_s() -> None:
    text = "No. We never saw the letter that he sent. Nobody told us anything of the whole affair."
    script = Script.of(SOURCE, Transcript(segments=(Segment(text=text, start=10, end=20),)))

    early, late = script.cite(4, 41), script.cite(42, len(text))

    assert (early.start, early.end, early.approximate) == (10.0, 20.0, False)
    assert (late.start, late.end, late.approximate, late.within) == (14.884, 20.0, True, (10.0, 20.0))


def test_the_quality_of_a_transcript_counts_its_words_and_times() -> None:
    quality = TALK.quality

    assert (quality.words, quality.words_without_speaker, quality.estimated_times) == (7, 3, 1)
