"""``autointel forget``: the options."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from autointel.cli.exits import Job
from autointel.cli.lookup_options import Debug, Json, Namespace, NoColor


def forget(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="Its address, its title, or the beginning of its id.")
    ],
    *,
    namespace: Namespace = "default",
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Remove a source and all that was made of it; what is cached, of any source, goes with it."""
    from autointel.cli.keep_in_order import forget_source

    return partial(forget_source, source, namespace, json=json, color=not no_color)
