"""``autointel eval``: the options."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from autointel.cli.exits import Action

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
    if measure == "live":
        from autointel_bench.commands.eval_live import evaluate_live

        return partial(evaluate_live, folder, yes=yes)
    return partial(_print, measure, folder)


def _print(measure: str, folder: Path) -> int:
    from autointel.cli.output import to_stdout
    from autointel_bench.evaluation.measure import measure as measured

    to_stdout(measured(measure, folder) + "\n")
    return 0
