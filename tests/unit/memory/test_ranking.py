from __future__ import annotations

import pytest

from autointel.memory.findings import fuse


def test_each_score_counts_against_the_best_of_its_kind() -> None:
    fused = fuse({"keyword": {"a": 8.0, "b": 4.0}, "dense": {"b": 0.5, "c": 0.25}}, {"keyword": 1.0, "dense": 0.2})

    assert fused == pytest.approx({"a": 1.0, "b": 0.7, "c": 0.1})


def test_a_strategy_that_found_nothing_changes_nothing() -> None:
    assert fuse({"keyword": {"a": 2.0}, "dense": {}, "dates": {"a": 0.0}}, {"keyword": 1, "dense": 1, "dates": 1}) == {
        "a": 1.0
    }
