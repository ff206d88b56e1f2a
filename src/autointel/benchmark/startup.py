"""Cold starts: every command in a process of its own, from before its start to after its exit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from autointel.benchmark.fresh import Ended, autointel_command, environment, fresh_home, run_fresh
from autointel.benchmark.machine import Machine, machine, now
from autointel.benchmark.statistics import Summary, summary
from autointel.benchmark.words import cell, on_machine, spread, table
from autointel.domain.value import Value

# Seconds from the shell that the design promises; None where the work itself decides.
PROMISED: Final[dict[str, float | None]] = {
    "--help": 0.3,
    "--version": 0.3,
    "run --help": 0.3,
    "config show": 1.0,
    "doctor": 1.0,
    "runs": 1.0,
    "search fares": 1.0,
    "ask fares --engine local": 1.0,
    "graph transit": 1.0,
    "run SOURCE --engine local": None,
    "run SOURCE --engine local (again)": 1.5,
}
_RUN: Final = "run SOURCE --engine local"
# A doctor who finds something says so by its exit code; it has still done its work.
_FOUND_SOMETHING: Final = {"doctor": 1}


class Start(Value):
    """One command's starts. ``exit_codes`` has every code that was not 0."""

    command: str
    promised: float | None
    seconds: Summary
    cpu_seconds: float
    peak_megabytes: float
    exit_codes: tuple[int, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether the command worked, within what is promised."""
        return not self.exit_codes and (self.promised is None or self.seconds.median <= self.promised)


class Startup(Value):
    """All of them."""

    kind: str = "startup"
    command: str
    made: str
    machine: Machine
    starts: tuple[Start, ...]


def measure_startup(runs: int, source: Path, *, command: str, told: Callable[[str], None]) -> Startup:
    """Every command ``runs`` times in turn; what looks something up does so in a home that has read ``source``."""
    with fresh_home() as home:
        env = environment(home, {})
        run = ["run", str(source.resolve()), "--engine", "local", "--json"]
        measured: dict[str, list[Ended]] = {name: [] for name in PROMISED}
        for round_ in range(1, runs + 1):
            with fresh_home() as empty:
                measured[_RUN].append(run_fresh(autointel_command(*run), environment(empty, {}), empty))
            if round_ == 1:
                run_fresh(autointel_command(*run), env, home)
            for name, ends in measured.items():
                if name != _RUN:
                    words = run if name.startswith("run SOURCE") else name.split()
                    ends.append(run_fresh(autointel_command(*words), env, home))
            told(f"round {round_} of {runs}")
    starts = tuple(_start(name, ends) for name, ends in measured.items())
    return Startup(command=command, made=now(), machine=machine(), starts=starts)


def _start(name: str, ends: Sequence[Ended]) -> Start:
    return Start(
        command=name,
        promised=PROMISED[name],
        seconds=summary([end.seconds for end in ends]),
        cpu_seconds=summary([end.cpu_seconds for end in ends]).median,
        peak_megabytes=max(end.peak_bytes for end in ends) / 1e6,
        exit_codes=tuple(end.exit_code for end in ends if end.exit_code not in {0, _FOUND_SOMETHING.get(name, 0)}),
    )


def startup_markdown(startup: Startup) -> str:
    """The page."""
    rows = [
        [
            f"`autointel {start.command}`",
            f"{start.seconds.median:.2f} s",
            spread(start.seconds.mean),
            f"{start.cpu_seconds:.2f} s",
            f"{start.peak_megabytes:.0f} MB",
            "–" if start.promised is None else f"{start.promised:g} s",
            _verdict(start),
        ]
        for start in startup.starts
    ]
    heads = ["command", "median", "mean (95%)", "CPU", "peak memory", "promised", "kept"]
    runs = startup.starts[0].seconds.n
    return (
        "## Cold starts\n\n"
        f"`{startup.command}`, {startup.made}. From the shell to the exit, in a fresh process, {runs} times; the files "
        "are in the system's cache. Memory below the measuring process's own reads as that.\n\n"
        f"{table(heads, rows)}\n{on_machine(startup.machine)}.\n"
    )


def _verdict(start: Start) -> str:
    if start.exit_codes:
        return cell(f"failed: exit code {', '.join(map(str, sorted(set(start.exit_codes))))}")
    return "yes" if start.kept else "**no**"
