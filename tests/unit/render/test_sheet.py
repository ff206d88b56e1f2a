from __future__ import annotations

import pytest
from tests import examples

from autointel.domain.citation import Citation
from autointel.domain.transcript import Chapter, Mends, Origin, Segment, Transcript
from autointel.render.plain_text import count
from autointel.render.sections import sheet_of
from autointel.render.sheet import Cited, duration_in_words, moment, origin_of


@pytest.mark.parametrize(
    ("start", "paragraph", "words"),
    [(0, None, "0:00"), (252.9, None, "4:12"), (3723, None, "1:02:03"), (None, 3, "¶3"), (None, None, "¶1")],
)
def test_places_are_written_as_people_write_them(start: float | None, paragraph: int | None, words: str) -> None:
    assert moment(start, paragraph) == words


def test_a_document_is_cited_by_its_page() -> None:
    assert moment(None, 87, "p. 12") == "p. 12"
    assert moment(None, 87, "\x1b[31mred\x1b[0m " + "long " * 40).startswith("red long")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0, ""), (0.4, "1 s"), (52, "52 s"), (60, "1 min"), (3599, "1 h"), (4320, "1 h 12 min")],
)
def test_durations_are_written_as_people_write_them(seconds: float | None, words: str) -> None:
    assert duration_in_words(seconds) == words


def test_one_is_not_many() -> None:
    assert (count(1, "citation"), count(1204, "citation")) == ("1 citation", "1,204 citations")


def test_of_a_source_only_what_is_known_is_said() -> None:
    bare = examples.source().model_copy(update={"author": None, "published_at": None, "duration_seconds": None})

    assert origin_of(bare, None) == ""
    assert origin_of(bare, 52) == "52 s"
    assert origin_of(examples.source(), None) == "Civic Hour, 2 March 2026, 1 h 12 min"


def test_a_source_of_which_nothing_is_known_has_a_byline_all_the_same() -> None:
    results = examples.local_results()
    bare = results.source.model_copy(update={"author": None, "published_at": None, "duration_seconds": None})
    untimed = Transcript(segments=(Segment(text=examples.LINES[0][2], paragraph=1),))
    cited = Citation(quote=examples.LINES[0][2], paragraph=1)
    excerpt = results.analysis.excerpts[0].model_copy(update={"citations": (cited,)})
    analysis = type(results.analysis)(excerpts=(excerpt,))

    sheet = sheet_of(results.model_copy(update={"source": bare, "transcript": untimed, "analysis": analysis}), ())

    assert sheet.byline == "1 quote, found word for word."
    assert sheet.sections[0].entries[0].cited == (Cited("¶1", "Nobody at this table thinks fares cover it."),)


def test_of_a_text_with_markup_the_head_does_not_say_that_all_is_found() -> None:
    results = examples.local_results()
    garbled = results.transcript.model_copy(update={"mends": Mends(markup_share=0.17)})

    byline = sheet_of(results.model_copy(update={"transcript": garbled}), ()).byline

    assert "found in a text of which 17% looks like markup" in byline
    assert "each found" not in byline


def test_the_head_counts_the_quotes_whose_speaker_the_source_does_not_name() -> None:
    results = examples.local_results()
    excerpt = results.analysis.excerpts[0]
    cited = [each.model_copy(update={"speaker": None}) for each in excerpt.citations]
    analysis = type(results.analysis)(excerpts=(excerpt.model_copy(update={"citations": tuple(cited)}),))
    results = results.model_copy(update={"analysis": analysis})

    assert "; the source names no speaker for 1 quote" in sheet_of(results, ()).byline


@pytest.mark.parametrize("nameless", [0, 1])
def test_the_head_says_how_many_words_have_no_speaker_where_others_are_named(nameless: int) -> None:
    results = examples.local_results()
    segments = tuple(
        segment.model_copy(update={"speaker": None if at < nameless else "Ada"})
        for at, segment in enumerate(results.transcript.segments)
    )
    transcript = Transcript(segments=segments)
    share = transcript.quality.words_without_speaker / transcript.quality.words

    byline = sheet_of(results.model_copy(update={"transcript": transcript}), ()).byline

    assert (share > 0.1) == (nameless > 0)
    assert byline.count(f"; the source names no speaker for {share:.0%} of the words") == nameless
    assert byline.count("names no speaker") == nameless


def test_the_head_names_what_it_counts_estimated_times_of() -> None:
    results = examples.local_results()
    excerpt = results.analysis.excerpts[0]
    cited = [each.model_copy(update={"approximate": True}) for each in excerpt.citations]
    analysis = type(results.analysis)(excerpts=(excerpt.model_copy(update={"citations": tuple(cited)}),))

    byline = sheet_of(results.model_copy(update={"analysis": analysis}), ()).byline

    assert "; the time of 1 quote estimated" in byline


def test_of_a_source_that_names_nobody_the_head_says_so_once_and_of_an_article_nothing() -> None:
    results = examples.local_results()
    excerpt = results.analysis.excerpts[0]
    cited = [each.model_copy(update={"speaker": None}) for each in excerpt.citations]
    analysis = type(results.analysis)(excerpts=(excerpt.model_copy(update={"citations": tuple(cited)}),))
    segments = tuple(each.model_copy(update={"speaker": None}) for each in results.transcript.segments)

    def byline(origin: Origin) -> str:
        transcript = results.transcript.model_copy(update={"segments": segments, "origin": origin, "speakers": ()})
        return sheet_of(results.model_copy(update={"analysis": analysis, "transcript": transcript}), ()).byline

    assert byline(Origin.GIVEN).endswith("; speakers not named by the source.")
    assert "not named" not in byline(Origin.ARTICLE)


def test_a_quote_as_long_as_a_speech_is_shown_in_part() -> None:
    long = Citation(quote="word " * 1000 + "end", start=1.0, end=2.0)

    shown = Cited.of(long).quote

    assert len(shown) <= 600
    assert shown.endswith("word…")


def test_the_sources_own_chapters_come_before_those_we_found() -> None:
    results = examples.local_results()
    own = Chapter(title="Opening\x1b[2J", start=0.0, end=60.0)
    transcript = results.transcript.model_copy(update={"chapters": (own,)})

    sheet = sheet_of(results.model_copy(update={"transcript": transcript}), ())

    chapters = next(section for section in sheet.sections if section.title == "Chapters")
    assert [(entry.mark, entry.text) for entry in chapters.entries] == [("0:00", "Opening")]
    assert chapters.remark == ""


def test_entities_of_higher_confidence_are_not_called_low() -> None:
    results = examples.local_results()
    surer = results.notes.entities[0].model_copy(update={"confidence": "high"})
    notes = results.notes.model_copy(update={"entities": (surer,)})

    sheet = sheet_of(results.model_copy(update={"notes": notes}), ())

    assert next(section.remark for section in sheet.sections if section.title == "Entities") == ""


def test_a_written_source_is_opened_at_the_quoted_words() -> None:
    cited = Cited.of(Citation(quote="Fares pay.", paragraph=2, url="https://paper.example/fares"))

    assert cited.url == "https://paper.example/fares#:~:text=Fares%20pay."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Fine then.", "No quotes: the text is too short (2 words). Pass the whole talk or article."),
        ("fares rise again " * 400, "No quotes: the text is one phrase over and over."),
        (
            "bread butter cheese wine over the many small things of blue sky under bridge and red car",
            "No quotes: the text has no complete sentence that stands on its own.",
        ),
    ],
)
def test_a_page_without_quotes_says_why(text: str, reason: str) -> None:
    results = examples.local_results()
    bare = results.model_copy(
        update={
            "transcript": Transcript(segments=(Segment(text=text, paragraph=1),)),
            "analysis": type(results.analysis)(),
            "notes": type(results.notes)(method="local"),
        }
    )

    assert reason in sheet_of(bare, ()).byline
