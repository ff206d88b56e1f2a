"""``autointel graph``: the options."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from autointel.cli.exits import Job
from autointel.cli.lookup_options import Debug, Json, Limit, Namespace, NoColor
from autointel.cli.words import refuse_empty


def graph(
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="A name, or a part of one.")],
    *,
    limit: Limit = 10,
    json: Json = False,
    namespace: Namespace = "default",
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """What is known about an entity, and its neighbours, with the words that say so."""
    refuse_empty(entity, "The entity's name")
    from autointel.cli.show_entities import show_entities

    return partial(show_entities, entity, limit, namespace, json=json, color=not no_color)
