"""Choosing the sentences that stand for a text: centrality by embedding (LexRank), then variety (MMR)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


# A matrix of similarities at once: 2,500 squared in single precision is 25 MB.
_BLOCK: Final = 2_500
_DAMPING: Final = 0.85
_ITERATIONS: Final = 40
_ENOUGH: Final = 1e-6
# Cosines of centred vectors below this are noise.
_NOISE: Final = 0.1
# Between what is central and what is new.
_CENTRAL: Final = 0.7
_SAME: Final = 0.8
# Vectors shorter than this have lost their direction to rounding.
_NOTHING: Final = 1e-6
# Decimals kept before comparing: the last bits depend on the processor, the order must not.
_DECIMALS: Final = 5


def centrality(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """LexRank of each row, 1 for the most central; shape (n,). Rows are unit vectors, at least one.

    More rows than one block holds are ranked within blocks of neighbours: time and memory stay linear in n, and a row
    is then central to its part of the recording.
    """
    n = len(vectors)
    parts = max(1, -(-n // _BLOCK))
    scores = [_lexrank(part) for part in np.array_split(vectors, parts)]
    return np.asarray(np.round(np.concatenate(scores), _DECIMALS), dtype=np.float64)


def diverse(vectors: NDArray[np.float32], scores: Sequence[float], limit: int) -> list[int]:
    """At most ``limit`` rows, best first: high in score, unlike those chosen before. Ties go to the earlier row."""
    order = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[: max(200, 10 * limit)]
    closest = np.zeros(len(order))
    chosen: list[int] = []
    while len(chosen) < min(limit, len(order)):
        values = np.round(_CENTRAL * np.asarray([scores[row] for row in order]) - (1 - _CENTRAL) * closest, _DECIMALS)
        values[closest >= _SAME] = -np.inf
        best = int(np.argmax(values))
        if np.isneginf(values[best]):
            break
        chosen.append(order[best])
        closest = np.maximum(closest, vectors[order] @ vectors[order[best]])
        closest[best] = np.inf
    return chosen


def centred(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows without what they share, again of length 1: a talk's sentences all resemble its subject."""
    moved = vectors - vectors.mean(axis=0, keepdims=True)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(np.divide(moved, lengths, out=np.zeros_like(moved), where=lengths > _NOTHING), dtype=np.float32)


def _lexrank(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Power iteration on similarities above the noise."""
    n = len(vectors)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, 0.0)
    similar[similar < _NOISE] = 0.0
    degrees = similar.sum(axis=1)
    # A row like no other passes its weight to nobody; the jump below keeps the sum.
    shares = np.divide(1.0, degrees, out=np.zeros_like(degrees), where=degrees > 0)
    rank = np.full(n, 1.0 / n, dtype=np.float32)
    for _ in range(_ITERATIONS):
        moved = (1 - _DAMPING) / n + _DAMPING * (similar @ (rank * shares))
        moved /= moved.sum()
        settled = float(np.abs(moved - rank).sum()) < _ENOUGH
        rank = moved
        if settled:
            break
    return np.asarray(rank, dtype=np.float64) / float(rank.max())
