"""``autointel drain``: the options."""

from __future__ import annotations

from functools import partial

from autointel.cli.exits import Job
from autointel.cli.lookup_options import Debug, Json, NoColor


def drain(
    *,
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Store what a memory or graph that did not answer should have been given."""
    from autointel.cli.drain_outbox import drain_outbox

    return partial(drain_outbox, json=json, color=not no_color)
