from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from autointel.adapters.privacy.gate import ClosedGate
from autointel.app.privacy import OpenGate
from autointel.domain.transcript import Chapter, Segment, Source, SourceKind, Transcript
from autointel.errors import PrivateData, UsageError

KEY = b"k" * 32
SOURCE = Source(id="s", kind=SourceKind.VTT, path="talk.vtt", title="Write to a@example.org", author="b@example.org")
HIDDEN = r"(?:email|phone|card|iban|id|secret|person)_[0-9a-f]{10}"


def said(*texts: str, speaker: str | None = None) -> Transcript:
    segments = [Segment(text=text, start=number, end=number + 1, speaker=speaker) for number, text in enumerate(texts)]
    return Transcript(segments=tuple(segments))


def texts(transcript: Transcript) -> Sequence[str]:
    return [segment.text for segment in transcript.segments]


def test_values_are_replaced_and_counted() -> None:
    _, transcript = ClosedGate(KEY).screen(SOURCE, said("Mail c@example.org or call +49 30 901820.", "Nothing here."))

    assert re.fullmatch(rf"Mail {HIDDEN} or call {HIDDEN}\.", transcript.segments[0].text)
    assert transcript.segments[1].text == "Nothing here."
    assert transcript.redacted == {"email": 3, "phone": 1}


def test_the_same_value_has_the_same_placeholder_however_it_is_written() -> None:
    _, transcript = ClosedGate(KEY).screen(SOURCE, said("4111 1111 1111 1111", "4111-1111-1111-1111"))

    assert transcript.segments[0].text == transcript.segments[1].text


def test_another_home_has_other_placeholders() -> None:
    assert ClosedGate(KEY).screen_question("c@example.org") != ClosedGate(b"x" * 32).screen_question("c@example.org")


def test_a_question_bears_the_placeholder_that_the_transcript_bears() -> None:
    gate = ClosedGate(KEY)
    _, transcript = gate.screen(SOURCE, said("c@example.org"))

    assert gate.screen_question("Who is C@Example.org?") == f"Who is {transcript.segments[0].text}?"


def test_a_number_cut_in_two_by_captions_is_found() -> None:
    _, transcript = ClosedGate(KEY).screen(SOURCE, said("my card is 4111 1111", "1111 1111 you see", "and"))

    assert re.fullmatch(rf"my card is {HIDDEN}", transcript.segments[0].text)
    assert transcript.segments[1].text.strip() == "you see"


def test_a_caption_that_holds_nothing_else_keeps_a_placeholder() -> None:
    _, transcript = ClosedGate(KEY).screen(SOURCE, said("my card is 4111 1111", "1111", "1111", "you see"))

    assert [bool(re.fullmatch(HIDDEN, text)) for text in texts(transcript)] == [False, True, True, False]


def test_screening_twice_changes_nothing() -> None:
    gate = ClosedGate(KEY)
    once = gate.screen(SOURCE, said("Mail c@example.org, the password is hunter2!", "DE89 3704 0044 0532 0130 00"))

    assert gate.screen(*once) == once


def test_titles_authors_speakers_chapters_and_warnings_are_screened() -> None:
    transcript = said("Hello.", speaker="d@example.org").model_copy(
        update={"chapters": (Chapter(title="About e@example.org"),), "warnings": ("f@example.org was left out",)}
    )
    source, screened = ClosedGate(KEY).screen(SOURCE, transcript)

    assert "example.org" not in source.model_dump_json() + screened.model_dump_json()


def test_block_lets_nothing_pass_and_says_what_was_there() -> None:
    with pytest.raises(PrivateData, match="1 card number and 2 e-mail addresses") as caught:
        ClosedGate(KEY, block=True).screen(SOURCE, said("4111 1111 1111 1111"))

    assert caught.value.exit_code == 4
    assert "4111" not in caught.value.message


def test_block_lets_pass_what_is_harmless() -> None:
    source = SOURCE.model_copy(update={"title": "A talk", "author": None})

    assert ClosedGate(KEY, block=True).screen(source, said("Hello.")) == (source, said("Hello."))


def test_block_refuses_a_question() -> None:
    with pytest.raises(UsageError, match="1 e-mail address"):
        ClosedGate(KEY, block=True).screen_question("Who is c@example.org?")


def test_names_are_replaced_whole_and_in_part() -> None:
    gate = ClosedGate(KEY, persons=lambda _: ["Maria Lopez", "John Haas"])
    source = SOURCE.model_copy(update={"title": "Maria Lopez speaks", "author": "John Haas"})
    screened, transcript = gate.screen(source, said("I am Maria Lopez.", "Lopez said so to John.", speaker="Host"))

    assert "Lopez" not in screened.title + "".join(texts(transcript))
    assert "John" not in transcript.segments[1].text
    assert transcript.segments[0].text.removeprefix("I am ").rstrip(".") == transcript.segments[1].text.split()[0]
    assert transcript.speakers == ("Host",)


def test_the_open_gate_changes_nothing() -> None:
    gate = OpenGate()

    assert gate.screen(SOURCE, said("c@example.org")) == (SOURCE, said("c@example.org"))
    assert gate.screen_question("c@example.org") == "c@example.org"
