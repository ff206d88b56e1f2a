"""The whole comparison: runs, rows, files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path

from autointel.errors import SourceUnreachable
from autointel_bench.flags.cases import ALL_ON, Combination
from autointel_bench.flags.comparison import Comparison, rows_of
from autointel_bench.flags.ideal import Limits
from autointel_bench.flags.markdown import markdown_of
from autointel_bench.flags.record import KeptRuns, RunRecord, Setup
from autointel_bench.flags.runner import Make, OnProgress, fresh_runs, make_runs
from autointel_bench.flags.steps import drawing_of, step_times
from autointel_bench.machine import machine, now, program_digest
from autointel_bench.simulated.profile import world_of


def setup_of(source: str, depth: str, profile: str, *, live: bool) -> Setup:
    """The set-up to measure. Raises UsageError for an unknown profile, SourceUnreachable without the file."""
    if not live:
        world_of(profile)
    path = Path(source)
    try:
        digest = sha256(path.read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise SourceUnreachable(
            f"{source} cannot be read: {error.strerror}.", "A comparison needs a file: the same words every time."
        ) from error
    return Setup(
        source=str(path.resolve()),
        source_digest=digest,
        depth=depth,
        profile="live" if live else profile,
        live=live,
        program=program_digest(),
    )


def compare_flags(
    setup: Setup,
    combinations: Sequence[Combination],
    runs: int,
    *,
    folder: Path,
    command: str,
    on_progress: OnProgress,
    again: bool = False,
    making: Callable[[Setup, KeptRuns], AbstractContextManager[Make]] = fresh_runs,
) -> tuple[Comparison, list[RunRecord]]:
    """Make what is still to be made of the runs (KeyboardInterrupt leaves them kept) and compare them all."""
    kept = KeptRuns(folder, setup)
    kept.open(again=again)
    records = make_runs(combinations, runs, kept, on_progress, making(setup, kept))
    return comparison_of(setup, combinations, records, command=command), records


def comparison_of(
    setup: Setup, combinations: Sequence[Combination], records: Sequence[RunRecord], *, command: str
) -> Comparison:
    """The rows, and where, when and how they were measured."""
    world = None if setup.live else world_of(setup.profile)
    limits = Limits(
        calls_at_once=setup.limit,
        window_calls=world.model.requests_per_minute if world else None,
        window_seconds=world.model.rate_window if world else 60.0,
    )
    return Comparison(
        simulated=not setup.live,
        command=command,
        made=now(),
        setup=setup.model_copy(update={"source": Path(setup.source).name}),
        world=world.described if world else "as configured",
        limits=limits,
        machine=machine(),
        rows=rows_of(records, combinations, limits, live=setup.live),
        steps_all_on=step_times(records, ALL_ON.number),
    )


def write(folder: Path, comparison: Comparison, records: Sequence[RunRecord]) -> list[Path]:
    """JSON, Markdown and the drawing, named for profile and depth; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"flags-{comparison.setup.profile}-{comparison.setup.depth}"
    label = "simulated" if comparison.simulated else "live"
    texts = {
        f"{stem}.json": comparison.model_dump_json(indent=2) + "\n",
        f"{stem}.md": markdown_of(comparison),
        f"{stem}.svg": drawing_of(records, f"Steps of a run, {comparison.setup.profile} profile ({label})"),
    }
    written = []
    for name, text in texts.items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
            written.append(folder / name)
    return written
