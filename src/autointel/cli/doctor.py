"""``autointel doctor``: the options."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from autointel.cli.exits import Job


def doctor(
    *,
    json: Annotated[bool, typer.Option("--json", help="One JSON array on stdout.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks.")] = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """What is configured, whether it answers, and what each missing part costs."""
    from autointel.cli.show_checks import show_checks

    return partial(show_checks, json=json)
