"""The history of times: gathered from the catalogue, judged by the thresholds of the settings."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from autointel.app.job_queue import queued
from autointel.app.stores import existing_catalogue
from autointel.domain.catalogue import RunRecord, RunStatus
from autointel.domain.performance import Measure, Performance, Spread
from autointel.domain.run import Outcome, StepName, StepReport, Usage
from autointel.settings import Settings

_DAY: Final = 86_400.0
_HOUR: Final = 3_600.0
_MOST_HOURS: Final = 7 * 24


def performance(settings: Settings, days: float, *, now: Callable[[], float] = time.time) -> Performance:
    """The last ``days`` days, of all namespaces. Nothing is created. Blocks. Raises HomeUnusable."""
    until = now()
    since = until - days * _DAY
    with existing_catalogue(settings) as catalogue:
        if catalogue is None:
            return _nothing(since, until)
        records = catalogue.runs.since(datetime.fromtimestamp(since, UTC))
        steps = catalogue.runs.steps([record.id for record in records])
        waiting, age, attempts = catalogue.outbox.age(until)
        measures = catalogue.measures.since(since)
        waiting_sources = {state.value: number for state, number in queued(catalogue).items()}
        # A run whose process was killed is on record as running for good.
        states = Counter(
            "stopped" if record.state is RunStatus.RUNNING and not catalogue.is_alive(record.id) else record.state.value
            for record in records
        )
    usage = sum((record.usage for record in records if record.usage), Usage())
    return _nothing(since, until).model_copy(
        update={
            "runs": dict(states),
            "hourly": _hourly(since, until, records),
            "spreads": (*_of_runs(records), *_of_steps(steps), *_of_measures(measures)),
            "model_calls": usage.model_calls,
            "cached_calls": usage.cached_calls,
            "tokens": usage.prompt_tokens + usage.completion_tokens,
            "usd": usage.usd,
            "waiting": waiting,
            "waiting_hours": age / _HOUR,
            "attempts": attempts,
            "queued": waiting_sources,
        }
    )


def _nothing(since: float, until: float) -> Performance:
    return Performance(
        since=datetime.fromtimestamp(since, UTC),
        until=datetime.fromtimestamp(until, UTC),
        runs={},
        hourly=_hourly(since, until, ()),
        spreads=(),
    )


def _hourly(since: float, until: float, records: Sequence[RunRecord]) -> tuple[int, ...]:
    hours = min(_MOST_HOURS, max(1, round((until - since) / _HOUR)))
    begun = [0] * hours
    for record in records:
        begun[min(hours - 1, int((record.created_at.timestamp() - since) / (until - since) * hours))] += 1
    return tuple(begun)


def _of_runs(records: Sequence[RunRecord]) -> Iterator[Spread]:
    walls = [record.timing.wall_seconds for record in records if record.timing]
    if walls:
        yield Spread.of("run", "run", walls, failed=sum(record.state is RunStatus.FAILED for record in records))


def _of_steps(steps: dict[str, tuple[StepReport, ...]]) -> Iterator[Spread]:
    """In the pipeline's order; steps that were skipped or declined took no time and are left out."""
    by_name: dict[str, list[StepReport]] = defaultdict(list)
    for of_run in steps.values():
        for report in of_run:
            if report.outcome not in {Outcome.SKIPPED, Outcome.DECLINED}:
                by_name[report.name].append(report)
    for name in (name for name in StepName if name in by_name):
        reports = by_name[name]
        costs = [report.usd for report in reports]
        yield Spread.of(
            "step",
            name,
            [report.seconds for report in reports],
            failed=sum(not report.outcome.is_whole for report in reports),
            tokens=sum(report.tokens for report in reports),
            usd=None if None in costs else sum(cost for cost in costs if cost is not None),
        )


def _of_measures(measures: Sequence[Measure]) -> Iterator[Spread]:
    """What was answered from the cache counts as cached; its time is not the model's or the search's, and left out."""
    grouped: dict[tuple[str, str], list[Measure]] = defaultdict(list)
    for measure in measures:
        grouped[measure.kind, measure.name].append(measure)
    for (kind, name), some in sorted(grouped.items()):
        asked = [measure.seconds for measure in some if not measure.cached]
        cached, failed = sum(measure.cached for measure in some), sum(measure.failed for measure in some)
        yield Spread.of(kind, name, asked or [0.0], count=len(asked), failed=failed, cached=cached)


def breaches(found: Performance, settings: Settings) -> list[str]:
    """A sentence for every threshold of the settings that was passed."""
    limits, said = settings.perf, []
    for spread in found.spreads:
        limit = {
            "run": limits.run_seconds,
            "step": limits.step_seconds,
            "call": limits.call_seconds,
            "query": limits.query_seconds,
            "store": limits.store_seconds,
        }[spread.kind]
        if (spread.kind, spread.name) == ("query", "ask"):
            limit += limits.call_seconds  # a question is a search and a call of the model
        if spread.p95 > limit:
            said.append(f"{spread.kind} {spread.name}: p95 is {spread.p95:.2f} s; at most {limit:g} s is allowed.")
    if found.failed_share is not None and found.failed_share > limits.failed_share:
        said.append(f"runs: {found.failed_share:.0%} failed; at most {limits.failed_share:.0%} is allowed.")
    days = max(1.0, (found.until - found.since).total_seconds() / _DAY)
    if limits.usd_per_day is not None and (found.usd or 0.0) > limits.usd_per_day * days:
        said.append(f"cost: {found.usd:.2f} dollars; at most {limits.usd_per_day:g} a day is allowed.")
    if found.waiting_hours > limits.waiting_hours:
        said.append(
            f"outbox: {found.waiting:,} records wait, the oldest for {found.waiting_hours:.1f} h and after "
            f"{found.attempts} attempts; at most {limits.waiting_hours:g} h is allowed. `autointel drain` retries them."
        )
    return said
