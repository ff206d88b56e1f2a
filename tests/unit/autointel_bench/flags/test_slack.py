from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.domain.performance import critical_path
from autointel_bench.flags.steps import slack

NEEDS = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ("a",)}
SECONDS = st.fixed_dictionaries({name: st.floats(0, 100) for name in NEEDS})


def test_a_step_has_as_much_slack_as_the_chain_leaves_it() -> None:
    loose = slack({"a": 1.0, "b": 5.0, "c": 2.0, "d": 1.0, "e": 0.5}, NEEDS)

    assert loose == {"a": 0.0, "b": 0.0, "c": 3.0, "d": 0.0, "e": 5.5}


@given(SECONDS)
def test_nothing_on_the_critical_path_has_slack_and_using_it_up_costs_nothing(seconds: dict[str, float]) -> None:
    path, longest = critical_path(seconds, NEEDS)
    loose = slack(seconds, NEEDS)

    assert all(loose[name] == pytest.approx(0, abs=1e-9) for name in path)
    for name in NEEDS:
        later = {**seconds, name: seconds[name] + loose[name]}
        assert critical_path(later, NEEDS)[1] == pytest.approx(longest)


def test_nothing_measured_leaves_no_slack() -> None:
    assert slack({}, NEEDS) == dict.fromkeys(NEEDS, 0.0)
    assert slack({}, {}) == {}
