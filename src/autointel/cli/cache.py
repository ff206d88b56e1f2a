"""``autointel cache``: the options."""

from __future__ import annotations

from functools import partial

import typer

from autointel.cli.exits import Job
from autointel.cli.lookup_options import Debug, Json

cache = typer.Typer(name="cache", rich_markup_mode=None)


@cache.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    *,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job | None:
    """What is kept only so that it need not be done again, and its size."""
    if context.invoked_subcommand is not None:
        return None
    from autointel.cli.keep_in_order import show_cache

    return partial(show_cache, json=json)


@cache.command()
def clear(
    *,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Forget it: the next run of each source does, and pays for, everything anew."""
    from autointel.cli.keep_in_order import empty_cache

    return partial(empty_cache, json=json)
