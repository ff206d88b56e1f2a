"""One run as it is kept: what the process said of itself, what the servers saw of it, and how it ended."""

from __future__ import annotations

from autointel.domain.report import Report
from autointel.domain.run import Outcome, StepName
from autointel.domain.value import Value
from autointel_bench.stores import Request


class ModelCall(Value):
    """One call as the simulated model's server saw it; times by the monotonic clock, in seconds.

    ``stated_seconds`` is what its profile says such a call takes. Calls of a step with the same ``subject`` (a passage,
    a claim) had to follow each other; ``purpose`` tells choosing claims from judging one.
    """

    step: str
    subject: str
    purpose: str = ""
    started: float
    ended: float
    stated_seconds: float
    status: int = 200
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Inside(Value):
    """What a run's own process wrote down. ``began`` is when its crew started, by the monotonic clock.

    ``early_seconds`` of work were done before that, while crewai was loading; the report's time axis begins with them.
    ``cpu_seconds`` are the process's own until the report was whole; ``first_judgment_seconds`` count from its start.
    """

    report: Report
    began: float
    early_seconds: float = 0.0
    cpu_seconds: float
    peak_bytes: int
    first_judgment_seconds: float | None = None
    requests: tuple[Request, ...] = ()


class RunRecord(Value):
    """A run of one combination in one round. ``inside`` is None where it ended without a report."""

    combination: int
    round: int
    exit_code: int
    shell_seconds: float
    said: str = ""
    timed_out: bool = False
    inside: Inside | None = None
    calls: tuple[ModelCall, ...] = ()
    requests: tuple[Request, ...] = ()

    @property
    def failure(self) -> str:
        """Why this is no run to be timed; "" where every step that was wanted is whole."""
        if self.timed_out:
            return "killed: it outlasted its time"
        if self.inside is None:
            last = self.said.strip().splitlines()[-1:] or ["it said nothing"]
            return f"exit code {self.exit_code}, no report that can be read: {last[0]}"
        broken = [step for step in self.inside.report.steps if not step.outcome.is_whole]
        if broken:
            return "; ".join(f"{step.name} {step.outcome}: {step.reason}" for step in broken)
        if self.exit_code:
            return f"exit code {self.exit_code} with a whole report"
        missing = [name for name in StepName if name not in {step.name for step in self.inside.report.steps}]
        return f"no word of {', '.join(missing)}" if missing else ""

    @property
    def crew_seconds(self) -> float:
        """From the crew's start to the report: what flags can change. NaN without a report."""
        if self.inside is None:
            return float("nan")
        timing = self.inside.report.timing
        return timing.wall_seconds - timing.startup_seconds - self.inside.early_seconds

    def span(self, step: StepName) -> tuple[float, float] | None:
        """Start and end of a step that did something, in seconds after the crew's start."""
        steps = self.inside.report.steps if self.inside else ()
        found = next((each for each in steps if each.name is step), None)
        if found is None or found.outcome in {Outcome.SKIPPED, Outcome.DECLINED}:
            return None
        return found.started, found.started + found.seconds
