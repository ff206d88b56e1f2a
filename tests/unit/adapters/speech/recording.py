"""Recordings to be heard, made on the spot."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

RATE = 16_000


def record(folder: Path, seconds: float, name: str = "talk.wav") -> Path:
    """Noise with a pause of half a second every five."""
    samples = np.random.default_rng(1).integers(-8000, 8000, int(seconds * RATE)).astype("<i2")
    for pause in range(5, int(seconds), 5):
        samples[int((pause - 0.25) * RATE) : int((pause + 0.25) * RATE)] = 0
    path = folder / name
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path
