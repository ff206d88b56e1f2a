"""The benchmarks of stores run in full, small; whether promises are kept is for a quiet machine to say."""

from __future__ import annotations

from autointel_bench.layers import layers_markdown, measure_layers
from autointel_bench.slo import LEVELS, measure_slo, slo_markdown


def test_every_service_level_is_measured_over_a_home_of_its_own() -> None:
    told: list[str] = []

    levels = measure_slo(60, 2, command="bench slo", on_progress=told.append)

    assert levels.passages >= 60
    assert {level.name: level.n for level in levels.levels} == dict.fromkeys(LEVELS, 2)
    assert all(0 < level.median <= level.p95 <= level.most for level in levels.levels)
    assert told[-1] == "2 searches done"
    assert "retrieve" in slo_markdown(levels)


def test_layers_are_written_one_by_one_and_side_by_side_and_a_failed_one_costs_no_other() -> None:
    layers = measure_layers(command="bench layers")

    assert layers.isolated
    assert all(each.one_by_one > each.side_by_side for each in layers.overlaps)
    assert "side by side" in layers_markdown(layers)
