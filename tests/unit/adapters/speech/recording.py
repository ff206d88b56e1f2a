"""Recordings to be heard, made on the spot."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

RATE = 16_000
# The first three formants of five vowels (Peterson and Barney, 1952), in hertz: enough to pass for a voice.
_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))


def noise(seconds: float) -> Any:
    """With a pause of half a second every five."""
    samples = np.random.default_rng(1).integers(-8000, 8000, int(seconds * RATE)).astype("<i2")
    for pause in range(5, int(seconds), 5):
        samples[int((pause - 0.25) * RATE) : int((pause + 0.25) * RATE)] = 0
    return samples


def voice(seconds: float) -> Any:
    """Syllables of one vowel after another; a detector of speech takes them for it."""
    chance = np.random.default_rng(0)
    length = int(0.2 * RATE)
    time = np.arange(length) / RATE
    syllables = []
    for _ in range(int(seconds / 0.2)):
        pitch, formants = chance.uniform(95, 150), _VOWELS[chance.integers(len(_VOWELS))]
        tone = np.zeros(length)
        for harmonic in range(1, int(4000 / pitch)):
            loud = sum(1 / (1 + ((harmonic * pitch - formant) / 100) ** 2) for formant in formants)
            tone += loud * np.sin(2 * np.pi * harmonic * pitch * time)
        syllables.append(tone * np.sqrt(np.sin(np.pi * np.arange(length) / length)))
    samples = np.concatenate(syllables)
    return (samples / np.abs(samples).max() * 16000).astype("<i2")


def record(folder: Path, seconds: float, name: str = "talk.wav") -> Path:
    """Noise, as WAV."""
    return save(folder / name, noise(seconds))


def save(path: Path, samples: Any) -> Path:
    """Samples of 16 bits at 16 kHz, as WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def encode(path: Path, samples: Any, *, codec: str, container: str) -> Path:
    """Samples as MP3, AAC, Opus and so on; the name of the file says nothing of it."""
    import av

    with av.open(str(path), "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=RATE)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return path
