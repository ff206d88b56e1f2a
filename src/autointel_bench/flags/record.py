"""Runs of a comparison, a file each: what a run said of itself, what the servers saw, how it ended.

An interrupted comparison goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from autointel.domain.report import Report
from autointel.domain.run import Outcome, StepName
from autointel.domain.value import Value
from autointel_bench.stores import Request

_FINISHED: Final = "finished"
_PORT: Final = "evidence-port"


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
    """The record of a run's own process. ``began`` is when its crew started, by the monotonic clock.

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


class Setup(Value):
    """Everything that must be the same for two runs to stand in one table."""

    source: str
    source_digest: str
    depth: str
    profile: str
    live: bool
    program: str
    limit: int = 8

    @property
    def digest(self) -> str:
        """Short, and different where anything differs."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:10]


class KeptRuns:
    """The runs of one set-up, in a folder of their own. A bench that was finished starts anew."""

    def __init__(self, folder: Path, setup: Setup) -> None:
        self._folder = folder / f"{setup.profile}-{setup.depth}-{setup.digest}"

    def open(self, *, again: bool = False) -> None:
        """Make the folder; what a finished bench has left in it is cleared away, and ``again`` whatever there is."""
        if again or (self._folder / _FINISHED).exists():
            for path in self._folder.glob("*"):
                path.unlink()
        self._folder.mkdir(parents=True, exist_ok=True)

    def find(self, combination: int, round_: int) -> RunRecord | None:
        """The run as it is kept; None where it was not made, or not wholly written."""
        try:
            return RunRecord.model_validate_json(self._path(combination, round_).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def keep(self, record: RunRecord) -> None:
        """Whole or not at all."""
        path = self._path(record.combination, record.round)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(record.model_dump_json(), encoding="utf-8")
        unfinished.replace(path)

    def port(self) -> int:
        """The port of the simulated evidence: a bench that goes on cites the same addresses. 0 before the first run."""
        try:
            return int((self._folder / _PORT).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def keep_port(self, port: int) -> None:
        """Keep the port until this bench is finished."""
        (self._folder / _PORT).write_text(str(port), encoding="ascii")

    def finish(self) -> None:
        """All runs are there."""
        (self._folder / _FINISHED).touch()

    def _path(self, combination: int, round_: int) -> Path:
        return self._folder / f"round-{round_:03d}-combination-{combination}.json"
