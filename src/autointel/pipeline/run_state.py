"""The course of one run: what has been found, what became of each step, and when. The one thing here that changes.

Everything in it happens on the run's event loop, so it needs no lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from pydantic import BaseModel

from autointel.domain.results import Results
from autointel.domain.run import Outcome, StepName, StepReport
from autointel.errors import AutointelError, Declined
from autointel.pipeline.step import Done, Later, Opening, Step, Work
from autointel.ports import KeptStep, Listener, StepStore

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
class RunState:
    """Performs steps and writes down what became of them; nothing a step does raises out of here."""

    listener: Listener
    parallel: Callable[[StepName], bool]
    skipped: Mapping[StepName, str] = field(default_factory=dict)
    spent: Callable[[StepName], Spending] = lambda _: Spending()
    simulated: Callable[[], bool] = lambda: False
    store: StepStore | None = None
    clock: Callable[[], float] = perf_counter
    began: float = 0.0
    failure: AutointelError | None = None
    reused: set[StepName] = field(default_factory=set)
    _results: Results | None = None
    _reports: dict[StepName, StepReport] = field(default_factory=dict)
    _starts: dict[StepName, float] = field(default_factory=dict)
    _simulated_before: set[StepName] = field(default_factory=set)
    _texts: dict[StepName, str] = field(default_factory=dict)

    def begin(self) -> None:
        """The crew starts now: steps are timed from here."""
        self.began = self.clock()

    @property
    def results(self) -> Results:
        """What has been found so far. There is nothing before the transcript."""
        if self._results is None:
            raise LookupError("nothing has been found yet")
        return self._results.model_copy(update={"steps": self.reports, "simulated": self._is_simulated})

    @property
    def _is_simulated(self) -> bool:
        """Once anything in a run comes from a simulated model, now or when it was kept, all of it says so."""
        return self.simulated() or bool(self._simulated_before)

    @property
    def reports(self) -> tuple[StepReport, ...]:
        """Every step that has ended, in the crew's order whatever order they ended in."""
        return tuple(self._reports[name] for name in StepName if name in self._reports)

    async def perform(self, step: Opening[Any] | Work[Any]) -> str:
        """Do a step, unless it is kept, and say what the next agent should read."""
        if not self.open(step):
            return self.said(step)
        try:
            kept = None if isinstance(step, Opening) else await self.kept(step)
            if kept is not None:
                return kept
            done = await (step.find() if isinstance(step, Opening) else step.run(self.results))
        except Exception as error:  # noqa: BLE001  the crew would die of it; it becomes an outcome instead
            await self.fail(step, error)
            return self.said(step)
        return await self.close(step, done)

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

    async def kept(self, step: Later[Any]) -> str | None:
        """End a step with what was kept of it, if anything was; what the next agent should read, or None."""
        if self.store is None or not step.kept:
            return None
        kept = await self.store.load(step.name, step.version, step.inputs(self.results))
        if kept is None:
            return None
        self.reused.add(step.name)
        if kept.simulated:
            self._simulated_before.add(step.name)
        if kept.value is not None:
            self._results = await step.complete(step.put(self.results, step.value.model_validate_json(kept.value)))
        self._texts[step.name] = kept.text
        report = self._end(step.name, kept.outcome, reason=kept.reason, hint=kept.hint, detail=_from_store(kept.detail))
        await self._note(report)
        return self.said(step)

    async def close(self, step: Opening[Any] | Later[Any], done: Done[BaseModel]) -> str:
        """A step has its value: keep it first, then say that it is done."""
        # Work done before the crew started moves its start: the time axis shows work where it was done.
        self.began -= done.before
        self._starts[step.name] -= done.before
        before = None if isinstance(step, Opening) else self.results
        value = done.value
        if isinstance(step, Opening):
            self._results = step.begin(value)
        else:
            self._results = await step.complete(step.put(self.results, value))
        self._texts[step.name] = done.text
        outcome = Outcome.DEGRADED if done.shortfall else Outcome.DONE
        shortfall, hint = done.shortfall, done.hint
        try:
            await self._keep(step, before, done, outcome)
        except AutointelError as error:
            outcome, shortfall, hint = Outcome.DEGRADED, f"found, but not kept: {error.message}", error.hint
        report = self._end(step.name, outcome, reason=shortfall, hint=hint, detail=done.detail)
        await self._note(report)
        return self.said(step)

    async def fail(self, step: Opening[Any] | Later[Any], error: Exception) -> None:
        """A step has no value, and this is why."""
        if isinstance(error, Declined):
            report = self._end(step.name, Outcome.DECLINED, reason=error.message, hint=error.hint)
            await self._keep_declined(step, error)
            await self._note(report)
            return
        if not isinstance(error, AutointelError):
            # Ours to mend, and never silent: the log has the traceback, --debug shows it.
            _log.error("step %s", step.name, exc_info=error)
            error = AutointelError(
                f"The step {step.name} met an unexpected {type(error).__name__}: {error}",
                "Run it again with --debug and report what it prints.",
            )
        instead = step.without(error) if isinstance(step, Later) else None
        if instead is not None:
            await self.close(step, instead)
            return
        if step.name in _ESSENTIAL:
            self.failure = error
        await self._note(self._end(step.name, Outcome.FAILED, reason=error.message, hint=error.hint))

    async def _keep(
        self, step: Opening[Any] | Later[Any], before: Results | None, done: Done[BaseModel], outcome: Outcome
    ) -> None:
        if self.store is None:
            return
        await self.store.keep_found(step.name, self.results)
        if before is not None and isinstance(step, Later) and step.kept and outcome is Outcome.DONE:
            value = done.value.model_dump_json()
            kept = KeptStep(
                outcome=outcome, text=done.text, detail=done.detail, value=value, simulated=self._is_simulated
            )
            await self.store.save(step.name, step.version, step.inputs(before), kept)

    async def _keep_declined(self, step: Step[Any], error: Declined) -> None:
        if self.store is not None and isinstance(step, Later) and step.kept:
            kept = KeptStep(outcome=Outcome.DECLINED, reason=error.message, hint=error.hint)
            with suppress(AutointelError):  # it costs nothing to decline again
                await self.store.save(step.name, step.version, step.inputs(self.results), kept)

    async def _note(self, report: StepReport) -> None:
        """The history of a run is a convenience: a home that cannot take it now will be told of elsewhere."""
        if self.store is not None:
            with suppress(AutointelError):
                await self.store.note(report)

    def said(self, step: Step[Any]) -> str:
        """What the next agent reads of a step without words of its own; never empty, or the crew would fail."""
        return self._texts.get(step.name) or f"{step.name}: {self._reports[step.name].outcome}"

    def _end(
        self, name: StepName, outcome: Outcome, *, reason: str = "", hint: str = "", detail: str = ""
    ) -> StepReport:
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
        return report


def _from_store(detail: str) -> str:
    return f"{detail}, kept" if detail else "kept"
