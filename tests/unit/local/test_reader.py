from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import anyio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.memory import BagOfWords
from tests.unit.local.making import SOURCE, transcript

from autointel.domain.citation import Citation, Script
from autointel.domain.notes import Notes
from autointel.domain.transcript import Chapter, Segment, Transcript
from autointel.local.engine import METHOD, LocalReader

DEBATE = [
    ("ANNA", "Good evening and welcome to the debate about trams."),
    ("BEN", "The city of Tallinn made its trams free in 2013, and ridership rose 14 percent in the first year."),
    ("CARA", "Tallinn paid for that with 20 million euros of income tax from new residents, as the mayor said."),
    ("ANNA", "Is that a model for Riga?"),
    ("BEN", "Riga has twice the people, and its council voted against free trams in 2019."),
    ("CARA", "Free trams took walkers off the pavement, but they did not take drivers out of their cars."),
]


def read(given_transcript: Transcript) -> Notes:
    return anyio.run(LocalReader(BagOfWords()).read, SOURCE, given_transcript)


def citations(notes: Notes) -> list[Citation]:
    return [
        *[note.citation for note in (*notes.key_points, *notes.claims)],
        *[relation.citation for relation in notes.relations],
        *[term.citation for term in notes.terms],
        *[citation for entity in notes.entities for citation in entity.citations],
    ]


def test_a_debate_is_read() -> None:
    notes = read(transcript(*DEBATE))

    assert notes.method == METHOD
    assert notes.claims[0].speaker in {"BEN", "CARA"}
    assert [claim.id for claim in notes.claims] == [f"c{n}" for n in range(1, len(notes.claims) + 1)]
    assert "14 percent" in " ".join(claim.text for claim in notes.claims)
    assert {entity.name for entity in notes.entities} >= {"Tallinn", "Riga"}
    assert ("free trams", 2) in [(term.text, term.count) for term in notes.terms]
    assert all("Good evening" not in point.text for point in notes.key_points)
    assert notes.warnings == ()


def test_terms_are_listed_by_count_and_no_sentence_is_shown_twice() -> None:
    notes = read(transcript(*DEBATE))

    counts = [term.count for term in notes.terms]
    assert counts == sorted(counts, reverse=True)
    assert {point.text for point in notes.key_points}.isdisjoint(claim.text for claim in notes.claims)


def test_a_note_knows_when_it_was_said_and_by_whom() -> None:
    notes = read(transcript(*DEBATE))

    claim = next(claim for claim in notes.claims if "voted against" in claim.text)
    assert (claim.speaker, claim.citation.start, claim.citation.end) == ("BEN", 12.0, 15.0)


def test_an_untimed_source_is_cited_by_paragraph() -> None:
    notes = read(transcript(*DEBATE, timed=False))

    assert {citation.start for citation in citations(notes)} == {None}
    assert {citation.paragraph for citation in citations(notes)} <= {1, 2, 3, 4, 5, 6}


def test_of_another_language_excerpts_and_terms_are_told_and_the_rest_declined() -> None:
    notes = read(transcript(*["Die Straßenbahn in Berlin kostete 2019 genau 14 Millionen Euro, sagte der Senat."] * 3))

    assert "Straßenbahn" in [term.text for term in notes.terms]
    assert [point.text[:15] for point in notes.key_points] == ["Die Straßenbahn"]
    assert (notes.claims, notes.entities, notes.relations) == ((), (), ())
    assert "German (de)" in notes.warnings[0]
    assert [each.kinds for each in notes.unsought] == [("statements", "entities")]


def test_of_two_languages_the_english_sentences_are_read_in_full() -> None:
    english = [
        "The county sold the old mill on Friday to a buyer whom nobody in the valley knew.",
        "The repair of the mill and its wheel will cost the county 3.4 million dollars in 2026.",
        "Nobody at the county has denied that the price was far too low for such a building.",
    ]
    spanish = [
        "El condado vendió el viejo molino el viernes a un comprador que nadie conocía en el valle.",
        "Los vecinos se enteraron por un aviso que alguien había colgado en la puerta del molino.",
        "La reparación del molino y de su rueda costará mucho dinero durante los próximos años.",
    ]

    notes = read(transcript(*(text for pair in zip(english, spanish, strict=True) for text in pair)))

    shown = [each.text for each in (*notes.key_points, *notes.claims)]
    assert shown
    assert set(shown) <= set(english)
    assert "English and Spanish (es)" in notes.warnings[0]
    assert not {"the", "los", "del"} & {term.text.lower() for term in notes.terms}


def test_the_language_given_is_trusted() -> None:
    given_transcript = transcript(*DEBATE).model_copy(update={"language": "fi"})

    assert "Finnish (fi)" in read(given_transcript).warnings[0]


def test_sounds_alone_are_said_to_be_so() -> None:
    notes = read(transcript("[Applause]", "♪ la la ♪"))

    assert "sounds and marks only" in notes.warnings[0]
    assert citations(notes) == []


def test_captions_without_case_and_punctuation_are_read_and_said_to_be_so() -> None:
    words = " ".join(text for _, text in DEBATE).lower().replace(".", "").replace(",", "").replace("?", "").split()
    cues = [" ".join(words[n : n + 7]) for n in range(0, len(words), 7)]

    notes = read(transcript(*cues))

    assert len(notes.warnings) == 2
    assert {entity.name for entity in notes.entities} == {"Tallinn", "Riga"}
    assert notes.claims


def test_captions_in_capitals_are_read() -> None:
    notes = read(transcript(*[(speaker, text.upper()) for speaker, text in DEBATE]))

    assert {entity.name for entity in notes.entities} == {"Tallinn", "Riga"}
    assert "TALLINN" in notes.entities[0].citations[0].quote
    assert "14 PERCENT" in " ".join(claim.text for claim in notes.claims)
    assert "capitals" in notes.warnings[0]


def test_the_sources_own_chapters_stand() -> None:
    own = (Chapter(title="Opening", start=0.0, end=9.0),)

    assert read(transcript(*DEBATE).model_copy(update={"chapters": own})).chapters == own


def test_a_long_recording_gets_approximate_chapters_that_follow_each_other() -> None:
    trams = "The trams of the city need new rails, new wires, and drivers who know the old depot well."
    schools = "Every school wants smaller classes, better teachers, warm lunches, and a library with books."
    notes = read(transcript(*[trams] * 60, *[schools] * 60))

    assert [chapter.title for chapter in notes.chapters] != []
    assert all(chapter.approximate for chapter in notes.chapters)
    assert notes.chapters[0].start == 0.0
    assert notes.chapters[-1].end == 360.0
    assert [chapter.end for chapter in notes.chapters[:-1]] == [chapter.start for chapter in notes.chapters[1:]]
    assert 180.0 in [chapter.start for chapter in notes.chapters]


def test_chapters_of_an_untimed_source_are_paragraphs() -> None:
    trams = "The trams of the city need new rails, new wires, and drivers who know the old depot well."
    schools = "Every school wants smaller classes, better teachers, warm lunches, and a library with books."
    notes = read(transcript(*[trams] * 60, *[schools] * 60, timed=False))

    assert notes.chapters[0].paragraph == 1
    assert {(chapter.start, chapter.end) for chapter in notes.chapters} == {(None, None)}


@pytest.mark.parametrize("text", ["Hello", "42", "字", "?!", "a" * 30_000, "no end " * 6_000, "♪" * 30_000 + "x"])
def test_odd_transcripts_are_read(text: str) -> None:
    given_transcript = transcript(text)
    whole = Script.of(SOURCE, given_transcript).text

    assert all(citation.quote in whole and len(citation.quote) <= 400 for citation in citations(read(given_transcript)))


@pytest.mark.uncounted
@pytest.mark.slow
def test_thousands_of_equal_lines_are_one() -> None:
    notes = read(transcript(*["The council cut 14 percent of the bus routes in 2019."] * 5_000))

    assert (len(notes.key_points), len(notes.claims), notes.chapters) == (0, 1, ())


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.text(st.sampled_from("Anna Kask said 14 percent in Oslo. [x] ♪?!\"' "), min_size=1, max_size=120).filter(
            lambda text: text.strip()
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_quote_stands_in_the_transcript(texts: Sequence[str]) -> None:
    given_transcript = Transcript(segments=tuple(Segment(text=text, paragraph=n) for n, text in enumerate(texts, 1)))
    whole = Script.of(SOURCE, given_transcript).text

    assert all(citation.quote in whole for citation in citations(read(given_transcript)))


SCRIPT_FOR_ANOTHER_PROCESS = """
import anyio
from autointel.local.engine import LocalReader
from tests.fakes.memory import BagOfWords
from tests.unit.local.making import SOURCE, transcript
from tests.unit.local.test_reader import DEBATE
print(anyio.run(LocalReader(BagOfWords()).read, SOURCE, transcript(*DEBATE)).model_dump_json())
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_makes_the_same_notes(seed: str, request: pytest.FixtureRequest) -> None:
    said = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", SCRIPT_FOR_ANOTHER_PROCESS],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": "src:."},
        cwd=request.config.rootpath,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert said.strip() == read(transcript(*DEBATE)).model_dump_json()


def test_a_vectors_last_bits_decide_nothing() -> None:
    class Trembling(BagOfWords):
        def embed(self, texts: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
            rows = super().embed(texts)
            return rows + np.float32(1e-8) * np.arange(rows.size, dtype=np.float32).reshape(rows.shape) % np.float32(
                3e-8
            )

    given_transcript = transcript(*DEBATE)

    trembling = anyio.run(LocalReader(Trembling()).read, SOURCE, given_transcript)

    assert trembling == read(given_transcript)


def test_a_name_that_only_an_advertisement_says_is_neither_a_name_nor_a_term() -> None:
    advertisement = (
        "DAN",
        "This episode is brought to you by NordBank. NordBank is a bank without fees. Use the code TIDE at NordBank.",
    )
    notes = read(transcript(*DEBATE, advertisement))

    assert notes.advertising
    named = [*[entity.name for entity in notes.entities], *[term.text for term in notes.terms]]
    assert not [name for name in named if "nordbank" in name.casefold()]
    assert "Tallinn" in named
