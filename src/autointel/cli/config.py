"""``autointel config``."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from autointel.cli.exits import Job

config = typer.Typer(name="config", help="Settings.", rich_markup_mode=None, no_args_is_help=False)


@config.command("show")
def show(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks.")] = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Every setting, its value and where it came from; secrets masked."""
    from autointel.cli.show_settings import show_settings

    return partial(show_settings)
