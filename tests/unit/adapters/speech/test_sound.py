from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.speech.recording import encode, noise

from autointel.adapters.speech.sound import RATE, Heard, Piece, pieces, quietest, read, sentences, transcript
from autointel.domain.transcript import Origin, Trust
from autointel.errors import NoTranscript


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


@pytest.mark.parametrize(
    ("codec", "container"),
    [
        ("libmp3lame", "mp3"),
        ("aac", "mp4"),
        ("libopus", "ogg"),
        ("libopus", "webm"),
        ("flac", "flac"),
        ("pcm_u8", "wav"),
    ],
)
def test_what_podcasts_and_videos_are_made_of_is_decoded(codec: str, container: str, tmp_path: Path) -> None:
    path = encode(tmp_path / "recording", noise(4), codec=codec, container=container)

    samples = np.concatenate(list(read(path)))

    assert samples.dtype == np.int16
    assert len(samples) / RATE == pytest.approx(4, abs=0.2)
    assert np.abs(samples).max() > 1000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"RIFF",
        b"no sound at all",
        b"#EXTM3U\n#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1/secret\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile talk\n",
    ],
)
def test_what_is_no_recording_is_refused_and_leads_nowhere(body: bytes, tmp_path: Path) -> None:
    encode(tmp_path / "talk", noise(1), codec="libmp3lame", container="mp3")
    (tmp_path / "a").write_bytes(body)

    with pytest.raises(NoTranscript, match="no recording that can be decoded"):
        list(read(tmp_path / "a"))


def test_a_playlist_of_a_real_recording_is_refused_all_the_same(tmp_path: Path) -> None:
    talk = encode(tmp_path / "talk.mp3", noise(1), codec="libmp3lame", container="mp3")
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:1,\n{talk}\n#EXT-X-ENDLIST\n")

    with pytest.raises(NoTranscript):
        list(read(tmp_path / "list.m3u8"))


def test_pictures_without_sound_are_no_recording(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "film"), "w", format="mp4") as film:
        stream = film.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        for packet in (*stream.encode(frame), *stream.encode(None)):
            film.mux(packet)

    with pytest.raises(NoTranscript, match="has no sound"):
        list(read(tmp_path / "film"))


def test_a_recording_that_breaks_off_gives_what_came(tmp_path: Path) -> None:
    path = encode(tmp_path / "recording", noise(8), codec="libmp3lame", container="mp3")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    seconds = len(np.concatenate(list(read(path)))) / RATE

    assert 3 < seconds < 5


def talk(seconds: float, pauses: tuple[float, ...] = ()) -> np.ndarray:
    samples = np.random.default_rng(0).integers(-8000, 8000, int(seconds * RATE)).astype(np.int16)
    for pause in pauses:
        samples[int((pause - 0.25) * RATE) : int((pause + 0.25) * RATE)] = 0
    return samples


def test_a_cut_falls_into_the_pause() -> None:
    cut = quietest(talk(10, pauses=(8.0,))) / RATE

    assert 7.75 < cut < 8.25


def test_a_pause_early_on_is_not_worth_a_short_piece() -> None:
    assert quietest(talk(9, pauses=(2.0,))) / RATE > 6


def test_pieces_are_the_whole_recording_and_know_where_they_begin() -> None:
    samples = talk(25, pauses=(9.0, 17.5))

    found = list(pieces([samples[: 7 * RATE], samples[7 * RATE :]], 10.0))

    assert np.array_equal(np.concatenate([piece.samples for piece in found]), samples)
    assert [round(piece.start) for piece in found] == [0, 9, 17 if found[2].start < 17.5 else 18]
    assert all(piece.seconds <= 10 for piece in found)


def test_a_short_recording_is_one_piece() -> None:
    (piece,) = pieces([talk(1)], 10.0)

    assert (piece.start, piece.seconds) == (0.0, 1.0)
    assert isinstance(piece, Piece)


def test_no_sound_is_no_piece() -> None:
    assert list(pieces([], 10.0)) == []


@given(st.lists(st.integers(0, 9000), max_size=8), st.floats(0.01, 2.0))
def test_nothing_is_lost_or_doubled_however_it_comes(lengths: list[int], longest: float) -> None:
    total = sum(lengths)
    samples = (np.arange(total) % 30000).astype(np.int16)
    blocks = np.split(samples, np.cumsum(lengths)[:-1]) if lengths else []

    found = list(pieces(blocks, longest))

    assert sum(len(piece.samples) for piece in found) == total
    assert all(round(piece.start * RATE) == sum(len(p.samples) for p in found[:i]) for i, piece in enumerate(found))


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
