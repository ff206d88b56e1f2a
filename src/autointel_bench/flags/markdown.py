"""A comparison as Markdown: the table first, then the proof, then what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from autointel_bench.figures import cell, less, on_machine, seconds, spread, table
from autointel_bench.flags.cases import ALL_OFF, ALL_ON, allowed
from autointel_bench.flags.comparison import Comparison, Overlap, Row

_HEADS: Final = [
    *("combination", "runs", "failed", "median", "mean (95%)", "against all off", "difference"),
    *("shell to exit", "against all off", "ideal", "ideal / wall", "results"),
]
_IDEAL: Final = (
    " *Ideal* is the longest chain of stated latencies under the concurrency limit, from the calls of those very runs, "
    "with all computing stated to take no time; ideal / wall is the median over runs."
)


def markdown_of(comparison: Comparison) -> str:
    """The whole page."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    setup = comparison.setup
    simulated = "simulated model, stores and evidence" if comparison.simulated else "real servers, as configured"
    kind = "simulated" if comparison.simulated else "live"
    yield f"## Flags: {cell(setup.source)}, {setup.profile}, {setup.depth} ({kind})\n"
    yield f"Against {simulated}: {comparison.world}. `{comparison.command}`, {comparison.made}.\n"
    yield headline(comparison) + "\n"
    yield table(_HEADS, [_cells(row, comparison) for row in comparison.rows])
    yield (
        "Times run from the first question to the model (the crew's first task) to the report; *shell to exit* adds "
        "Python's start, imports, finding the words, and the way out. "
        "Means and differences carry a 95% bootstrap interval (percentile, 10,000 resamples, paired by round)."
        + (_IDEAL if comparison.simulated else " Against real servers no equality of results is claimed.")
        + "\n"
    )
    yield "### The path that ran\n"
    yield table(
        ["combination", "may overlap", "seen: runs by report, by server", "claims judged at once", "verdict"],
        [_proof(row) for row in comparison.rows],
    )
    yield from _steps(comparison)
    yield from _troubles(comparison)
    yield f"{on_machine(comparison.machine)}.\n"


def headline(comparison: Comparison) -> str:
    """The one sentence: all flags on against all off, or why there is none."""
    on = comparison.row(ALL_ON.number)
    prefix = "Simulated: " if comparison.simulated else "Live: "
    if on is None:
        return f"{prefix}all flags on was not among the combinations."
    if on.crew is None or on.shell is None:
        return f"{prefix}all flags on is **not counted**: {'; '.join(map(cell, [*on.problems, *on.failures]))}."
    ratio = f", ideal / wall {on.ideal_over_wall:.2f}" if on.ideal_over_wall is not None else ""
    if on.ideal_seconds is not None:
        ratio += f" and from the shell to exit ideal + {seconds(on.shell.seconds.median - on.ideal_seconds)}"
    failed = f"; {len(on.failures)} of {on.runs} runs failed" if on.failures else ""
    return (
        f"{prefix}all flags on against all off: **{less(on.crew.saving)}** wall time{ratio}; "
        f"from the shell to exit {less(on.shell.saving)}{failed}."
    )


def _cells(row: Row, comparison: Comparison) -> list[str]:
    head = [f"{row.combination.number} {row.combination.name}", str(row.runs), str(len(row.failures))]
    if row.crew is None or row.shell is None:
        times = ["not counted", "–", "–", "–", "–", "–"]
    else:
        base = row.combination is ALL_OFF or row.combination == ALL_OFF
        times = [
            seconds(row.crew.seconds.median),
            spread(row.crew.seconds.mean),
            "–" if base else less(row.crew.saving),
            "–" if base else spread(row.crew.difference),
            spread(row.shell.seconds.mean),
            "–" if base else less(row.shell.saving),
        ]
    ratio = "–" if row.ideal_over_wall is None else f"{row.ideal_over_wall:.2f}"
    equal = {None: "not claimed" if not comparison.simulated else "none", True: "equal", False: "**differ**"}[row.equal]
    return [*head, *times, seconds(row.ideal_seconds), ratio if row.counted else "–", equal]


def _proof(row: Row) -> list[str]:
    pairs = len(allowed(row.combination))
    seen = ", ".join(_said(overlap) for overlap in row.overlaps) or "none"
    at_once = "not visible" if row.claims_at_once is None else f"{row.claims_at_once} of {row.claims}"
    verdict = "as allowed" if row.counted else "not counted"
    return [f"{row.combination.number} {row.combination.name}", f"{pairs} pairs", seen, at_once, verdict]


def _steps(comparison: Comparison) -> Iterator[str]:
    if not comparison.steps_all_on:
        return
    rows = [
        [
            step.step.value.replace("_", r"\_"),
            seconds(step.started),
            seconds(step.seconds),
            seconds(step.queue),
            seconds(step.slack),
            "●" if step.critical else "",
        ]
        for step in comparison.steps_all_on
    ]
    on = comparison.row(ALL_ON.number)
    first = f" First judgment shown {seconds(on.first_judgment_seconds)} after the process began." if on else ""
    yield f"### Steps of the median run, all on\n\nQueue is waiting at the model's client, apart from work.{first}\n"
    yield table(["step", "started", "took", "queue", "slack", "critical path"], rows)


def _said(overlap: Overlap) -> str:
    first, second = overlap.steps
    return cell(f"{first}+{second} {overlap.by_report}/{overlap.by_server}")


def _troubles(comparison: Comparison) -> Iterator[str]:
    troubled = [row for row in comparison.rows if row.problems or row.failures]
    if not troubled:
        return
    yield "### What went wrong\n"
    for row in troubled:
        for problem in row.problems:
            yield f"- {row.combination.number} {row.combination.name}: {cell(problem)}"
        for failure in row.failures:
            yield f"- {row.combination.number} {row.combination.name}: a run failed: {cell(failure)}"
    yield ""
