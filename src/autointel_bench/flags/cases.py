"""The eight combinations of three flags, and the steps that may overlap in each.

The table of what may overlap is written out here a second time, apart from the crew that it judges: a proof that asked
the crew what it allows would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Final

from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel.errors import UsageError

Pair = frozenset[StepName]

_ANALYSTS: Final = (StepName.INSIGHTS, StepName.FALLACIES, StepName.PERSPECTIVES)
_FACT_CHECK: Final = (StepName.FACT_CHECK,)
_STORES: Final = (StepName.MEMORY, StepName.GRAPH)
# Groups of steps that run side by side, by number of combination; a step in no group runs alone.
GROUPS: Final[dict[int, tuple[tuple[StepName, ...], ...]]] = {
    1: (),
    2: (_STORES,),
    3: (),
    4: (_FACT_CHECK + _STORES,),
    5: (_ANALYSTS,),
    6: (_ANALYSTS, _STORES),
    7: (_ANALYSTS + _FACT_CHECK,),
    8: (_ANALYSTS + _FACT_CHECK + _STORES,),
}


class Combination(Value):
    """One of the eight, numbered from 1 (all off) to 8 (all on)."""

    number: int
    analysis: bool
    fact_checking: bool
    memory_ops: bool

    @property
    def name(self) -> str:
        """``analysis + memory``; ``all off``, ``all on``."""
        on = [
            word
            for word, is_on in (
                ("analysis", self.analysis),
                ("fact-checking", self.fact_checking),
                ("memory", self.memory_ops),
            )
            if is_on
        ]
        return {0: "all off", 3: "all on"}.get(len(on), " + ".join(on))

    @property
    def environment(self) -> dict[str, str]:
        """The three flags as a user would set them."""
        return {
            "ENABLE_PARALLEL_ANALYSIS": str(int(self.analysis)),
            "ENABLE_PARALLEL_FACT_CHECKING": str(int(self.fact_checking)),
            "ENABLE_PARALLEL_MEMORY_OPS": str(int(self.memory_ops)),
        }


ALL: Final = tuple(
    Combination(
        number=number + 1, analysis=bool(number & 4), fact_checking=bool(number & 2), memory_ops=bool(number & 1)
    )
    for number in range(8)
)
ALL_OFF: Final = ALL[0]
ALL_ON: Final = ALL[-1]


def allowed(combination: Combination) -> frozenset[Pair]:
    """Every pair of steps that may run at the same time."""
    return frozenset(frozenset(pair) for group in GROUPS[combination.number] for pair in combinations(group, 2))


def expected(combination: Combination) -> frozenset[Pair]:
    """Pairs that must be seen, or the flag that allows them does nothing: analysts, and the two stores."""
    pairs: list[Iterable[StepName]] = []
    if combination.analysis:
        pairs += combinations(_ANALYSTS, 2)
    if combination.memory_ops:
        pairs.append(_STORES)
    return frozenset(frozenset(pair) for pair in pairs)


def combinations_of(words: str) -> tuple[Combination, ...]:
    """``all``, or numbers with commas; all off is always among them. Raises UsageError."""
    if words == "all":
        return ALL
    try:
        wanted = {int(word) for word in words.split(",")}
        chosen = {number: ALL[number - 1] for number in wanted if number >= 1}
    except (ValueError, IndexError):
        wanted, chosen = set(), {}
    if not chosen or len(chosen) < len(wanted):
        listed = ", ".join(f"{each.number} {each.name}" for each in ALL)
        raise UsageError(f"--combos {words} is not a choice of combinations.", f"Use all, or numbers of: {listed}.")
    return tuple(chosen.get(each.number, each) for each in ALL if each.number in chosen or each is ALL_OFF)
