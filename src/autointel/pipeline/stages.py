"""The pipeline's shape, stated once: which steps there are, what each needs, and what may overlap.

The crew's tasks, their contexts and their order, the critical path, what an option leaves out, how long a result is
reused, and the table of overlaps in docs/pipeline.md all follow from ``PIPELINE``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, product
from math import inf
from typing import Final

from autointel.domain.run import Flag, Flags, Options, StepName


class OverlapFlag(StrEnum):
    """The flag that lets a step run beside its neighbours; the value is the flag's name in ``Flags``."""

    ANALYSIS = "parallel_analysis"
    FACT_CHECKING = "parallel_fact_checking"
    MEMORY_OPS = "parallel_memory_ops"


class Switch(StrEnum):
    """The option that leaves a step out; the value is the option's name in ``Options``."""

    FACT_CHECK = "fact_check"
    MEMORY = "memory"
    GRAPH = "graph"


@dataclass(frozen=True)
class Stage:
    """One row of the table. Its step is found by name.

    ``needs`` are the steps whose results it reads. A run cannot go on without an ``essential`` step. ``reused_for`` is
    how many seconds a result serves later runs over the same input: 0 for a step that always looks for itself.
    """

    name: StepName
    needs: tuple[StepName, ...] = ()
    overlaps_by: OverlapFlag | None = None
    essential: bool = False
    switch: Switch | None = None
    reused_for: float = inf


_WEEK: Final = 7 * 24 * 3600.0
_READ: Final = (StepName.READ,)

PIPELINE: Final = (
    Stage(StepName.TRANSCRIBE, essential=True, reused_for=0),
    Stage(StepName.READ, (StepName.TRANSCRIBE,), essential=True),
    Stage(StepName.INSIGHTS, _READ, OverlapFlag.ANALYSIS),
    Stage(StepName.FALLACIES, _READ, OverlapFlag.ANALYSIS),
    Stage(StepName.PERSPECTIVES, _READ, OverlapFlag.ANALYSIS),
    # Evidence on the web changes, so a verdict is looked into again after a week.
    Stage(StepName.FACT_CHECK, _READ, OverlapFlag.FACT_CHECKING, switch=Switch.FACT_CHECK, reused_for=_WEEK),
    # The stores themselves know what they hold.
    Stage(StepName.MEMORY, _READ, OverlapFlag.MEMORY_OPS, switch=Switch.MEMORY, reused_for=0),
    Stage(StepName.GRAPH, _READ, OverlapFlag.MEMORY_OPS, switch=Switch.GRAPH, reused_for=0),
    Stage(
        StepName.BRIEF,
        (
            StepName.READ,
            StepName.INSIGHTS,
            StepName.FALLACIES,
            StepName.PERSPECTIVES,
            StepName.FACT_CHECK,
            StepName.MEMORY,
            StepName.GRAPH,
        ),
        essential=True,
    ),
)
STAGES: Final[Mapping[StepName, Stage]] = {stage.name: stage for stage in PIPELINE}
NEEDS: Final[Mapping[StepName, tuple[StepName, ...]]] = {stage.name: stage.needs for stage in PIPELINE}
ANALYSES: Final = tuple(stage.name for stage in PIPELINE if stage.overlaps_by is OverlapFlag.ANALYSIS)


def overlaps(stage: Stage, flags: Flags) -> bool:
    """Whether the crew starts the step without waiting for its end (``async_execution``)."""
    if stage.overlaps_by is None:
        return False
    flag: Flag = getattr(flags, stage.overlaps_by)
    return flag.value


def left_out(options: Options) -> Mapping[StepName, str]:
    """The steps that the options leave out, each with the reason."""
    return {stage.name: "switched off" for stage in PIPELINE if stage.switch and not getattr(options, stage.switch)}


def side_by_side(flags: Flags) -> tuple[tuple[StepName, ...], ...]:
    """Groups of steps that may run at the same time, in the order of the crew.

    CrewAI waits for every running task as soon as it reaches one that is not asynchronous, whatever that task needs. So
    only neighbours overlap, and a step without an asynchronous neighbour overlaps nothing.
    """
    runs = groupby(PIPELINE, lambda stage: overlaps(stage, flags))
    groups = (tuple(stage.name for stage in run) for asynchronous, run in runs if asynchronous)
    return tuple(group for group in groups if len(group) > 1)


def flag_combinations() -> Iterator[Flags]:
    """All eight, from everything off to everything on, the last flag changing fastest."""
    for values in product((False, True), repeat=len(OverlapFlag)):
        flags = {flag.value: Flag(value=value) for flag, value in zip(OverlapFlag, values, strict=True)}
        yield Flags.model_validate(flags)
