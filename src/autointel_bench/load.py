"""Many pipelines at once: processes that share a home, its catalogue and its embedded stores, as a user's would."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Final

import numpy as np

from autointel.domain.value import Value
from autointel_bench.evidence import SimulatedEvidence
from autointel_bench.figures import cell, on_machine, table
from autointel_bench.flags.cases import ALL_ON
from autointel_bench.flags.runner import simulated_settings
from autointel_bench.fresh import Ended, autointel_command, environment, fresh_home, run_fresh
from autointel_bench.machine import Machine, machine, now
from autointel_bench.simulated.profile import world_of
from autointel_bench.simulated.server import SimulatedModel

_CALLS_AT_ONCE: Final = 8
_BROKEN: Final = ("degraded", "failed")


class Load(Value):
    """``n`` runs that were started together. Memory of one run is its peak; of all, the sum of peaks: an upper bound.

    ``failures`` are counted by what they said; a run whose report is not whole is one.
    """

    kind: str = "load"
    command: str
    made: str
    machine: Machine
    profile: str
    engine: str
    n: int
    wall_seconds: float
    seconds: tuple[float, ...]
    cpu_seconds: float
    peak_megabytes: float
    sum_of_peaks_megabytes: float
    failures: dict[str, int]
    model_calls_at_once: int

    @property
    def errors(self) -> int:
        """Runs that failed."""
        return sum(self.failures.values())

    def percentile(self, share: float) -> float:
        """Seconds from shell to exit that so many percent of the runs took at most; failed ones among them."""
        return float(np.percentile(self.seconds, share))


def measure_load(
    n: int, source: Path, profile: str, engine: str, *, command: str, on_progress: Callable[[str], None]
) -> Load:
    """Start ``n`` runs together and wait for all. Each reads words of its own, so that none finds another's kept."""
    world = world_of(profile)
    with SimulatedModel(world.model) as model, SimulatedEvidence(world.evidence) as evidence, fresh_home() as home:
        settings = {**simulated_settings(model.base_url, evidence.base_url, _CALLS_AT_ONCE), **ALL_ON.environment}
        env = environment(home, settings)
        folders = [home / f"run-{number}" for number in range(n)]

        def one(number: int) -> Ended:
            folders[number].mkdir()
            copy = folders[number] / f"source{source.suffix}"
            copy.write_text(_copy(source, number), encoding="utf-8")
            words = ("run", str(copy), "--engine", engine, "--json")
            ended = run_fresh(autointel_command(*words), env, folders[number])
            on_progress(f"run {number + 1}: {ended.seconds:.1f} s, {_failure(ended) or 'done'}")
            return ended

        started = monotonic()
        with ThreadPoolExecutor(n) as pool:
            ends = list(pool.map(one, range(n)))
        wall = monotonic() - started
        at_once = model.calls.at_once
    return Load(
        command=command,
        made=now(),
        machine=machine(),
        profile=profile,
        engine=engine,
        n=n,
        wall_seconds=wall,
        seconds=tuple(end.seconds for end in ends),
        cpu_seconds=sum(end.cpu_seconds for end in ends),
        peak_megabytes=max(end.peak_bytes for end in ends) / 1e6,
        sum_of_peaks_megabytes=sum(end.peak_bytes for end in ends) / 1e6,
        failures=failures_of(ends),
        model_calls_at_once=at_once,
    )


def failures_of(ends: Sequence[Ended]) -> dict[str, int]:
    """How often each failure was met."""
    return dict(Counter(failure for end in ends if (failure := _failure(end))))


def _failure(ended: Ended) -> str:
    if ended.timed_out:
        return "killed: it outlasted its time"
    if ended.exit_code == 0:
        return ""
    try:
        steps = json.loads(ended.output)["steps"]
    except (ValueError, KeyError, TypeError):
        last = ended.said.strip().splitlines()[-2:] or ["it said nothing"]
        return f"exit code {ended.exit_code}: {' '.join(last)}"
    broken = [f"{step['name']} {step['outcome']}: {step['reason']}" for step in steps if step["outcome"] in _BROKEN]
    return f"exit code {ended.exit_code}: {'; '.join(broken)}"


def _copy(source: Path, number: int) -> str:
    """The source with a last sentence of its own."""
    said = f"This is copy number {number} of the recording, made for a benchmark."
    text = source.read_text(encoding="utf-8").rstrip()
    stamp = "99:00:00.000 --> 99:00:05.000\n" if text.startswith("WEBVTT") else ""
    return f"{text}\n\n{stamp}{said}\n"


def load_markdown(load: Load) -> str:
    """The result as a section of the page."""
    world = world_of(load.profile)
    rows = [
        ["runs at once", str(load.n)],
        ["errors", str(load.errors)],
        ["all done after", f"{load.wall_seconds:.1f} s"],
        ["throughput", f"{load.n / load.wall_seconds * 60:.1f} runs a minute"],
        ["a run, shell to exit: median", f"{load.percentile(50):.1f} s"],
        ["a run, shell to exit: p95", f"{load.percentile(95):.1f} s"],
        ["CPU time of all", f"{load.cpu_seconds:.1f} s"],
        ["peak memory of a run", f"{load.peak_megabytes:.0f} MB"],
        ["sum of peaks (upper bound)", f"{load.sum_of_peaks_megabytes:.0f} MB"],
        ["model calls in flight, at most", str(load.model_calls_at_once)],
    ]
    failed = "".join(f"- {times} × {cell(failure)}\n" for failure, times in load.failures.items())
    servers = f"a simulated model and evidence ({world.servers})" if load.engine == "llm" else "no model"
    return (
        f"## {load.n} pipelines at once, engine {load.engine}{' (simulated)' if load.engine == 'llm' else ''}\n\n"
        f"`{load.command}`, {load.made}. Against {servers}; real embedded stores and one catalogue, shared by all.\n\n"
        + table(["", ""], rows)
        + (f"\n{failed}" if failed else "")
        + f"\n{on_machine(load.machine)}.\n"
    )
