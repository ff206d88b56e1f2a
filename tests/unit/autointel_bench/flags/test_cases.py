from __future__ import annotations

import pytest

from autointel.domain.run import Flag, Flags
from autointel.errors import UsageError
from autointel.pipeline.stages import side_by_side
from autointel_bench.flags.cases import ALL, ALL_OFF, ALL_ON, GROUPS, Combination, combinations_of


def test_there_are_eight_combinations_from_all_off_to_all_on() -> None:
    assert [each.name for each in ALL] == [
        "all off",
        "memory",
        "fact-checking",
        "fact-checking + memory",
        "analysis",
        "analysis + memory",
        "analysis + fact-checking",
        "all on",
    ]
    assert len({tuple(each.environment.items()) for each in ALL}) == 8
    assert set(ALL_OFF.environment.values()) == {"0"}
    assert set(ALL_ON.environment.values()) == {"1"}


@pytest.mark.parametrize("combination", ALL, ids=lambda each: each.name)
def test_the_table_agrees_with_what_the_flags_make_asynchronous(combination: Combination) -> None:
    each = combination
    flags = Flags(
        parallel_analysis=Flag(value=each.analysis),
        parallel_fact_checking=Flag(value=each.fact_checking),
        parallel_memory_ops=Flag(value=each.memory_ops),
    )

    assert side_by_side(flags) == GROUPS[each.number]


@pytest.mark.parametrize(
    ("words", "numbers"), [("all", list(range(1, 9))), ("8", [1, 8]), ("1,2,8", [1, 2, 8]), ("8, 3,3", [1, 3, 8])]
)
def test_all_off_is_always_among_those_that_are_compared(words: str, numbers: list[int]) -> None:
    assert [each.number for each in combinations_of(words)] == numbers


@pytest.mark.parametrize("words", ["", "0", "9", "1,9", "-1", "two", "1;2"])
def test_what_is_no_combination_is_refused_with_the_list_of_them(words: str) -> None:
    with pytest.raises(UsageError) as refused:
        combinations_of(words)

    assert "8 all on" in refused.value.hint
