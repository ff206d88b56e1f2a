"""``autointel runs``: the options."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from autointel.cli.exits import Job
from autointel.cli.lookup_options import Debug, Json, Limit, NoColor

runs = typer.Typer(name="runs", rich_markup_mode=None)


@runs.callback(invoke_without_command=True)
def latest(
    context: typer.Context,
    *,
    limit: Limit = 20,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job | None:
    """Earlier runs, the newest first."""
    if context.invoked_subcommand is not None:
        return None
    from autointel.cli.show_runs import show_runs

    return partial(show_runs, limit, json=json)


@runs.command()
def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Its id, or the beginning of it.")],
    *,
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """One run: what was asked, how each step ended, where the time went."""
    from autointel.cli.show_runs import show_run

    return partial(show_run, run, json=json, color=not no_color)
