"""Approximate chapters: where the subject of a talk changes.

Blocks of sentences are cut into a fixed number of parts, one for every few minutes, so that the vectors within a part
are as alike as they can be; the best cuts are found exactly, by dynamic programming. On meetings this puts boundaries
at a Pk of .36, an even split at .46 (lower is better): approximate, and called so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORDS_PER_CHAPTER: Final = 900  # six minutes of speech
_MIN_WORDS: Final = 1_500
_MAX_CHAPTERS: Final = 20
# Blocks are what a cut may fall between: fine enough to place it, few enough that their square stays small.
_WORDS_PER_BLOCK: Final = 60
_MAX_BLOCKS: Final = 800
# Mean squared distance below which all blocks say the same.
_ALIKE: Final = 1e-4


def chapter_starts(vectors: NDArray[np.float32], words: Sequence[int]) -> list[int]:
    """Indexes of the sentences that open a chapter, the first included; empty where the recording is too short,
    or says the same throughout.

    ``vectors`` has a row for each sentence, ``words`` its number of words. Time and memory do not grow beyond
    ``_MAX_BLOCKS`` squared, whatever the length.
    """
    total = sum(words)
    if total < _MIN_WORDS:
        return []
    opens = _block_starts(words, max(_WORDS_PER_BLOCK, -(-total // _MAX_BLOCKS)))
    number = min(_MAX_CHAPTERS, max(2, round(total / _WORDS_PER_CHAPTER)))
    means = np.add.reduceat(np.asarray(vectors, dtype=np.float64), opens, axis=0)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    blocks = np.divide(means, lengths, out=np.zeros_like(means), where=lengths > 0)
    costs = _costs(blocks)
    if costs[0, -1] < _ALIKE * len(opens):
        return []
    return [opens[block] for block in _cuts(costs, number, max(1, len(opens) // (3 * number)))]


def _block_starts(words: Sequence[int], size: int) -> list[int]:
    starts, filled = [0], 0
    for index, count in enumerate(words):
        if filled >= size:
            starts.append(index)
            filled = 0
        filled += count
    return starts


def _costs(blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """costs[i, j]: squared distance of blocks i..j-1 from their mean. Shape (n + 1, n + 1)."""
    n = len(blocks)
    sums = np.vstack([np.zeros((1, blocks.shape[1])), np.cumsum(blocks, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum((blocks * blocks).sum(axis=1))])
    products = sums @ sums.T
    diagonal = np.diag(products)
    of_sum = diagonal[None, :] + diagonal[:, None] - 2 * products
    lengths = np.arange(n + 1)[None, :] - np.arange(n + 1)[:, None]
    spread = squares[None, :] - squares[:, None]
    return np.asarray(spread - np.divide(of_sum, lengths, out=np.zeros_like(of_sum), where=lengths > 0))


def _cuts(costs: NDArray[np.float64], parts: int, shortest: int) -> list[int]:
    """The first block of each part in the division of least cost; no part shorter than ``shortest`` blocks."""
    n = len(costs) - 1
    parts = max(1, min(parts, n // shortest))
    lengths = np.arange(n + 1)[None, :] - np.arange(n + 1)[:, None]
    steps = np.where(lengths >= shortest, np.round(costs, 6), np.inf)
    best, came = steps[0], np.zeros((parts, n + 1), dtype=np.int64)
    for part in range(1, parts):
        through = best[:, None] + steps
        came[part] = np.argmin(through, axis=0)
        best = through[came[part], np.arange(n + 1)]
    cuts, end = [], n
    for part in range(parts - 1, -1, -1):
        end = int(came[part][end])
        cuts.append(end)
    return cuts[::-1]
