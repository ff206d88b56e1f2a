"""How well vectors tell how much two sentences mean the same: Spearman on STS-B files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from autointel.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Embed: TypeAlias = "Callable[[Sequence[str]], NDArray[np.float32]]"
"""Texts to unit rows."""

# Tab-separated: genre, file, year, id, score from 0 to 5, and the two sentences.
_SCORE: Final = 4
_FIRST: Final = 5
_SECOND: Final = 6


@dataclass(frozen=True)
class EmbedderScore:
    """``spearman`` of the cosines with the human scores over ``pairs`` pairs."""

    pairs: int
    spearman: float

    def render(self) -> str:
        """One line."""
        return f"sentence similarity: Spearman {self.spearman:.3f} over {self.pairs} pairs"


def score_embedder(folder: Path, embed: Embed) -> EmbedderScore:
    """All ``sts-*.csv`` files of a folder together. Raises UsageError where there are no pairs."""
    pairs = [pair for file in sorted(folder.glob("sts-*.csv")) for pair in _read(file)]
    if len(pairs) < 2:  # noqa: PLR2004 - one pair has no order
        raise UsageError(f"{folder} holds no STS-B pairs.", "Give the folder with sts-dev.csv or sts-test.csv.")
    gold = np.asarray([score for score, _, _ in pairs])
    first = embed([one for _, one, _ in pairs])
    second = embed([other for _, _, other in pairs])
    return EmbedderScore(len(pairs), spearman(gold, np.asarray((first * second).sum(axis=1), dtype=np.float64)))


def spearman(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Correlation of ranks, -1 to 1; equal values share their mean rank. 0 where one of them does not vary."""
    ranks = np.stack([_ranks(one), _ranks(other)])
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1)
    return float(centred[0] @ centred[1] / (lengths[0] * lengths[1])) if lengths.all() else 0.0


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means = (ends - counts + 1 + ends) / 2
    return np.asarray(means[inverse], dtype=np.float64)


def _read(file: Path) -> list[tuple[float, str, str]]:
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    return [(float(row[_SCORE]), row[_FIRST], row[_SECOND]) for row in rows if len(row) > _SECOND]
