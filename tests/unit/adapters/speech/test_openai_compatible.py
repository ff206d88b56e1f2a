from __future__ import annotations

import io
import json
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from tests.fakes.site import Exchange, Page, Site, drip, flood, hang_up, silence
from tests.unit.adapters.speech.recording import record

from autointel.adapters.speech.openai_compatible import OpenAICompatibleSpeech, code_of
from autointel.domain.transcript import Origin, Transcript
from autointel.errors import ModelRefused, ModelUnavailable, NoTranscript

PATH = "/v1/audio/transcriptions"


def reply(exchange: Exchange, **over: object) -> None:
    """Two segments, spread over the sound that came."""
    seconds = length(exchange.asked.body)
    half = seconds / 2
    segments = [
        {"id": 0, "start": 0.0, "end": half, "text": " One."},
        {"id": 1, "start": half, "end": seconds, "text": " Two."},
    ]
    whole = {
        "task": "transcribe",
        "language": "english",
        "duration": seconds,
        "text": "One. Two.",
        "segments": segments,
    }
    exchange.send(Page(json.dumps({**whole, **over}).encode(), "application/json"))


def length(body: bytes) -> float:
    with wave.open(io.BytesIO(body[body.index(b"RIFF") :])) as sound:
        return float(sound.getnframes() / sound.getframerate())


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({PATH: reply}) as running:
        yield running


def speech(site: Site, limit: int = 25_000_000, at_once: int = 4, timeout: float = 30.0) -> OpenAICompatibleSpeech:
    return OpenAICompatibleSpeech(site.url("/v1"), "sk-secret", limit=limit, at_once=at_once, timeout=timeout, wait=0.0)


def recognise(recogniser: OpenAICompatibleSpeech, path: Path, language: str | None = None) -> Transcript:
    return anyio.run(recogniser.recognise, path, language)


def test_a_small_recording_goes_as_it_is(site: Site, tmp_path: Path) -> None:
    path = record(tmp_path, seconds=4)

    transcript = recognise(speech(site), path)

    (asked,) = site.requests
    assert path.read_bytes() in asked.body
    assert b"verbose_json" in asked.body
    assert b"whisper-1" in asked.body
    assert b'name="language"' not in asked.body
    assert asked.headers["authorization"] == "Bearer sk-secret"
    assert [(segment.start, segment.text) for segment in transcript.segments] == [(0.0, "One."), (2.0, "Two.")]
    assert (transcript.language, transcript.origin) == ("en", Origin.SPEECH_RECOGNITION)


def test_a_language_that_is_known_is_asked_for(site: Site, tmp_path: Path) -> None:
    transcript = recognise(speech(site), record(tmp_path, seconds=1), "de")

    assert b'name="language"\r\n\r\nde' in site.requests[0].body
    assert transcript.language == "de"


def test_a_large_recording_is_cut_and_its_times_put_back(site: Site, tmp_path: Path) -> None:
    limit = 12 * 32_000

    transcript = recognise(speech(site, limit=limit), record(tmp_path, seconds=30))

    lengths = sorted(length(asked.body) for asked in site.requests)
    assert len(lengths) >= 3
    assert sum(lengths) == pytest.approx(30)
    assert max(len(asked.body) for asked in site.requests) <= limit
    starts = [segment.start or 0.0 for segment in transcript.segments]
    assert starts == sorted(starts)
    assert transcript.segments[-1].end == pytest.approx(30)
    assert len(transcript.segments) == 2 * len(lengths)


def test_pieces_are_heard_side_by_side_within_the_limit(site: Site, tmp_path: Path) -> None:
    together = threading.Barrier(2)

    def in_pairs(exchange: Exchange) -> None:
        together.wait(10)
        reply(exchange)

    site.pages[PATH] = in_pairs

    # Four pieces: two by two, or the barrier breaks.
    recognise(speech(site, limit=6 * 32_000, at_once=2), record(tmp_path, seconds=20))

    assert len(site.requests) % 2 == 0


def test_a_piece_that_fails_is_asked_for_again_alone(site: Site, tmp_path: Path) -> None:
    failures = [Page(b"busy", status=503), Page(b"slow", status=429)]
    lock = threading.Lock()

    def sometimes(exchange: Exchange) -> None:
        with lock:
            failure = failures.pop() if failures else None
        if failure is None:
            reply(exchange)
        else:
            exchange.send(failure)

    site.pages[PATH] = sometimes

    transcript = recognise(speech(site, limit=12 * 32_000), record(tmp_path, seconds=30))

    assert len(site.requests) == len(transcript.segments) // 2 + 2


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_key_that_is_not_taken_is_refused_at_once(status: int, site: Site, tmp_path: Path) -> None:
    site.pages[PATH] = Page(status=status)

    with pytest.raises(ModelRefused):
        recognise(speech(site), record(tmp_path, seconds=1))

    assert len(site.requests) == 1


def test_a_refusal_of_one_piece_ends_them_all(site: Site, tmp_path: Path) -> None:
    site.pages[PATH] = Page(status=401)

    with pytest.raises(ModelRefused):
        recognise(speech(site, limit=6 * 32_000), record(tmp_path, seconds=30))


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (Page(status=500), 3),
        (hang_up, 3),
        (silence, 3),
        (flood, 1),
        (drip, 1),
        (Page(status=404), 1),
        (Page(b"{}", "application/json"), 1),
        (Page(b"<html>", "text/html"), 1),
    ],
)
def test_every_fault_is_model_unavailable_after_no_more_than_three_tries(
    answer: object, tries: int, site: Site, tmp_path: Path
) -> None:
    site.pages[PATH] = answer  # type: ignore[assignment] # parametrised

    with pytest.raises(ModelUnavailable) as unavailable:
        recognise(speech(site, timeout=0.2), record(tmp_path, seconds=1))

    assert len(site.requests) == tries
    assert unavailable.value.hint
    assert "sk-secret" not in unavailable.value.message


def test_a_server_without_times_gives_those_of_the_recording(site: Site, tmp_path: Path) -> None:
    site.pages[PATH] = lambda exchange: reply(exchange, segments=None, language="klingon")

    transcript = recognise(speech(site), record(tmp_path, seconds=3))

    assert [(segment.start, segment.end) for segment in transcript.segments] == [(0.0, 3.0)]
    assert transcript.language is None


def test_silence_is_no_transcript(site: Site, tmp_path: Path) -> None:
    site.pages[PATH] = lambda exchange: reply(exchange, segments=[], text=" ")

    with pytest.raises(NoTranscript):
        recognise(speech(site), record(tmp_path, seconds=3))


@pytest.mark.parametrize(
    ("name", "code"),
    [("english", "en"), ("German ", "de"), ("fr", "fr"), ("yue", "yue"), ("klingon", None), ("", None), (None, None)],
)
def test_a_language_has_one_code(name: str | None, code: str | None) -> None:
    assert code_of(name) == code


@pytest.mark.parametrize("start", ["1e400", "NaN", "1e300", "9" * 400])
def test_a_time_that_no_recording_has_is_no_answer(start: str, tmp_path: Path) -> None:
    body = f'{{"text": "One.", "segments": [{{"start": {start}, "end": {start}, "text": "One."}}]}}'
    form = "in a form that is not known here"
    with Site({PATH: Page(body.encode(), "application/json")}) as site, pytest.raises(ModelUnavailable, match=form):
        recognise(speech(site), record(tmp_path, seconds=1))
