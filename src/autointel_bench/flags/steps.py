"""Where one run's time went, step by step: work apart from waiting for a turn, and what could have taken longer."""

from __future__ import annotations

from collections.abc import Sequence

from autointel.domain.performance import slack
from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel.pipeline.stages import NEEDS
from autointel_bench.flags.drawing import typical
from autointel_bench.flags.record import RunRecord


class StepTime(Value):
    """One step of the run whose time is the median; all in seconds. ``slack`` is 0 on the critical path.

    ``queue`` was spent waiting for a place, a limit or a retry at the model's client, summed over calls side by side.
    """

    step: StepName
    started: float
    seconds: float
    queue: float
    slack: float
    critical: bool


def step_times(records: Sequence[RunRecord], combination: int) -> tuple[StepTime, ...]:
    """The steps of that combination's median run; none where no run succeeded."""
    record = typical(records, combination)
    if record is None or record.inside is None:
        return ()
    report = record.inside.report
    needs = {name.value: needed for name, needed in NEEDS.items()}
    loose = slack({step.name.value: step.seconds for step in report.steps}, needs)
    return tuple(
        StepTime(
            step=step.name,
            started=step.started,
            seconds=step.seconds,
            queue=step.queue_seconds,
            slack=loose[step.name],
            critical=step.name in report.timing.critical_path,
        )
        for step in report.steps
    )
