from __future__ import annotations

import pytest

from autointel.errors import UsageError
from autointel_bench.simulated.profile import WORLDS, StoreLatency, world_of


def test_the_typical_profile_states_what_the_design_measures_by() -> None:
    typical = world_of("typical")

    assert typical.model.latency == 1.0
    assert (typical.memory.request_seconds, typical.memory.item_seconds) == (0.05, 0.0005)
    assert typical.described == (
        "model 1 s a call; a search 0.3 s and 1 page of 0.15 s; "
        "memory and graph 50 ms a request and 0.5 ms an item, 50 items a request"
    )


def test_a_profile_that_is_not_one_is_refused_with_those_that_are() -> None:
    with pytest.raises(UsageError) as refused:
        world_of("quick")

    assert all(name in refused.value.hint for name in WORLDS)


def test_a_write_costs_its_items_and_a_question_does_not() -> None:
    latency = StoreLatency(request_seconds=0.1, item_seconds=0.01)

    assert latency.reading() == 0.1
    assert latency.writing(5) == pytest.approx(0.15)
