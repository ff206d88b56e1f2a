from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from autointel.errors import UsageError
from autointel_bench.evaluation.embedder import score_embedder, spearman


def by_length(texts: Sequence[str]) -> NDArray[np.float32]:
    """Cosine 1 for two texts of one letter, less with every letter more."""
    angles = np.asarray([len(text) / 10 for text in texts], dtype=np.float32)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def pairs(*rows: tuple[float, str, str]) -> str:
    return "".join(
        f"news\tf\t2012\t{n:04}\t{score:.3f}\t{one}\t{other}\n" for n, (score, one, other) in enumerate(rows)
    )


def test_cosines_in_the_order_of_the_humans_score_one(tmp_path: Path) -> None:
    (tmp_path / "sts-dev.csv").write_text(pairs((5, "a", "a"), (3, "a", "aaa"), (0, "a", "aaaaaa")), encoding="utf-8")

    score = score_embedder(tmp_path, by_length)

    assert score.spearman == pytest.approx(1.0)
    assert score.render() == "sentence similarity: Spearman 1.000 over 3 pairs"


def test_cosines_in_the_opposite_order_score_minus_one(tmp_path: Path) -> None:
    (tmp_path / "sts-dev.csv").write_text(pairs((0, "a", "a"), (3, "a", "aaa"), (5, "a", "aaaaaa")), encoding="utf-8")

    assert score_embedder(tmp_path, by_length).spearman == pytest.approx(-1.0)


def test_equal_values_share_their_rank() -> None:
    # Ranks 1.5 1.5 3 against 1 2 3: 0.5 * sqrt(3).
    assert spearman(np.asarray([1.0, 1.0, 2.0]), np.asarray([1.0, 2.0, 3.0])) == pytest.approx(0.75**0.5)


def test_what_does_not_vary_correlates_with_nothing() -> None:
    assert spearman(np.asarray([1.0, 1.0]), np.asarray([1.0, 2.0])) == 0.0


def test_a_folder_without_pairs_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no STS-B pairs"):
        score_embedder(tmp_path, by_length)
