from __future__ import annotations

import pytest

from autointel.adapters.speech.sound import Heard, sentences, transcript
from autointel.domain.transcript import Origin, Trust
from autointel.errors import NoTranscript


def words(*said: tuple[float, float, str]) -> list[Heard]:
    return [Heard(*word) for word in said]


def test_words_are_joined_to_sentences() -> None:
    said = words((0.0, 0.5, " The"), (0.5, 0.9, " bridge."), (1.0, 1.2, " Why"), (1.2, 1.5, " now?"))

    assert list(sentences(said)) == words((0.0, 0.9, " The bridge."), (1.0, 1.5, " Why now?"))


def test_a_silence_ends_a_sentence() -> None:
    assert len(list(sentences(words((0, 1, " one"), (1.9, 2, " two"), (3.1, 4, " three"))))) == 2


def test_no_sentence_goes_on_for_ever() -> None:
    said = words(*[(float(at), at + 1.0, " word") for at in range(40)])

    assert [one.end - one.start for one in sentences(said)] == [15.0, 15.0, 10.0]


def test_a_transcript_is_in_order_in_milliseconds_and_says_how_it_came_about() -> None:
    found = transcript(
        words((2.00049, 3.0, " Second. "), (0.0, 1.0, "First."), (4.0, 3.5, "Third"), (5, 6, "  ")), "en"
    )

    assert [(segment.start, segment.end, segment.text) for segment in found.segments] == [
        (0.0, 1.0, "First."),
        (2.0, 3.0, "Second."),
        (4.0, 4.0, "Third"),
    ]
    assert (found.origin, found.trust, found.language) == (Origin.SPEECH_RECOGNITION, Trust.LOW, "en")


def test_silence_is_no_transcript() -> None:
    with pytest.raises(NoTranscript, match="No speech was heard"):
        transcript([], "en")
