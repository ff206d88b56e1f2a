"""``autointel search``: the options."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from autointel.cli.exits import Job
from autointel.cli.lookup_options import Debug, Json, Limit, Namespace, NoColor, Verbose
from autointel.cli.words import refuse_empty


def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words, or a question.")],
    *,
    limit: Limit = 10,
    json: Json = False,
    namespace: Namespace = "default",
    verbose: Verbose = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Ranked passages from everything read, each with its best sentence and where it stands."""
    refuse_empty(query, "The query")
    from autointel.cli.show_found import show_found

    return partial(show_found, query, limit, namespace, json=json, verbose=verbose, color=not no_color)
