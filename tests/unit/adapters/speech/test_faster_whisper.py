"""What stands around the model, and the whole of it with a tiny real one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import anyio
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.fakes.tiny_whisper import build_tiny_whisper
from tests.unit.adapters.speech.recording import encode, record, save, voice

from autointel.adapters.speech.faster_whisper import FasterWhisper, Hear
from autointel.adapters.speech.sound import RATE, Heard
from autointel.domain.transcript import Origin, Transcript
from autointel.errors import ModelUnavailable, NoTranscript

pytestmark = pytest.mark.slow


class Ears:
    """Hears two words at the beginning of each piece, and remembers what it was given."""

    def __init__(self) -> None:
        self.loaded: list[tuple[str, bool]] = []
        self.languages: list[str | None] = []
        self.lengths: list[float] = []
        self.loudest = 0.0

    def load(self, name: str, offline: bool) -> Hear:  # noqa: FBT001 - as it is called
        self.loaded.append((name, offline))
        return self.hear

    def hear(self, samples: NDArray[np.float32], language: str | None) -> tuple[Iterable[Heard], str | None]:
        self.languages.append(language)
        self.lengths.append(len(samples) / RATE)
        self.loudest = max(self.loudest, float(np.abs(samples).max()))
        return [Heard(0.0, 0.5, " Hello"), Heard(0.5, 1.0, " there.")], "sv"


def recognise(whisper: FasterWhisper, path: Path, language: str | None = None) -> Transcript:
    return anyio.run(whisper.recognise, path, language)


def test_a_long_recording_is_heard_in_pieces_with_the_times_of_the_whole(tmp_path: Path) -> None:
    ears, heard = Ears(), list[float]()
    path = record(tmp_path, seconds=1300)

    transcript = recognise(FasterWhisper(load=ears.load, progress=heard.append), path)

    assert len(ears.lengths) == 3
    assert max(ears.lengths) <= 600
    starts = [segment.start for segment in transcript.segments]
    assert starts == pytest.approx([0.0, ears.lengths[0], ears.lengths[0] + ears.lengths[1]], abs=0.001)
    assert heard[-1] == pytest.approx(1300)


def test_the_language_of_the_first_piece_holds_for_the_rest(tmp_path: Path) -> None:
    ears = Ears()

    transcript = recognise(FasterWhisper(load=ears.load), record(tmp_path, seconds=700))

    assert ears.languages == [None, "sv"]
    assert transcript.language == "sv"


def test_a_language_that_is_known_is_passed_on(tmp_path: Path) -> None:
    ears = Ears()

    assert recognise(FasterWhisper(load=ears.load), record(tmp_path, seconds=1), "de").language == "de"
    assert ears.languages == ["de"]


def test_samples_come_between_minus_one_and_one(tmp_path: Path) -> None:
    ears = Ears()

    recognise(FasterWhisper(load=ears.load), record(tmp_path, seconds=1))

    assert 0.1 < ears.loudest <= 1.0


def test_the_model_is_loaded_once_and_only_when_needed(tmp_path: Path) -> None:
    ears = Ears()
    whisper = FasterWhisper("tiny", offline=True, load=ears.load)
    assert ears.loaded == []

    recognise(whisper, record(tmp_path, seconds=1))
    recognise(whisper, record(tmp_path, seconds=1))

    assert ears.loaded == [("tiny", True)]


def test_an_empty_recording_is_no_transcript(tmp_path: Path) -> None:
    with pytest.raises(NoTranscript):
        recognise(FasterWhisper(load=Ears().load), record(tmp_path, seconds=0))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(build_tiny_whisper(tmp_path_factory.mktemp("model")))


def test_a_real_model_gives_words_with_times_within_the_recording(tiny: str, tmp_path: Path) -> None:
    path = encode(tmp_path / "talk", voice(20), codec="libmp3lame", container="mp3")

    transcript = recognise(FasterWhisper(tiny, offline=True), path, "en")

    assert (transcript.origin, transcript.language) == (Origin.SPEECH_RECOGNITION, "en")
    starts = [segment.start or 0.0 for segment in transcript.segments]
    assert starts == sorted(starts)
    assert all(type(start) is float for start in starts)


def test_a_real_model_finds_a_language(tiny: str, tmp_path: Path) -> None:
    transcript = recognise(FasterWhisper(tiny, offline=True), save(tmp_path / "talk.wav", voice(20)))

    assert transcript.language is not None
    assert transcript.language.isalpha()


def test_a_real_model_hears_nothing_in_noise(tiny: str, tmp_path: Path) -> None:
    with pytest.raises(NoTranscript, match="No speech was heard"):
        recognise(FasterWhisper(tiny, offline=True), record(tmp_path, seconds=10), "en")


@pytest.mark.parametrize("lost", ["model.bin", "tokenizer.json"])
def test_half_a_model_is_refused_at_once(lost: str, tiny: str, tmp_path: Path) -> None:
    half = Path(shutil.copytree(tiny, tmp_path / "half"))
    (half / lost).unlink()

    with pytest.raises(ModelUnavailable, match=lost) as missing:
        recognise(FasterWhisper(str(half)), record(tmp_path, seconds=1))

    assert "whole model" in missing.value.hint


@pytest.mark.parametrize("offline", [True, False])
def test_a_model_that_is_neither_on_disk_nor_to_be_had_is_said(tmp_path: Path, *, offline: bool) -> None:
    with pytest.raises(ModelUnavailable, match="'small' is not on this machine") as missing:
        recognise(FasterWhisper("small", offline=offline), record(tmp_path, seconds=1))

    assert missing.value.hint
