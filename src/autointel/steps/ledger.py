"""The course of one run: what has been found, what became of each step, and when. The one thing here that changes.

Everything in it happens on the run's event loop, so it needs no lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from pydantic import BaseModel

from autointel.domain.results import Results
from autointel.domain.run import Outcome, StepName, StepReport
from autointel.errors import AutointelError, Declined
from autointel.ports import Listener
from autointel.steps.step import Done, Later, Opening, Step, Work

_log: Final = logging.getLogger(__name__)
# Without these there is nothing to go on with.
_ESSENTIAL: Final = (StepName.TRANSCRIBE, StepName.READ, StepName.BRIEF)


@dataclass(frozen=True)
class Spending:
    """What one step asked of the model."""

    model_calls: int = 0
    tokens: int = 0
    usd: float | None = None
    queue_seconds: float = 0.0


@dataclass
class Ledger:
    """Performs steps and writes down what became of them; nothing a step does raises out of here."""

    listener: Listener
    parallel: Callable[[StepName], bool]
    skipped: Mapping[StepName, str] = field(default_factory=dict)
    spent: Callable[[StepName], Spending] = lambda _: Spending()
    clock: Callable[[], float] = perf_counter
    began: float = 0.0
    failure: AutointelError | None = None
    _results: Results | None = None
    _reports: dict[StepName, StepReport] = field(default_factory=dict)
    _starts: dict[StepName, float] = field(default_factory=dict)

    def begin(self) -> None:
        """The crew starts now: steps are timed from here."""
        self.began = self.clock()

    @property
    def results(self) -> Results:
        """What has been found so far. There is nothing before the transcript."""
        if self._results is None:
            raise LookupError("nothing has been found yet")
        return self._results.model_copy(update={"steps": self.reports})

    @property
    def reports(self) -> tuple[StepReport, ...]:
        """Every step that has ended, in the crew's order whatever order they ended in."""
        return tuple(self._reports[name] for name in StepName if name in self._reports)

    async def perform(self, step: Opening[Any] | Work[Any]) -> str:
        """Do a step and say what the next agent should read."""
        if not self.open(step):
            return self.said(step)
        try:
            done = await (step.find() if isinstance(step, Opening) else step.run(self.results))
        except Exception as error:  # noqa: BLE001  the crew would die of it; it becomes an outcome instead
            self.fail(step, error)
            return self.said(step)
        return self.close(step, done)

    def open(self, step: Step[Any]) -> bool:
        """Start the clock of a step; False where it is not to be done at all."""
        self._starts[step.name] = self.clock()
        if step.name in self.skipped:
            self._end(step.name, Outcome.SKIPPED, reason=self.skipped[step.name])
            return False
        if self.failure is not None:
            self._end(step.name, Outcome.SKIPPED, reason="an earlier step that it needs did not succeed")
            return False
        self.listener.step_started(step.name)
        return True

    def close(self, step: Opening[Any] | Later[Any], done: Done[BaseModel]) -> str:
        """A step has its value."""
        value = done.value
        self._results = step.begin(value) if isinstance(step, Opening) else step.put(self.results, value)
        outcome = Outcome.DEGRADED if done.shortfall else Outcome.DONE
        self._end(step.name, outcome, reason=done.shortfall, hint=done.hint, detail=done.detail)
        return done.text or self.said(step)

    def fail(self, step: Step[Any], error: Exception) -> None:
        """A step has no value, and this is why."""
        if isinstance(error, Declined):
            self._end(step.name, Outcome.DECLINED, reason=error.message, hint=error.hint)
            return
        if not isinstance(error, AutointelError):
            # Ours to mend, and never silent: the log has the traceback, --debug shows it.
            _log.error("step %s", step.name, exc_info=error)
            error = AutointelError(
                f"The step {step.name} met an unexpected {type(error).__name__}: {error}",
                "Run it again with --debug and report what it prints.",
            )
        if step.name in _ESSENTIAL:
            self.failure = error
        self._end(step.name, Outcome.FAILED, reason=error.message, hint=error.hint)

    def said(self, step: Step[Any]) -> str:
        """What the next agent reads of a step without words of its own; never empty, or the crew would fail."""
        return f"{step.name}: {self._reports[step.name].outcome}"

    def _end(self, name: StepName, outcome: Outcome, *, reason: str = "", hint: str = "", detail: str = "") -> None:
        started, spent = self._starts[name], self.spent(name)
        report = StepReport(
            name=name,
            outcome=outcome,
            reason=reason,
            hint=hint,
            started=max(0.0, started - self.began),
            seconds=max(0.0, self.clock() - started),
            queue_seconds=spent.queue_seconds,
            parallel=self.parallel(name),
            model_calls=spent.model_calls,
            tokens=spent.tokens,
            usd=spent.usd,
            detail=detail,
        )
        self._reports[name] = report
        self.listener.step_ended(report)
