"""``autointel ask``: the options."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from autointel.cli.exits import Job
from autointel.cli.lookup_options import Debug, Json, Limit, Namespace, NoColor, Verbose


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="On anything that was read.")],
    *,
    limit: Limit = 5,
    json: Json = False,
    namespace: Namespace = "default",
    verbose: Verbose = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Where memory speaks of the question, with citations, or that it does not."""
    from autointel.cli.show_answer import show_answer

    return partial(show_answer, question, limit, namespace, json=json, verbose=verbose, color=not no_color)
