"""Figures of benchmarks: summaries with bootstrap intervals (Efron, 1979), and how pages write them.

The interval is the percentile bootstrap's: resample with replacement, take the statistic, keep its middle 95%. It is
seeded, so that a page can be redone. With the five or so runs of a benchmark it is somewhat too narrow (it cannot see
further than the slowest run that was seen), which is why every table says how many runs stand behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from autointel.domain.value import Value
from autointel_bench.machine import Machine

RESAMPLES: Final = 10_000
_SEED: Final = 20_260_302
_MIDDLE: Final = (2.5, 97.5)

Samples = NDArray[np.float64]
"""Shape (resamples, runs)."""
NO_DIFFERENCE = "no difference shown"


class Interval(Value):
    """From ``low`` to ``high``, both in the unit of what was measured."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole of it lies on one side of zero: a difference has been shown."""
        return self.low > 0 or self.high < 0


class Estimate(Value):
    """A value and the middle 95% of what it was in resamples."""

    value: float
    interval: Interval


class Summary(Value):
    """Median, mean and bounds of n measurements."""

    n: int
    median: float
    mean: Estimate
    least: float
    most: float


def summary(values: Sequence[float]) -> Summary:
    """Median, and mean with its interval. Raises ValueError where nothing was measured."""
    if not values:
        raise ValueError("nothing was measured")
    data = np.asarray(values, dtype=np.float64)
    return Summary(
        n=len(values),
        median=float(np.median(data)),
        mean=_estimate(data.mean(), data[_resampled(len(data))].mean(axis=1)),
        least=float(data.min()),
        most=float(data.max()),
    )


def paired_difference(before: Sequence[float], after: Sequence[float]) -> Estimate:
    """Mean of after - before, where run i of both was made in the same round: rounds are resampled, not runs."""
    return _paired(before, after, lambda b, a: a.mean(axis=-1) - b.mean(axis=-1))


def paired_saving(before: Sequence[float], after: Sequence[float]) -> Estimate:
    """1 - mean(after) / mean(before), rounds resampled together. 0.6 is "60% less"."""
    return _paired(before, after, lambda b, a: 1 - a.mean(axis=-1) / b.mean(axis=-1))


def difference(before: Sequence[float], after: Sequence[float]) -> Estimate:
    """Mean of after - mean of before, where the two were made at different times: each is resampled by itself."""
    if not before or not after:
        raise ValueError("nothing was measured")
    b, a = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    resampled = a[_resampled(len(a), seed=_SEED + 1)].mean(axis=1) - b[_resampled(len(b))].mean(axis=1)
    return _estimate(a.mean() - b.mean(), resampled)


def _paired(
    before: Sequence[float], after: Sequence[float], statistic: Callable[[Samples, Samples], NDArray[np.float64]]
) -> Estimate:
    if not before or len(before) != len(after):
        raise ValueError("pairs are needed, and at least one")
    b, a = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    rounds = _resampled(len(b))
    return _estimate(statistic(b, a), statistic(b[rounds], a[rounds]))


def _resampled(n: int, *, seed: int = _SEED) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, n, size=(RESAMPLES, n))


def _estimate(value: float | NDArray[np.float64], resampled: NDArray[np.float64]) -> Estimate:
    low, high = np.percentile(resampled, _MIDDLE)
    return Estimate(value=float(value), interval=Interval(low=float(low), high=float(high)))


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
