from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from autointel.adapters.speech.sound import RATE, read
from autointel.errors import ModelUnavailable, NoTranscript


def record(path: Path, samples: np.ndarray, *, rate: int = RATE, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def test_a_wav_of_the_right_rate_comes_as_it_is(tmp_path: Path) -> None:
    samples = np.arange(40 * RATE, dtype=np.int64).astype("<i2")

    blocks = list(read(record(tmp_path / "a.wav", samples)))

    assert len(blocks) == 2
    assert np.array_equal(np.concatenate(blocks), samples)


def test_two_channels_are_mixed(tmp_path: Path) -> None:
    samples = np.tile(np.array([100, 300], dtype="<i2"), 1000)

    (block,) = read(record(tmp_path / "a.wav", samples, channels=2))

    assert len(block) == 1000
    assert set(block.tolist()) == {200}


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_another_rate_is_resampled_to_the_same_length_in_seconds(rate: int, tmp_path: Path) -> None:
    tone = (8000 * np.sin(2 * np.pi * 200 * np.arange(2 * rate) / rate)).astype("<i2")

    (block,) = read(record(tmp_path / "a.wav", tone, rate=rate))

    assert abs(len(block) - 2 * RATE) <= 1
    assert 7000 < block.max() <= 8000


@pytest.mark.parametrize("body", [b"", b"RIFF", b"no sound at all", b"#EXTM3U\nfile:///etc/passwd\n"])
def test_what_is_no_wav_needs_a_decoder_and_is_then_no_recording(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(body)

    with pytest.raises((ModelUnavailable, NoTranscript)) as refused:
        list(read(tmp_path / "a"))

    assert refused.value.hint


def test_a_wav_of_another_width_needs_a_decoder_too(tmp_path: Path) -> None:
    path = record(tmp_path / "a.wav", np.zeros(100, dtype=np.uint8), width=1)

    try:
        blocks = list(read(path))
    except ModelUnavailable:
        return  # as it should be where the extra is not installed

    assert np.concatenate(blocks).dtype == np.int16
