"""Results kept under a name, for before and after."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from autointel.domain.value import Value
from autointel.errors import UsageError
from autointel_bench.figures import NO_DIFFERENCE, Estimate, difference, spread, table
from autointel_bench.flags.comparison import Clocked, Comparison, Row
from autointel_bench.flags.record import RunRecord

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Saved(Value):
    """A comparison and the runs it rests on, without what they found: their times are what is compared."""

    comparison: Comparison
    crew_seconds: dict[int, tuple[float, ...]]
    shell_seconds: dict[int, tuple[float, ...]]


def saved_of(comparison: Comparison, records: list[RunRecord]) -> Saved:
    """The comparison with the times of runs that may be counted."""
    counted = [row.combination.number for row in comparison.rows if row.counted]
    good = [record for record in records if not record.failure and record.combination in counted]
    return Saved(
        comparison=comparison,
        crew_seconds={n: tuple(r.crew_seconds for r in good if r.combination == n) for n in counted},
        shell_seconds={n: tuple(r.shell_seconds for r in good if r.combination == n) for n in counted},
    )


def save(folder: Path, name: str, saved: Saved) -> Path:
    """Keep it under ``name``; an older one of that name is replaced."""
    path = _path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(saved.model_dump_json(), encoding="utf-8")
    return path


def load(folder: Path, name: str) -> Saved:
    """The result saved under ``name``. Raises UsageError where there is none."""
    path = _path(folder, name)
    try:
        return Saved.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        names = ", ".join(sorted(each.stem for each in path.parent.glob("*.json"))) or "none yet"
        raise UsageError(f"No result is saved as {name}.", f"Saved so far: {names}. --save NAME keeps one.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"The result saved as {name} cannot be read.", "Save it anew with --save.") from error


def before_and_after(before: Saved, after: Saved) -> str:
    """Every combination that both have, as Markdown. Raises UsageError where the two cannot be compared."""
    _comparable(before.comparison, after.comparison)
    rows = [
        line
        for row in after.comparison.rows
        for line in _lines(row, before.comparison.row(row.combination.number), before, after)
    ]
    heads = ["combination", "clock", "before, mean (95%)", "after, mean (95%)", "after - before"]
    when = f"Before: {before.comparison.made}. After: {after.comparison.made}."
    return f"## Before and after\n\n{when}\n\n{table(heads, rows)}"


class _Clock(Value):
    """One clock of one combination: what was made of it, and the seconds that this was made of."""

    figures: Clocked | None
    seconds: tuple[float, ...]


def _lines(row: Row, old: Row | None, before: Saved, after: Saved) -> list[list[str]]:
    if old is None:
        return []
    number = row.combination.number
    name = f"{number} {row.combination.name}"
    crew = (
        _Clock(figures=old.crew, seconds=before.crew_seconds.get(number, ())),
        _Clock(figures=row.crew, seconds=after.crew_seconds.get(number, ())),
    )
    shell = (
        _Clock(figures=old.shell, seconds=before.shell_seconds.get(number, ())),
        _Clock(figures=row.shell, seconds=after.shell_seconds.get(number, ())),
    )
    return [[name, "crew", *_line(*crew)], [name, "shell to exit", *_line(*shell)]]


def _line(then: _Clock, now: _Clock) -> list[str]:
    if then.figures is None or now.figures is None:
        return [*("not counted" if clock.figures is None else "counted" for clock in (then, now)), "–"]
    shown = change(difference(then.seconds, now.seconds))
    return [spread(then.figures.seconds.mean), spread(now.figures.seconds.mean), shown]


def change(estimate: Estimate) -> str:
    """Seconds more or less with the interval, or that no difference is shown."""
    low, high = estimate.interval.low, estimate.interval.high
    if not estimate.interval.excludes_zero:
        return f"{NO_DIFFERENCE} ({low:+.2f} s to {high:+.2f} s)"
    return f"{estimate.value:+.2f} s ({low:+.2f} to {high:+.2f})"


def _comparable(before: Comparison, after: Comparison) -> None:
    checks = {
        "profile": (before.setup.profile, after.setup.profile),
        "depth": (before.setup.depth, after.setup.depth),
        "source": (before.setup.source_digest, after.setup.source_digest),
        "kind of servers": (before.simulated, after.simulated),
        "machine": (before.machine.same_kind, after.machine.same_kind),
    }
    for what, (then, now) in checks.items():
        if then != now:
            raise UsageError(
                f"The two results were made with another {what}: {then} and {now}.",
                "Compare like with like: save one anew here.",
            )


def _path(folder: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be a name for a result.", "Use letters, digits, dots, - and _.")
    return folder / f"{name}.json"
