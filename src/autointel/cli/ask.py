"""``autointel ask``: the options."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import typer

from autointel.cli.exits import Job
from autointel.cli.lookup_options import Debug, Json, Limit, Namespace, NoColor, Verbose
from autointel.cli.words import refuse_empty


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="On anything that was read.")],
    *,
    limit: Limit = 5,
    engine: Annotated[
        Literal["auto", "llm", "local"], typer.Option(help="Who answers; auto: a model where one is configured.")
    ] = "auto",
    json: Json = False,
    namespace: Namespace = "default",
    verbose: Verbose = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Where memory speaks of the question, with citations, or that it does not."""
    refuse_empty(question, "The question")
    from autointel.cli.show_answer import show_answer

    return partial(
        show_answer, question, limit, namespace, engine=engine, json=json, verbose=verbose, color=not no_color
    )
