"""Figures as the pages of a benchmark write them."""

from __future__ import annotations

from autointel_bench.machine import Machine
from autointel_bench.statistics import Estimate

NO_DIFFERENCE = "no difference shown"


def seconds(value: float | None) -> str:
    """``4.52 s``; ``12 ms`` below a tenth; a dash where there is nothing."""
    if value is None:
        return "–"
    return f"{value * 1000:.0f} ms" if abs(value) < 0.0995 else f"{value:.2f} s"  # noqa: PLR2004  a tenth, rounded


def spread(estimate: Estimate) -> str:
    """``4.52 s (4.48 to 4.60)``."""
    return f"{estimate.value:.2f} s ({estimate.interval.low:.2f} to {estimate.interval.high:.2f})"


def less(saving: Estimate) -> str:
    """``66% less (65% to 67%)``, ``4% more (1% to 7%)``, or that no difference is shown."""
    low, high = saving.interval.low, saving.interval.high
    if not saving.interval.excludes_zero:
        return f"{NO_DIFFERENCE} ({_signed(-high)} to {_signed(-low)})"
    if saving.value > 0:
        return f"{saving.value:.0%} less ({low:.0%} to {high:.0%})"
    return f"{-saving.value:.0%} more ({-high:.0%} to {-low:.0%})"


def _signed(share: float) -> str:
    return f"{share:+.0%}"


def cell(text: str) -> str:
    """Text that stays in its cell of a Markdown table, and is text there."""
    for char in ("\\", "|", "<", "*", "_", "`", "["):
        text = text.replace(char, f"\\{char}" if char != "<" else "&lt;")
    return " ".join(text.split())


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def on_machine(machine: Machine) -> str:
    """One line: the machine and the versions."""
    memory = f", {machine.memory_gigabytes:g} GB" if machine.memory_gigabytes else ""
    load = f"; load {machine.load:g} at the end" if machine.load is not None else ""
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    made_of = f"{machine.processor}, {machine.cores} cores{memory}, {machine.system}{load}"
    return f"{made_of}; Python {machine.python}, {versions}"
