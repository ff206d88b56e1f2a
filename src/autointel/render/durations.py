"""How long things took: a chart of a run's steps for a terminal, and the history of many runs.

The history is written as Markdown, as plain lines, and in Prometheus' text format.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, log10
from typing import Final

from rich.console import Console
from rich.text import Text

from autointel.domain.performance import Performance, Spread, sparkline
from autointel.domain.report import Report
from autointel.domain.run import FlagOrigin, Flags, Outcome, StepReport
from autointel.render.plain_text import count, dollars, rounded, seconds
from autointel.render.terminal import ACCENT, FAINT

_ROUND: Final = (1.0, 2.0, 5.0, 10.0)
_NAMES: Final = 14
_FIGURES: Final = 20  # "  12 ms ● degraded"
_NARROWEST: Final = 20
_BAR: Final = "▇"
_MARK: Final = "●"
_FLAGS: Final = (
    ("analysis", "parallel_analysis"),
    ("fact-checking", "parallel_fact_checking"),
    ("memory", "parallel_memory_ops"),
)
_HEAD = ("what", "count", "average", "least", "p95", "p99", "most", "failed", "tokens", "cost")
_KINDS = {"run": "Runs", "step": "Steps", "call": "Model calls", "query": "Queries", "store": "Stores"}


def show_chart(report: Report, console: Console) -> None:
    """Print the chart of a run."""
    for line in chart_lines(report, console.width):
        console.print(line, soft_wrap=True)


def chart_lines(report: Report, width: int) -> Iterator[Text]:
    """The chart within ``width`` columns, and its sums."""
    steps = report.steps
    end = max((step.started + step.seconds for step in steps), default=0.0)
    room = max(_NARROWEST, width - _NAMES - _FIGURES)
    yield Text("step".ljust(_NAMES) + _axis(end, room), style=FAINT)
    for step in steps:
        yield _bar(step, end, room, critical=step.name in report.timing.critical_path)
    yield from _joined([*_times(report)], width)
    yield from _joined([*_costs(report)], width)
    if report.simulated:
        yield Text("simulated: the model's answers, and so these times, are not a real model's")


def _axis(end: float, room: int) -> str:
    times = ticks(end)
    line = ""
    for time in times:
        first, _ = cells(time, 0, end, room) if end else (0, 1)
        label = f"{time:g} s" if time == 0 else f"{time:g}"
        if not line or len(line) < first <= room - len(label):
            line = line.ljust(first) + label
    return line


def _bar(step: StepReport, end: float, room: int, *, critical: bool) -> Text:
    line = Text(step.name.value.ljust(_NAMES))
    ran = step.seconds > 0 and step.outcome not in {Outcome.SKIPPED, Outcome.DECLINED}
    if ran:
        first, length = cells(step.started, step.seconds, end, room)
        line.append(" " * first)
        line.append(_BAR * length, style=ACCENT if critical else "")
    line.append(" " * (_NAMES + room - len(line)))
    line.append((seconds(step.seconds) if ran else "").rjust(8))
    line.append(f" {_MARK}" if critical and ran else "  ", style=ACCENT)
    if step.outcome is not Outcome.DONE:
        line.append(f" {step.outcome}", style=FAINT)
    line.rstrip()
    return line


def cells(started: float, seconds: float, end: float, width: int) -> tuple[int, int]:
    """First cell and number of cells of a bar on an axis of ``width`` cells that ends at ``end`` seconds.

    A bar has one cell at least, however short, and never leaves the axis.
    """
    if end <= 0:
        return 0, 1
    first = min(width - 1, floor(started / end * width))
    last = min(width, ceil((started + seconds) / end * width))
    return first, max(1, last - first)


def ticks(end: float, most: int = 5) -> list[float]:
    """Round times from 0 up to ``end`` seconds, ``most`` + 1 of them at most.

    They lie equally far apart: 1, 2 or 5 times a power of ten.
    """
    if end <= 0:
        return [0.0]
    rough = end / most
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in _ROUND if factor * power >= rough * (1 - 1e-9))
    return [round(index * step, 9) for index in range(floor(end / step * (1 + 1e-9)) + 1)]


def _times(report: Report) -> Iterator[str]:
    timing = report.timing
    yield f"wall {seconds(timing.wall_seconds)}"
    yield f"start-up {seconds(timing.startup_seconds)}"
    yield f"steps {seconds(timing.steps_seconds)}"
    yield f"critical path {_MARK} {seconds(timing.critical_path_seconds)}"
    yield f"efficiency {timing.efficiency:.0%}"
    yield f"crew {seconds(timing.framework_seconds)}"


def _costs(report: Report) -> Iterator[str]:
    usage = report.usage
    if usage.model_calls or usage.cached_calls:
        yield f"{count(usage.model_calls, 'call')} ({usage.cached_calls} cached)"
        yield f"{rounded(usage.prompt_tokens)} in, {rounded(usage.completion_tokens)} out"
        yield dollars(usage.usd)
    else:
        yield "no model calls"
    yield f"flags: {flags_in_words(report.flags)}"


def flags_in_words(flags: Flags) -> str:
    """The flags that are on, and those that the rollout decided."""
    chosen = {name: getattr(flags, field) for name, field in _FLAGS}
    words = ", ".join(name for name, flag in chosen.items() if flag.value) or "none"
    rolled = any(flag.origin is FlagOrigin.ROLLOUT for flag in chosen.values())
    return f"{words} (rollout)" if rolled else words


def _joined(parts: list[str], width: int) -> Iterator[Text]:
    """The parts with dots between them, on as many lines as it takes; a part is never cut."""
    line = parts[0]
    for part in parts[1:]:
        if len(line) + len(part) + 3 > width:
            yield Text(line)
            line = part
        else:
            line = f"{line} · {part}"
    yield Text(line)


def as_markdown(found: Performance) -> str:
    """A page: runs and cost, a chart of the hours, then a table for each kind of thing that was timed."""
    lines = [f"# Performance, {found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M} UTC", ""]
    lines += [f"- {line}" for line in summary_lines(found)]
    if any(found.hourly):
        lines += ["", f"Runs begun, hour by hour: `{sparkline(found.hourly)}` (at most {max(found.hourly)} an hour)"]
    for kind, title in _KINDS.items():
        some = [spread for spread in found.spreads if spread.kind == kind]
        if some:
            longest = max(spread.p95 for spread in some)
            lines += ["", f"## {title}", "", f"| {' | '.join(_HEAD)} | p95 |", "|---|" + "--:|" * 9 + "---|"]
            lines += [f"| {' | '.join(_row(spread))} | `{_blocks(spread.p95, longest)}` |" for spread in some]
    return "\n".join(lines) + "\n"


def summary_lines(found: Performance) -> Iterator[str]:
    """Runs, calls, cost and what waits, one sentence each."""
    ended = ", ".join(f"{number:,} {state}" for state, number in sorted(found.runs.items()))
    yield f"{count(sum(found.runs.values()), 'run')}" + (f": {ended}" if ended else "")
    share = f", {found.cache_share:.0%} of answers from the cache" if found.cache_share is not None else ""
    yield f"{count(found.model_calls, 'model call')}{share}; {count(found.tokens, 'token')}; {dollars(found.usd)}"
    if found.waiting:
        yield f"{count(found.waiting, 'record')} in the outbox, the oldest for {found.waiting_hours:.1f} h"


def table_lines(found: Performance) -> Iterator[str]:
    """The tables in columns, for a terminal."""
    rows = [_HEAD, *((" ".join(dict.fromkeys((each.kind, each.name))), *_row(each)[1:]) for each in found.spreads)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
    for name, *figures in rows:
        cells = [cell.rjust(width) for cell, width in zip(figures, widths[1:], strict=True)]
        yield "  ".join([name.ljust(widths[0]), *cells]).rstrip()


def as_prometheus(found: Performance) -> str:
    """Gauges of the stretch of time, in Prometheus' text exposition format 0.0.4."""
    lines = ["# HELP autointel_runs Runs by how they ended.", "# TYPE autointel_runs gauge"]
    lines += [f'autointel_runs{{state="{state}"}} {number}' for state, number in sorted(found.runs.items())]
    lines += [
        "# HELP autointel_seconds Times of runs, steps, model calls, queries and stores.",
        "# TYPE autointel_seconds summary",
    ]
    for spread in found.spreads:
        labels = f'kind="{spread.kind}",name="{_label(spread.name)}"'
        lines += [f'autointel_seconds{{{labels},quantile="0.95"}} {spread.p95!r}']
        lines += [f'autointel_seconds{{{labels},quantile="0.99"}} {spread.p99!r}']
        lines += [f"autointel_seconds_sum{{{labels}}} {spread.average * spread.count!r}"]
        lines += [f"autointel_seconds_count{{{labels}}} {spread.count}"]
    gauges = {
        "model_calls": found.model_calls,
        "cached_calls": found.cached_calls,
        "tokens": found.tokens,
        "usd": found.usd or 0.0,
        "outbox_records": found.waiting,
        "outbox_oldest_hours": found.waiting_hours,
    }
    lines += ["# HELP autointel_queue_sources Sources of batches by state.", "# TYPE autointel_queue_sources gauge"]
    lines += [f'autointel_queue_sources{{state="{state}"}} {number}' for state, number in sorted(found.queued.items())]
    for name, value in gauges.items():
        lines += [f"# TYPE autointel_{name} gauge", f"autointel_{name} {value!r}"]
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _row(spread: Spread) -> tuple[str, ...]:
    times = (spread.average, spread.least, spread.p95, spread.p99, spread.most)
    cost = dollars(spread.usd) if spread.kind == "step" and spread.tokens else "-"
    tokens = f"{spread.tokens:,}" if spread.tokens else "-"
    cached = f" (+{spread.cached:,} cached)" if spread.cached else ""
    return (spread.name, f"{spread.count:,}{cached}", *map(seconds, times), f"{spread.failed:,}", tokens, cost)


def _blocks(value: float, longest: float, width: int = 12) -> str:
    return "█" * max(1, round(value / longest * width)) if value else ""
