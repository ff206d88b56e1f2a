"""The cost of the crew by itself, and of monitoring."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.home import Home
from autointel.app.caches import StepCache
from autointel.app.run_context import event_loop
from autointel.cli.progress import Silent
from autointel.crew import load_crew
from autointel.domain.run import Options, RunId, StepName
from autointel.domain.value import Value
from autointel.errors import AutointelError
from autointel.pipeline.stages import ANALYSES
from autointel.ports import Listener
from autointel_bench.evidence import SimulatedEvidence
from autointel_bench.figures import Summary, on_machine, summary, table
from autointel_bench.flags.bench import setup_of
from autointel_bench.flags.cases import ALL_ON
from autointel_bench.flags.record import RunRecord
from autointel_bench.flags.runner import run_simulated
from autointel_bench.machine import Machine, machine, now
from autointel_bench.simulated.profile import world_of

if TYPE_CHECKING:
    from autointel_bench.idle_crew import IdleCrew

STEP_TARGET: Final = 0.003
"""Seconds for a step that does nothing."""
MONITORING_TARGET: Final = 0.02
"""Share of a run's CPU time."""
_SPANS: Final = 2_000
_RUN: Final = "idle"


class Overhead(Value):
    """Seconds a step of a crew whose steps do nothing, and the share of a run's CPU time that watching it takes.

    ``spans`` are the run's steps and model calls; each is taken to cost what a step's does, which is also noted in the
    catalogue: more than a call's.
    """

    kind: str = "overhead"
    command: str
    made: str
    machine: Machine
    sequential: Summary
    parallel: Summary
    judged: Summary
    span_cpu_seconds: float
    spans: int
    run_cpu_seconds: float

    @property
    def monitoring_share(self) -> float:
        """Monitoring's share of the run's CPU time."""
        return self.spans * self.span_cpu_seconds / self.run_cpu_seconds

    @property
    def within_targets(self) -> bool:
        """Whether both promises are kept."""
        steps = max(self.sequential.median, self.parallel.median)
        return steps <= STEP_TARGET and self.monitoring_share < MONITORING_TARGET


def measure_overhead(runs: int, source: str, *, command: str) -> Overhead:
    """``runs`` crews of each kind in this process, after one that loads what is loaded late; and one whole run."""
    record = _whole_run(source)
    if record.inside is None or record.failure:
        raise AutointelError(f"The run to be measured against failed: {record.failure}", "Run it alone with --debug.")
    steps, analysts = len(StepName), len(ANALYSES)
    with tempfile.TemporaryDirectory(prefix="autointel-bench-") as folder, idle_crew(Path(folder), Silent()) as crew:
        crew.seconds(), crew.seconds(judged=True)
        sequential = [crew.seconds() / steps for _ in range(runs)]
        parallel = [crew.seconds(parallel=True) / steps for _ in range(runs)]
        # What three agents with a model take beyond three steps without one, for each of them.
        judged = [(crew.seconds(judged=True) - each * (steps - analysts)) / analysts for each in sequential]
        span = crew.span_cpu_seconds(_SPANS)
    report = record.inside.report
    return Overhead(
        command=command,
        made=now(),
        machine=machine(),
        sequential=summary(sequential),
        parallel=summary(parallel),
        judged=summary(judged),
        span_cpu_seconds=span,
        spans=len(report.steps) + report.usage.model_calls,
        run_cpu_seconds=record.inside.cpu_seconds,
    )


def _whole_run(source: str) -> RunRecord:
    setup = setup_of(source, "standard", "fast", live=False)
    world = world_of(setup.profile)
    with SimulatedEvidence(world.evidence) as evidence:
        return run_simulated(setup, ALL_ON, 1, world, evidence)


def overhead_markdown(overhead: Overhead) -> str:
    """The result as a section of the page."""
    rows = [
        [name, f"{figures.median * 1000:.2f} ms", _range(figures), target]
        for name, figures, target in (
            ("a step that does nothing, one after the other", overhead.sequential, "3 ms"),
            ("a step that does nothing, flags on", overhead.parallel, "3 ms"),
            ("an agent whose model answers at once", overhead.judged, "reported"),
        )
    ]
    return (
        "## What the crew costs\n\n"
        f"`{overhead.command}`, {overhead.made}; {overhead.sequential.n} crews of each kind, in process.\n\n"
        + table(["", "median", "mean (95%)", "target"], rows)
        + f"\nMonitoring: {overhead.spans} spans of {overhead.span_cpu_seconds * 1e6:.0f} µs (noted in the catalogue, "
        f"each) over {overhead.run_cpu_seconds:.2f} s of CPU time of a run against the simulated fast profile: "
        f"**{overhead.monitoring_share:.2%}** (target: under {MONITORING_TARGET:.0%}).\n\n"
        f"{on_machine(overhead.machine)}.\n"
    )


def _range(figures: Summary) -> str:
    mean = figures.mean
    return f"{mean.value * 1000:.2f} ms ({mean.interval.low * 1000:.2f} to {mean.interval.high * 1000:.2f})"


@contextmanager
def idle_crew(folder: Path, listener: Listener) -> Iterator[IdleCrew]:
    """Loads crewai, which keeps what it must keep in ``folder``, as does a catalogue; seconds, the first time."""
    home = Home(folder)
    home.prepare()
    load_crew(home.crew)
    from autointel_bench.idle_crew import IdleCrew

    with closing(SqliteCatalogue(home.catalogue, "default")) as catalogue, event_loop() as portal:
        catalogue.runs.begin(RunId(id=_RUN, created_at=datetime.now(UTC)), Options(source=_RUN))
        yield IdleCrew(portal, listener, StepCache(catalogue, _RUN, _RUN, listener))
