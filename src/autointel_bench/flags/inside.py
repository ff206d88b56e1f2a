"""One run that a benchmark watches: the product's own command, with a record of it written beside.

The run's process exchanges the stores, looks at the clock, and writes down what came of the run.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from autointel.app.run_context import NO_SUBSTITUTES, Substitutes
from autointel.cli.brief_source import brief_source
from autointel.cli.request import Request
from autointel.domain.analysis import KeyJudgment
from autointel.domain.report import Report
from autointel.domain.run import Options, StepName, StepReport
from autointel.domain.transcript import Source, Transcript
from autointel.environment import process_seconds
from autointel.ports import Listener
from autointel_bench.flags.record import Inside
from autointel_bench.simulated.profile import World, world_of
from autointel_bench.stores import Link, SimulatedGraph, SimulatedMemory

if TYPE_CHECKING:
    from autointel.app.run import Finished
    from autointel.settings import Settings


def once(source: str, depth: str, record: Path, *, profile: str | None, namespace: str) -> int:
    """Run it as ``autointel run --json --quiet`` does, and give that one's exit code."""
    request = Request(source=source, depth=depth, namespace=namespace, json=True, quiet=True)
    return brief_source(request, watched(record, world_of(profile) if profile else None))


class Watching(Listener):
    """Passes everything on, and notes when the first step began and when the first judgment could be shown."""

    def __init__(self, shown: Listener, clock: Callable[[], float] = time.monotonic) -> None:
        self._shown = shown
        self._clock = clock
        self.starts: dict[StepName, float] = {}
        self.first_judgment_seconds: float | None = None

    @override
    def source_found(self, source: Source, transcript: Transcript) -> None:
        self._shown.source_found(source, transcript)

    @override
    def step_started(self, name: StepName) -> None:
        self.starts.setdefault(name, self._clock())
        self._shown.step_started(name)

    @override
    def step_progress(self, name: StepName, done: int, total: int, unit: str) -> None:
        self._shown.step_progress(name, done, total, unit)

    @override
    def step_ended(self, report: StepReport) -> None:
        self._shown.step_ended(report)

    @override
    def judgment(self, judgment: KeyJudgment) -> None:
        if self.first_judgment_seconds is None:
            self.first_judgment_seconds = process_seconds()
        self._shown.judgment(judgment)

    @override
    def replaced(self, older: Source, newer: Source) -> None:
        self._shown.replaced(older, newer)

    @override
    def waiting(self, what: str) -> None:
        self._shown.waiting(what)


def watched(path: Path, world: World | None) -> Callable[[Settings, Options, Listener], Finished]:
    """The pipeline, whose run is written down at ``path``; with a ``world`` its stores are simulated ones."""

    def execute(settings: Settings, options: Options, listener: Listener) -> Finished:
        from autointel.app.run import execute as run

        watching = Watching(listener)
        links = [Link("memory", world.memory), Link("graph", world.graph)] if world else []
        finished = run(settings, options, watching, substitutes=_simulated(links))
        began, early = crew_start(finished.report, watching.starts)
        inside = Inside(
            report=finished.report,
            began=began,
            early_seconds=early,
            cpu_seconds=time.process_time(),
            peak_bytes=_peak_bytes(),
            first_judgment_seconds=watching.first_judgment_seconds,
            requests=tuple(request for link in links for request in link.log),
        )
        path.write_text(inside.model_dump_json(), encoding="utf-8")
        return finished

    return execute


def crew_start(report: Report, starts: Mapping[StepName, float]) -> tuple[float, float]:
    """When the crew started, by the clock of ``starts``, and how much earlier the report's time axis begins.

    The first step is done while CrewAI is loading. On the report's axis it stands right before the crew's start, so a
    later step gives the beginning of the axis, and the first step's end on the axis is the crew's start.
    """
    at = {step.name: starts[step.name] - step.started for step in report.steps if step.name in starts}
    axis = at.get(StepName.READ)
    first = next((step for step in report.steps if step.name is StepName.TRANSCRIBE), None)
    if axis is None or first is None:
        return 0.0, 0.0
    early = first.started + first.seconds
    return axis + early, early


def _simulated(links: list[Link]) -> Substitutes:
    if not links:
        return NO_SUBSTITUTES
    memory, graph = links
    return Substitutes(memory=SimulatedMemory(memory), graph=SimulatedGraph(graph))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
