"""Values refuse nonsense."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from autointel.domain.analysis import CheckedClaim, Dropped, Verdict
from autointel.domain.citation import Citation, moment_url
from autointel.domain.report import Results
from autointel.domain.run import StepName, Usage
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.domain.value import content_id

CITATION = Citation(quote="We pay.", start=1.0, end=2.0)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"text": "", "start": 0.0, "end": 1.0},
        {"text": "a", "start": 2.0, "end": 1.0},
        {"text": "a", "start": 2.0},
        {"text": "a"},
        {"text": "a", "start": 0.0, "end": 1.0, "paragraph": 1},
        {"text": "a", "paragraph": 0},
        {"text": "a", "start": -1.0, "end": 1.0},
        {"text": "a", "paragraph": 1, "mood": "good"},
    ],
)
def test_a_segment_is_somewhere_in_order_and_not_empty(nonsense: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Segment.model_validate(nonsense)


def test_a_transcript_is_in_order() -> None:
    with pytest.raises(ValidationError, match="ordered"):
        Transcript(segments=(Segment(text="b", start=5, end=6), Segment(text="a", start=1, end=2)))


def test_a_transcript_is_timed_throughout_or_not_at_all() -> None:
    with pytest.raises(ValidationError, match="timed throughout"):
        Transcript(segments=(Segment(text="b", start=5, end=6), Segment(text="a", paragraph=2)))


def test_a_transcript_counts_its_words_and_names_its_speakers_once() -> None:
    transcript = Transcript(
        segments=(
            Segment(text="we pay", start=0, end=9, speaker="Ben"),
            Segment(text="all of us", start=1, end=2, speaker="Ana"),
            Segment(text="yes", start=2, end=3, speaker="Ben"),
        )
    )

    assert (transcript.words, transcript.speakers, transcript.duration) == (6, ("Ben", "Ana"), 9)


def test_an_untimed_transcript_has_no_duration() -> None:
    assert Transcript(segments=(Segment(text="a", paragraph=1),)).duration is None


def test_a_source_stands_in_one_place() -> None:
    with pytest.raises(ValidationError, match="not both"):
        Source(id="s", kind=SourceKind.VTT, title="t", url="https://a.example", path="a.vtt")


def test_a_citation_points_somewhere() -> None:
    with pytest.raises(ValidationError, match="second or a paragraph"):
        Citation(quote="We pay.")


@pytest.mark.parametrize("verdict", [Verdict.SUPPORTED, Verdict.REFUTED, Verdict.CONFLICTING_EVIDENCE])
def test_a_verdict_without_evidence_is_refused(verdict: Verdict) -> None:
    with pytest.raises(ValidationError, match="without evidence"):
        CheckedClaim(id="c", text="t", citation=CITATION, verdict=verdict)


@pytest.mark.parametrize("verdict", [None, Verdict.NOT_ENOUGH_EVIDENCE])
def test_no_verdict_needs_no_evidence(verdict: Verdict | None) -> None:
    assert CheckedClaim(id="c", text="t", citation=CITATION, verdict=verdict).evidence == ()


def test_ids_follow_from_content_and_its_parts() -> None:
    assert content_id("ab", "c") == content_id("ab", "c")
    assert content_id("ab", "c") != content_id("a", "bc")


def test_what_was_dropped_adds_up() -> None:
    assert (Dropped(quotes=1, spans=2) + Dropped(quotes=1, uncited=3, note_ids=1)).total == 8


def test_an_unknown_price_stays_unknown_in_the_sum() -> None:
    assert (Usage(usd=1.0) + Usage(usd=None)).usd is None
    assert (Usage(usd=1.0, model_calls=2) + Usage(usd=0.5, model_calls=1)) == Usage(usd=1.5, model_calls=3)


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://www.youtube.com/watch?v=a", "https://www.youtube.com/watch?v=a&t=65"),
        ("https://youtu.be/a", "https://youtu.be/a?t=65"),
        ("https://a.example/talk.mp3", "https://a.example/talk.mp3#t=65"),
        (None, None),
    ],
)
def test_an_address_opens_the_moment(url: str | None, opened: str | None) -> None:
    assert moment_url(url, 65.4) == opened


def test_an_untimed_citation_keeps_the_address_as_it_is() -> None:
    assert moment_url("https://a.example/article", None) == "https://a.example/article"


def test_a_step_that_has_not_ended_has_no_report() -> None:
    results = Results(
        source=Source(id="s", kind=SourceKind.TEXT, path="a.txt", title="t"),
        transcript=Transcript(segments=(Segment(text="a", paragraph=1),)),
    )

    assert results.step(StepName.READ) is None
    assert results.incomplete == ()


def test_what_two_steps_removed_is_the_same_whichever_ended_first() -> None:
    first, second = Dropped(not_carried=1, sentences=("b (number)",)), Dropped(questions=1, sentences=("a (asks)",))

    assert first + second == second + first
