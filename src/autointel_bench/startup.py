"""Cold starts: every command in a process of its own, from before its start to after its exit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from autointel.domain.value import Value
from autointel_bench.figures import Summary, cell, on_machine, spread, summary, table
from autointel_bench.fresh import Ended, autointel_command, environment, fresh_home, run_fresh
from autointel_bench.machine import Machine, machine, now

_RUN: Final = "run SOURCE --engine local"
AGAIN: Final = f"{_RUN} (again)"
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
    _RUN: None,
    AGAIN: 1.5,
}
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


def measure_startup(
    runs: int, source: Path, *, command: str, on_progress: Callable[[str], None], names: Sequence[str] = tuple(PROMISED)
) -> Startup:
    """Every command ``runs`` times in turn; what looks something up does so in a home that has read ``source``."""
    with fresh_home() as home:
        env = environment(home, {})
        run = ["run", str(source.resolve()), "--engine", "local", "--json"]
        run_fresh(autointel_command(*run), env, home)
        measured: dict[str, list[Ended]] = {name: [] for name in names}
        for round_ in range(1, runs + 1):
            for name, ends in measured.items():
                ends.append(_in_an_empty_home(run) if name == _RUN else _start(name, run, env, home))
            on_progress(f"round {round_} of {runs}")
    starts = tuple(start_of(name, ends) for name, ends in measured.items())
    return Startup(command=command, made=now(), machine=machine(), starts=starts)


def _in_an_empty_home(run: Sequence[str]) -> Ended:
    with fresh_home() as empty:
        return run_fresh(autointel_command(*run), environment(empty, {}), empty)


def _start(name: str, run: Sequence[str], env: Mapping[str, str], home: Path) -> Ended:
    return run_fresh(autointel_command(*(run if name == AGAIN else name.split())), env, home)


def start_of(name: str, ends: Sequence[Ended]) -> Start:
    """The summary of one command's starts."""
    return Start(
        command=name,
        promised=PROMISED[name],
        seconds=summary([end.seconds for end in ends]),
        cpu_seconds=summary([end.cpu_seconds for end in ends]).median,
        peak_megabytes=max(end.peak_bytes for end in ends) / 1e6,
        exit_codes=tuple(end.exit_code for end in ends if end.exit_code not in {0, _FOUND_SOMETHING.get(name, 0)}),
    )


def startup_markdown(startup: Startup) -> str:
    """The result as a section of the page."""
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
