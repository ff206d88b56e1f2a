from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autointel.adapters.speech.sound import RATE, Piece, pieces, quietest


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
