"""A model fitted to a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from autointel.adapters.llama_cpp.gguf import Gguf, Machine, Serving, serving, this_machine
from autointel.errors import SettingsError

GB = 1_000_000_000


def model(*, size: int = GB, context: int = 32_768, cache_bytes: int = 28_672) -> Gguf:
    return Gguf(Path("/models/m.gguf"), size, context, cache_bytes, "d")


@pytest.mark.parametrize(
    ("machine", "most_slots", "expected"),
    [
        (Machine(8, 16 * GB), 8, Serving(threads=8, slots=4, context=8192)),
        (Machine(8, 16 * GB), 1, Serving(threads=8, slots=1, context=8192)),
        (Machine(1, 16 * GB), 8, Serving(threads=1, slots=1, context=8192)),
        # room for two whole contexts, not for four
        (Machine(8, int(1.9 * GB)), 8, Serving(threads=8, slots=2, context=8192)),
        # room for half a context: one slot, with what fits
        (Machine(8, int(1.5 * GB)), 8, Serving(threads=8, slots=1, context=100_000_000 // 28_672)),
    ],
)
def test_slots_and_context_follow_from_processors_and_memory(
    machine: Machine, most_slots: int, expected: Serving
) -> None:
    assert serving(model(), machine, most_slots) == expected


def test_no_context_is_longer_than_the_model_was_trained_for() -> None:
    assert serving(model(context=1024), Machine(2, 16 * GB), 8).context == 1024


def test_a_model_too_large_for_memory_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match=r"m needs 70\.5 GB of memory, and 16\.0 GB are free"):
        serving(model(size=70 * GB), Machine(8, 16 * GB), 8)


def test_this_machine_has_a_processor_and_memory() -> None:
    here = this_machine()

    assert here.processors >= 1
    assert here.memory > 100_000_000
