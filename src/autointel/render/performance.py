"""The history of times as Markdown, as plain lines, and in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator

from autointel.domain.performance import Performance, Spread, sparkline
from autointel.render.plain_text import count, dollars, seconds

_HEAD = ("what", "count", "average", "least", "p95", "p99", "most", "failed", "tokens", "cost")
_KINDS = {"run": "Runs", "step": "Steps", "call": "Model calls", "query": "Queries", "store": "Stores"}


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
            lines += [f"| {' | '.join(_row(spread))} | `{_bar(spread.p95, longest)}` |" for spread in some]
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
    """The same tables for a terminal, in columns."""
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


def _bar(value: float, longest: float, width: int = 12) -> str:
    return "█" * max(1, round(value / longest * width)) if value else ""
