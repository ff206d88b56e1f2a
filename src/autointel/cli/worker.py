"""``autointel worker``: the options."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

import typer

from autointel.cli.exits import Job
from autointel.cli.options import Debug, NoColor

FAMILY: Final = "Brief a source"


def worker(
    *,
    jobs: Annotated[int, typer.Option(metavar="N", min=1, max=16, help="How many sources to brief at once.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing.")] = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Brief the sources of batches, called by a broker (queue.broker_url).

    Start one on each machine that shares the catalogue. SIGTERM or Ctrl-C hands back what is under way.
    """
    from autointel.cli.run_worker import run_worker

    return partial(run_worker, jobs=jobs, quiet=quiet, color=not no_color)
