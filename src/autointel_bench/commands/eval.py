"""``autointel eval``: its options, and the question before a measure that spends money."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from autointel.cli.exits import Action
from autointel.errors import UsageError

FAMILY: Final = "Measure"


def evaluate(
    measure: Annotated[
        str,
        typer.Argument(
            metavar="MEASURE",
            help="briefing, meetings, entities, claims, embedder, captions, articles, recall, answers, injection,"
            " support, live.",
        ),
    ],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The data; see docs/evaluation.md.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="For live, which asks a model: go on without asking you.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks.")] = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Measure a part of autointel on labelled data in a folder."""
    return partial(_ask_and_measure_live, folder, yes=yes) if measure == "live" else partial(_print, measure, folder)


def _print(measure: str, folder: Path) -> int:
    from autointel.cli.output import to_stdout
    from autointel_bench.evaluation.measure import measure as measured

    to_stdout(measured(measure, folder) + "\n")
    return 0


def _ask_and_measure_live(folder: Path, *, yes: bool) -> int:
    """Say what measuring the configured model would cost, ask, and measure. 0 also where the answer is no."""
    from autointel.cli.output import aside, to_stdout
    from autointel.cli.request import choose
    from autointel.settings import load
    from autointel_bench.evaluation.live import LiveData, estimate, score

    settings = load().settings
    choose(settings, "llm", offline=False)
    data = LiveData.of(folder)
    aside(estimate(data, settings).table().splitlines())
    if not yes and not _agreed():
        aside(["Nothing was asked."])
        return 0
    to_stdout(score(data, settings, lambda line: aside([line])).render() + "\n")
    return 0


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("This spends money, and there is nobody to ask whether it should.", "Add --yes.")
    sys.stderr.write("Go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
