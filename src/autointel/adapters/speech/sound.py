"""A recording as samples, and what a recogniser heard in it as segments.

Samples come a stretch at a time (three hours at once would be 1.8 GB), cut where nobody speaks; segments are sentences
where the recogniser gives the time of each word.
"""

from __future__ import annotations

import wave
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from autointel.domain.transcript import Mends, Origin, Segment, Transcript, Trust
from autointel.errors import ModelUnavailable, NoTranscript
from autointel.extensions import how_to_install
from autointel.text.near_duplicates import loop_warning, looped

RATE: Final = 16_000
"""Samples a second; what speech models are trained on."""
Samples = NDArray[np.int16]
_BLOCK: Final = 30 * RATE
_WIDTH: Final = 2  # bytes of a sample
# Playlists and scripts are recordings to ffmpeg, too, and name other files and addresses; these formats hold sound.
_FORMATS: Final = "aac,ac3,aiff,amr,asf,au,avi,caf,eac3,flac,flv,matroska,webm,mov,mp4,m4a,mp3,mpeg,mpegts,ogg,w64,wav"
_OPTIONS: Final = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
# A pause between sentences lasts some 0.3 s; it is looked for in the last third of a piece.
_PAUSE: Final = int(0.3 * RATE)
_STEP: Final = int(0.02 * RATE)
_SEARCHED: Final = 1 / 3
_ENDS: Final = (".", "!", "?", "…", "。", "？", "！")
_LONGEST: Final = 15.0  # seconds: a citation should open near its words
_SILENCE: Final = 1.0


def read(path: Path) -> Iterator[Samples]:
    """Mono, 16 kHz, in blocks of any length. WAV needs nothing; for anything else the extra ``asr`` brings PyAV.

    Raises NoTranscript for what holds no sound, ModelUnavailable without a decoder. The path is of a file on disk:
    a decoder is never given an address.
    """
    try:
        yield from _wav(path)
    except (wave.Error, EOFError):
        yield from _decoded(path)


def _wav(path: Path) -> Iterator[Samples]:
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != _WIDTH:
            raise wave.Error("not 16 bits")
        rate, channels = file.getframerate(), file.getnchannels()
        while raw := file.readframes(_BLOCK):
            whole = np.frombuffer(raw[: len(raw) - len(raw) % (_WIDTH * channels)], dtype="<i2")
            mono = whole.reshape(-1, channels).mean(axis=1)
            yield _resampled(mono, rate).astype(np.int16)


def _resampled(mono: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    if rate == RATE or not len(mono):
        return mono
    at = np.arange(0, len(mono), rate / RATE)
    return np.asarray(np.interp(at, np.arange(len(mono)), mono), dtype=np.float64)


def _decoded(path: Path) -> Iterator[Samples]:
    try:
        import av
    except ImportError as error:
        raise ModelUnavailable(
            "The recording cannot be decoded, because PyAV is not installed.",
            f"Install the extra: {how_to_install('asr')}",
        ) from error
    try:
        with av.open(str(path.absolute()), options=_OPTIONS, metadata_errors="ignore") as container:
            sound = next(iter(container.streams.audio), None)
            if sound is None:
                raise NoTranscript("The recording has no sound.", "Check that it is the right file.")
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in chain(container.decode(sound), [None]):
                for resampled in resampler.resample(frame):
                    yield resampled.to_ndarray().reshape(-1).astype(np.int16)
    except av.FFmpegError as error:
        raise NoTranscript("The file is no recording that can be decoded.", "Check that it plays.") from error


@dataclass(frozen=True)
class Piece:
    """A stretch of a recording, and where it begins in it, in seconds."""

    start: float
    samples: Samples

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / RATE


def pieces(blocks: Iterable[Samples], longest: float) -> Iterator[Piece]:
    """Together they are the recording, without a gap or an overlap; none is longer than ``longest`` seconds."""
    most = max(int(longest * RATE), _PAUSE)
    held: Samples = np.zeros(0, dtype=np.int16)
    begun = 0
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) > most:
            cut = quietest(held[:most])
            yield Piece(begun / RATE, held[:cut])
            held, begun = held[cut:], begun + cut
    if len(held):
        yield Piece(begun / RATE, held)


def quietest(samples: Samples) -> int:
    """The middle of the pause with the least energy in the last third; the end, where that is too short to search."""
    first = int(len(samples) * (1 - _SEARCHED))
    tail = samples[first:].astype(np.float64)
    energy = np.concatenate([[0.0], np.cumsum(tail**2)])
    starts = np.arange(0, len(tail) - _PAUSE, _STEP)
    if not len(starts):
        return len(samples)
    sums = energy[starts + _PAUSE] - energy[starts]
    return first + int(starts[int(np.argmin(sums))]) + _PAUSE // 2


@dataclass(frozen=True)
class Heard:
    """Words and when they were said, in seconds from the recording's beginning."""

    start: float
    end: float
    text: str


def sentences(words: Iterable[Heard]) -> Iterator[Heard]:
    """Words joined until a sentence ends, a second passes in silence, or fifteen go by."""
    held: list[Heard] = []
    for word in words:
        if held and (word.start - held[-1].end > _SILENCE or word.end - held[0].start > _LONGEST):
            yield _joined(held)
            held = []
        held.append(word)
        if word.text.rstrip().endswith(_ENDS):
            yield _joined(held)
            held = []
    if held:
        yield _joined(held)


def _joined(words: Sequence[Heard]) -> Heard:
    # Recognisers put the space before the word; scripts without spaces have none.
    return Heard(words[0].start, words[-1].end, "".join(word.text for word in words))


def transcript(heard: Iterable[Heard], language: str | None) -> Transcript:
    """In whole milliseconds, in order. Raises NoTranscript if nothing was said."""
    said = [(one, text) for one in heard if (text := " ".join(one.text.split()))]
    loops = looped([text for _, text in said])
    segments = [
        Segment(text=text, start=round(max(0.0, one.start), 3), end=round(max(0.0, one.start, one.end), 3))
        for index, (one, text) in enumerate(said)
        if index not in loops
    ]
    if not segments:
        raise NoTranscript("No speech was heard in the recording.", "Check that it is the right file.")
    segments.sort(key=lambda segment: segment.start or 0.0)
    return Transcript(
        segments=tuple(segments),
        origin=Origin.SPEECH_RECOGNITION,
        trust=Trust.LOW,
        language=language,
        warnings=(loop_warning(len(loops)),) if loops else (),
        mends=Mends(repairs=len(loops)),
    )
