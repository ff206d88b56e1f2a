"""What the runs come to. A run that failed is a failure, one that took the wrong path shows nothing, and one with other
results is no faster way to the same: none of them is ever counted as a saving.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel_bench.figures import Estimate, Summary, paired_difference, paired_saving, summary
from autointel_bench.flags.cases import ALL_OFF, Combination, Pair
from autointel_bench.flags.ideal import Limits, ideal_of
from autointel_bench.flags.overlaps import Seen, path_problems, seen_in
from autointel_bench.flags.record import RunRecord, Setup
from autointel_bench.flags.steps import StepTime
from autointel_bench.machine import Machine

_SHOWN: Final = 80  # characters of a value that differs


class Overlap(Value):
    """Two steps that were at work at the same time, and in how many runs each witness saw it."""

    steps: tuple[StepName, StepName]
    by_report: int
    by_server: int


class Clocked(Value):
    """One clock's figures, in seconds; differences and savings are against all off, round by round."""

    seconds: Summary
    difference: Estimate
    saving: Estimate


class Row(Value):
    """One combination. ``crew`` and ``shell`` are None where nothing of it may be counted; ``problems`` say why.

    ``ideal_over_wall`` is the median over runs of ideal / (crew's start to report); None in a live comparison.
    """

    combination: Combination
    runs: int
    failures: tuple[str, ...]
    problems: tuple[str, ...]
    equal: bool | None
    crew: Clocked | None
    shell: Clocked | None
    ideal_seconds: float | None
    ideal_over_wall: float | None
    ideal_chain: tuple[tuple[str, float], ...] = ()
    overlaps: tuple[Overlap, ...]
    claims: int
    claims_at_once: int | None
    model_calls: float
    first_judgment_seconds: float | None

    @property
    def counted(self) -> bool:
        """Whether its times may be compared."""
        return self.crew is not None


class Comparison(Value):
    """A whole comparison, as it is written to JSON. ``simulated`` is False for one against real servers."""

    kind: str = "flags"
    simulated: bool
    command: str
    made: str
    setup: Setup
    world: str
    limits: Limits
    machine: Machine
    rows: tuple[Row, ...]
    steps_all_on: tuple[StepTime, ...] = ()

    def row(self, number: int) -> Row | None:
        """The row of a combination."""
        return next((row for row in self.rows if row.combination.number == number), None)


def rows_of(
    records: Sequence[RunRecord], combinations: Sequence[Combination], limits: Limits, *, live: bool
) -> tuple[Row, ...]:
    """A row for each combination, from all runs of all rounds."""
    off = {record.round: record for record in records if record.combination == ALL_OFF.number}
    return tuple(
        _row(combination, [r for r in records if r.combination == combination.number], off, limits, live=live)
        for combination in combinations
    )


def _row(
    combination: Combination, records: Sequence[RunRecord], off: dict[int, RunRecord], limits: Limits, *, live: bool
) -> Row:
    good = [record for record in records if not record.failure]
    seen = [seen_in(record) for record in good]
    problems = [problem for one in seen for problem in path_problems(combination, one)]
    unequal = [] if live else [problem for record in good if (problem := _unequal(record, off.get(record.round)))]
    pairs = [(off[r.round], r) for r in good if r.round in off and not off[r.round].failure]
    alone = [] if pairs else ["no round in which both it and all off succeeded"]
    counted = not (problems or unequal or alone)
    ideals = [] if live else [(ideal_of(record, combination, limits), record) for record in good]
    return Row(
        combination=combination,
        runs=len(records),
        failures=tuple(record.failure for record in records if record.failure),
        problems=(*_counted([*problems, *unequal], len(good)), *alone),
        equal=None if live or not good else not unequal,
        crew=_clocked([(b.crew_seconds, a.crew_seconds) for b, a in pairs]) if counted else None,
        shell=_clocked([(b.shell_seconds, a.shell_seconds) for b, a in pairs]) if counted else None,
        ideal_seconds=_median(ideal.seconds for ideal, _ in ideals),
        ideal_over_wall=_median(ideal.seconds / record.crew_seconds for ideal, record in ideals),
        ideal_chain=ideals[0][0].chain if ideals else (),
        overlaps=_overlaps(seen),
        claims=max((one.claims for one in seen), default=0),
        claims_at_once=max((one.claims_at_once for one in seen if one.claims_at_once is not None), default=None),
        model_calls=_median(record.inside.report.usage.model_calls for record in good if record.inside) or 0,
        first_judgment_seconds=_median(
            record.inside.first_judgment_seconds
            for record in good
            if record.inside and record.inside.first_judgment_seconds is not None
        ),
    )


def _clocked(pairs: Sequence[tuple[float, float]]) -> Clocked:
    before, after = [b for b, _ in pairs], [a for _, a in pairs]
    return Clocked(
        seconds=summary(after), difference=paired_difference(before, after), saving=paired_saving(before, after)
    )


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return summary(found).median if found else None


def _counted(problems: Iterable[str], runs: int) -> tuple[str, ...]:
    return tuple(
        problem if times == runs or not runs else f"{problem} (in {times} of {runs} runs)"
        for problem, times in Counter(problems).items()
    )


def _overlaps(seen: Sequence[Seen]) -> tuple[Overlap, ...]:
    def ordered(pair: Pair) -> tuple[StepName, StepName]:
        first, second = (name for name in StepName if name in pair)
        return first, second

    report = Counter(pair for one in seen for pair in one.by_report)
    server = Counter(pair for one in seen for pair in one.by_server)
    places = {name: place for place, name in enumerate(StepName)}
    pairs = sorted({ordered(pair) for pair in report | server}, key=lambda pair: [places[name] for name in pair])
    return tuple(
        Overlap(steps=pair, by_report=report[frozenset(pair)], by_server=server[frozenset(pair)]) for pair in pairs
    )


def _unequal(record: RunRecord, off: RunRecord | None) -> str:
    """Where the results part from those of all off in the same round; "" where they don't, or can't be compared."""
    if record.inside is None or off is None or off.inside is None or off.failure:
        return ""
    where = first_difference(off.inside.report.artifacts(), record.inside.report.artifacts())
    return f"its results differ from those of all off at {where}" if where else ""


def first_difference(one: Any, other: Any, path: str = "report") -> str:
    """The first place where two JSON values part, with both values; "" where they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            if found := first_difference(one.get(key), other.get(key), f"{path}.{key}"):
                return found
        return ""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        items = (first_difference(a, b, f"{path}[{at}]") for at, (a, b) in enumerate(zip(one, other, strict=True)))
        return next((each for each in items if each), "")
    return "" if one == other else f"{path}: {_short(one)} against {_short(other)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
