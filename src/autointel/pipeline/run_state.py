"""The state of one run: what has been found, what became of each step, and when. The one thing here that changes.

Everything in it happens on the run's event loop. Steps that run side by side interleave at every ``await``, so a value
is merged into the results without one: results are read, added to and written back in one synchronous act.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Protocol

import anyio
from pydantic import BaseModel

from autointel.domain.report import Results
from autointel.domain.run import Options, Outcome, StepName, StepReport
from autointel.errors import AutointelError, CatalogueAway, Declined, exhaustion
from autointel.pipeline.stages import STAGES, left_out, overlaps
from autointel.pipeline.step import AnyStep, Declines, Done, FirstStep, Judgement, Later, Step, Work
from autointel.ports import KeptStep, Listener, StepStore
from autointel.render.plain_text import masked

if TYPE_CHECKING:
    from autointel.model.limits import StepUsage

_log: Final = logging.getLogger(__name__)
_STORING: Final = frozenset({StepName.MEMORY, StepName.GRAPH})


class Meter(Protocol):
    """The calls and cost that a run's client to the model counts."""

    @property
    def simulated(self) -> bool:
        """Whether any reply came from a simulated model."""
        ...

    def spent(self, step: StepName) -> StepUsage:
        """Calls, tokens and cost of one step so far."""
        ...


@dataclass
class RunState:
    """Performs steps and writes down what became of them; nothing a step does raises out of here.

    ``store`` caches results and keeps the run's history; ``meter`` is None where no model is asked. ``unkept`` is why
    results were not saved that another run has to find again.
    """

    options: Options
    listener: Listener
    store: StepStore | None = None
    meter: Meter | None = None
    clock: Callable[[], float] = perf_counter
    began: float = 0.0
    failure: AutointelError | None = None
    unkept: AutointelError | None = None
    _results: Results | None = None
    _reports: dict[StepName, StepReport] = field(default_factory=dict)
    _starts: dict[StepName, float] = field(default_factory=dict)
    _inputs: dict[StepName, str] = field(default_factory=dict)
    _texts: dict[StepName, str] = field(default_factory=dict)
    _ended: dict[StepName, anyio.Event] = field(default_factory=dict)
    _simulated_before: bool = False
    _postponed: list[Work[Any]] = field(default_factory=list)
    _page: Callable[[], Results] | None = None

    def begin(self) -> None:
        """Time steps from here on; called again before the second step.

        Libraries take a second to load, in which no step works. That counts as start-up: on the time axis the next
        step follows the last one that has ended.
        """
        self.began = self.clock() - max((report.started + report.seconds for report in self.reports), default=0.0)

    @property
    def results(self) -> Results:
        """The findings so far. Raises LookupError before the transcript is found."""
        if self._results is None:
            raise LookupError("nothing has been found yet")
        return self._results.model_copy(update={"steps": self.reports, "simulated": self._is_simulated})

    @property
    def _is_simulated(self) -> bool:
        """Once anything in a run comes from a simulated model, now or when it was cached, all of it says so."""
        return self._simulated_before or (self.meter is not None and self.meter.simulated)

    @property
    def reports(self) -> tuple[StepReport, ...]:
        """Every step that has ended, in the pipeline's order whatever order they ended in."""
        return tuple(self._reports[name] for name in STAGES if name in self._reports)

    @property
    def skipped(self) -> Mapping[StepName, str]:
        """The steps that are not to be done, each with the reason."""
        return left_out(self.options)

    async def all_cached(self, steps: Sequence[AnyStep]) -> bool:
        """Whether the run can be put together from cached results, so that CrewAI need not be loaded.

        Follows the cached values from step to step, since each is part of a later one's input. Changes nothing.
        """
        if self.store is None:
            return False
        results = self.results
        for step in steps:
            if isinstance(step, FirstStep | Declines) or step.name in self.skipped or not _is_reused(step):
                continue
            cached = await self.store.load(step.name, step.version, step.inputs(results))
            if cached is None:
                return False
            results = step.put(results, step.value.model_validate_json(cached.value))
        return True

    async def replay(self, steps: Sequence[AnyStep]) -> None:
        """Put the run together from cached results; memory and graph see for themselves whether they hold theirs."""
        self.begin()
        for step in steps:
            if not isinstance(step, Judgement):
                await self.perform(step)
            elif self.open(step) and await self.take_cached(step) is None:
                gone = AutointelError(f"The cached result of {step.name} is gone.", "Run it again.")
                await self.fail(step, gone)

    async def perform_opening(self, steps: Sequence[AnyStep]) -> None:
        """Begin the run with the step that finds the words."""
        self.begin()
        for step in steps:
            if isinstance(step, FirstStep):
                await self.perform(step)

    async def perform_second(self, steps: Sequence[AnyStep]) -> None:
        """Do the step after the opening, which all others need, where no agent is needed for it."""
        second = steps[1]
        if isinstance(second, Work):
            await self.perform(second)

    async def perform(self, step: FirstStep[Any] | Work[Any]) -> str:
        """Do a step once, unless its result is cached, and return what the next agent should read.

        A second call waits for the first: a step may be begun before the crew, whose task for it then finds it done or
        under way.

        Where the run replaces an earlier version of its source, memory and graph are left to ``settle``.
        """
        if isinstance(step, Work) and self._is_postponed(step.name):
            if step not in self._postponed:
                self._postponed.append(step)
            return f"{step.name}: {Outcome.DONE}"
        ended = self._ended.get(step.name)
        if ended is None:
            self._ended[step.name] = ended = anyio.Event()
            try:
                await self._perform(step)
            finally:
                ended.set()
        await ended.wait()
        return self.said(step)

    def _is_postponed(self, name: StepName) -> bool:
        replaces = self.store is not None and self.store.replaces
        return replaces and name in _STORING and name not in self.skipped

    async def settle(self) -> None:
        """Put what was found in the place of the source's earlier versions, and only then write memory and graph.

        Nothing is replaced where the run has failed. Without an earlier version there is nothing to do.
        """
        if self.store is None or not self.store.replaces:
            return
        postponed = [*self._postponed]
        try:
            if self.failure is None:
                await self.store.replace(self.results)
        except AutointelError as error:
            self.unkept = error
            for step in postponed:
                if self.open(step):
                    await self.fail(step, error)
        for step in postponed:
            await self._perform(step)
        if self._page is not None:
            # The page says how every step has ended.
            self._results = self._page()

    async def _perform(self, step: FirstStep[Any] | Work[Any]) -> None:
        if step.name in self._reports or not self.open(step):
            return
        try:
            cached = None if isinstance(step, FirstStep) else await self.take_cached(step)
            if cached is not None:
                return
            done = await (step.find() if isinstance(step, FirstStep) else step.run(self.results))
        except Exception as error:  # noqa: BLE001  the crew would die of it; it becomes an outcome instead
            await self.fail(step, error)
        else:
            await self.close(step, done)

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

    async def take_cached(self, step: Later[Any]) -> str | None:
        """End a step with its cached result, if there is one; what the next agent should read, or None."""
        if self.store is None or isinstance(step, Declines) or not _is_reused(step):
            return None
        self._inputs[step.name] = step.inputs(self.results)
        cached = await self.store.load(step.name, step.version, self._inputs[step.name])
        if cached is None:
            return None
        self._simulated_before |= cached.simulated
        await self._merge(step, step.value.model_validate_json(cached.value))
        self._texts[step.name] = cached.text
        detail = f"{cached.detail}, kept" if cached.detail else "kept"
        outcome, reason, hint = cached.outcome, cached.reason, cached.hint
        try:
            # The step may have been done in another namespace, whose catalogue does not hold this one's findings.
            await self.store.keep_found(step.name, self.results)
        except AutointelError as error:
            outcome, reason, hint = Outcome.DEGRADED, f"found, but not kept: {error.message}", error.hint
        await self._note(self._end(step.name, outcome, reason=reason, hint=hint, detail=detail))
        return self.said(step)

    async def close(self, step: FirstStep[Any] | Later[Any], done: Done[BaseModel]) -> str:
        """A step has its value: keep it first, then say that it is done."""
        if isinstance(step, FirstStep):
            self._results = step.begin(done.value)
        else:
            await self._merge(step, done.value)
        self._texts[step.name] = done.text
        outcome = Outcome.DEGRADED if done.shortfall else Outcome.DONE
        shortfall, hint = done.shortfall, done.hint
        try:
            await self._keep(step, done, outcome)
        except AutointelError as error:
            outcome, shortfall, hint = Outcome.DEGRADED, f"found, but not kept: {error.message}", error.hint
            self.unkept = error if isinstance(error, CatalogueAway) else self.unkept
        await self._note(self._end(step.name, outcome, reason=shortfall, hint=hint, detail=done.detail))
        return self.said(step)

    async def fail(self, step: FirstStep[Any] | Later[Any], error: Exception) -> None:
        """A step has no value, and this is why."""
        if isinstance(error, Declined):
            await self._note(self._end(step.name, Outcome.DECLINED, reason=error.message, hint=error.hint))
            return
        if not isinstance(error, AutointelError):
            # Ours to mend, and never silent: the log has the traceback, --debug shows it.
            _log.error("step %s", step.name, exc_info=error)
            message, hint = exhaustion(error) or (
                f"The step {step.name} met an unexpected {type(error).__name__}: {error}",
                "Run it again with --debug and report what it prints.",
            )
            error = AutointelError(message, hint)
        self.unkept = error if isinstance(error, CatalogueAway) else self.unkept
        instead = step.without(error) if isinstance(step, Later) else None
        if instead is not None:
            await self.close(step, instead)
            return
        if STAGES[step.name].essential:
            self.failure = error
        if isinstance(step, FirstStep):
            # Without words there is no run to tell of: the error that ends it says everything.
            self._end(step.name, Outcome.FAILED, reason=error.message, hint=error.hint, announced=False)
            return
        await self._note(self._end(step.name, Outcome.FAILED, reason=error.message, hint=error.hint))

    async def _merge(self, step: Later[Any], value: BaseModel) -> None:
        completed = await step.complete(self.results, value)
        # No await from here on: a sibling that ended meanwhile has written its own findings, and they stay.
        before = self.results
        self._results = step.put(before, completed)
        if step.name is StepName.BRIEF:
            self._page = lambda: step.put(self._but_page(step.name, before), completed)

    def _but_page(self, page: StepName, before: Results) -> Results:
        """What has been found, without the page that was made upon ``before``."""
        steps = tuple(report for report in self.reports if report.name is not page)
        return self.results.model_copy(update={"steps": steps, "dropped": before.dropped})

    async def _keep(self, step: FirstStep[Any] | Later[Any], done: Done[BaseModel], outcome: Outcome) -> None:
        if self.store is None:
            return
        await self.store.keep_found(step.name, self.results)
        inputs = self._inputs.get(step.name)
        if inputs is not None and outcome is Outcome.DONE:
            value = done.value.model_dump_json()
            kept = KeptStep(
                outcome=outcome, text=done.text, detail=done.detail, value=value, simulated=self._is_simulated
            )
            await self.store.save(step.name, step.version, inputs, kept)

    async def _note(self, report: StepReport) -> None:
        """The history of a run is a convenience: a home that cannot take it now is reported elsewhere."""
        if self.store is not None:
            with suppress(AutointelError):
                await self.store.note(report)

    def said(self, step: Step[Any]) -> str:
        """The text of a step for the next agent; never empty, or the crew would fail."""
        return self._texts.get(step.name) or f"{step.name}: {self._reports[step.name].outcome}"

    def _end(
        self,
        name: StepName,
        outcome: Outcome,
        *,
        reason: str = "",
        hint: str = "",
        detail: str = "",
        announced: bool = True,
    ) -> StepReport:
        started, spent = self._starts[name], self.meter.spent(name) if self.meter else None
        report = StepReport(
            name=name,
            outcome=outcome,
            # The words of a server or an adapter: they may name an address with its password.
            reason=masked(reason),
            hint=masked(hint),
            started=max(0.0, started - self.began),
            seconds=max(0.0, self.clock() - started),
            queue_seconds=spent.queue_seconds if spent else 0.0,
            parallel=overlaps(STAGES[name], self.options.flags),
            model_calls=spent.calls if spent else 0,
            tokens=spent.prompt_tokens + spent.completion_tokens if spent else 0,
            usd=spent.usd if spent else None,
            dropped_items=spent.dropped_items if spent else 0,
            detail=detail,
        )
        self._reports[name] = report
        if announced:
            self.listener.step_ended(report)
        return report


def _is_reused(step: Step[Any]) -> bool:
    return STAGES[step.name].reused_for > 0
