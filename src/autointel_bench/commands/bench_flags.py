"""The work of ``autointel bench flags``: ask before it costs money, measure, print, write, save, compare."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from autointel.cli.exits import FAILED
from autointel.cli.output import to_stdout
from autointel.cli.request import choose
from autointel.domain.run import Depth, Engine, Options
from autointel.errors import UsageError
from autointel.render.terminal import standard_error
from autointel.settings import Settings
from autointel.settings import load as load_settings
from autointel_bench.flags.bench import compare_flags, setup_of, write
from autointel_bench.flags.cases import combinations_of
from autointel_bench.flags.comparison import Comparison
from autointel_bench.flags.markdown import markdown_of
from autointel_bench.flags.record import KeptRuns, Setup
from autointel_bench.flags.runner import Make, fresh_runs
from autointel_bench.saved import before_and_after, load, save, saved_of
from autointel_bench.talk import talk

LONG_TALK: Final = 25_000  # words

Making = Callable[[Setup, KeptRuns], AbstractContextManager[Make]]


@dataclass(frozen=True)
class FlagsRequest:
    """The options as they were typed."""

    source: str
    combos: str
    runs: int
    depth: str
    profile: str
    live: bool
    yes: bool
    out: Path | None
    save: str | None
    compare: str | None
    again: bool
    json: bool
    command: str
    long_talk: bool = False
    """Whether a long talk is read too, after ``source``: only there do reading and computing take their share."""


def bench_flags(request: FlagsRequest, making: Making = fresh_runs) -> int:
    """The exit code: 1 where a combination failed or may not be counted. Raises AutointelError.

    ``making`` makes the runs; the product's own processes, unless given.
    """
    folder = load_settings().settings.home / "bench"
    requests = [request, *([_long(request, folder)] if request.long_talk else [])]
    measured = [_measured(each, folder, making) for each in requests]
    if request.json:
        objects = [comparison.model_dump_json(indent=2) for comparison in measured]
        to_stdout((objects[0] if len(objects) == 1 else f"[{', '.join(objects)}]") + "\n")
    return FAILED if any(row.failures or not row.counted for each in measured for row in each.rows) else 0


def _long(request: FlagsRequest, folder: Path) -> FlagsRequest:
    """The same comparison of all on with all off, over a talk of 25,000 words and at 0.8 s a call."""
    path = folder / f"talk-{LONG_TALK}.vtt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(talk(LONG_TALK), encoding="utf-8")
    save, compare = (f"{name}-long" if name else None for name in (request.save, request.compare))
    return replace(request, source=str(path), combos="1,8", profile="brisk", save=save, compare=compare)


def _measured(request: FlagsRequest, folder: Path, making: Making) -> Comparison:
    combinations = combinations_of(request.combos)
    setup = setup_of(request.source, request.depth, request.profile, live=request.live)
    before = load(folder / "saved", request.compare) if request.compare else None
    if request.live and not request.yes:
        _ask(load_settings().settings, request, request.runs * len(combinations))
    comparison, records = compare_flags(
        setup,
        combinations,
        request.runs,
        folder=folder / "runs",
        command=request.command,
        on_progress=tell,
        again=request.again,
        making=making,
    )
    saved = saved_of(comparison, records)
    if not request.json:
        to_stdout(markdown_of(comparison))
    if before:
        to_stdout("\n" + before_and_after(before, saved))
    if request.save:
        tell(f"saved as {save(folder / 'saved', request.save, saved).stem}")
    for path in write(request.out, comparison, records) if request.out else []:
        tell(f"wrote {path}")
    return comparison


def tell(line: str) -> None:
    """A line on stderr."""
    standard_error().write(f"{line}\n")


def _ask(settings: Settings, request: FlagsRequest, times: int) -> None:
    """Show what it would cost, and go on only if told to. Raises UsageError if not, or if there is nobody to ask."""
    choice = choose(settings, "llm", offline=False)
    from autointel.app.cost_estimate import plan

    expected = plan(settings, Options(source=request.source, engine=Engine.LLM, depth=Depth(request.depth)))
    usd = "cost unknown" if expected.usd is None else f"about ${expected.usd * times:.2f}"
    calls = sum(step.calls for step in expected.steps) * times
    tokens = sum(step.prompt_tokens + step.completion_tokens for step in expected.steps) * times
    tell(
        f"{choice}: {times} runs, up to {calls:,} calls and {tokens:,} tokens, {usd}. Evidence is sought {times} times."
    )
    if not sys.stdin.isatty():
        raise UsageError("There is nobody to ask whether that is wanted.", "Say --yes if it is.")
    standard_error().write("Go on? [y/N] ")
    standard_error().flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise UsageError("Not asked to go on: nothing was run.", "Say y, or --yes.")
