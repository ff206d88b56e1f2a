"""``autointel resume``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from autointel.cli.exits import Job


def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or how it begins.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="The whole report as one JSON object on stdout.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Also write the report's files there.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no times: only the briefing.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="A line for everything that happens.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour (NO_COLOR does the same).")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks, and what libraries log.")] = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Go on where a run stopped: same id, same options; what it had finished is not done again."""
    from autointel.cli.resume_run import resume_run

    return partial(resume_run, run, json=json, out=out, quiet=quiet, verbose=verbose, color=not no_color)
