"""``autointel reindex``: the options."""

from __future__ import annotations

from functools import partial

from autointel.cli.exits import Job
from autointel.cli.lookup_options import Debug, Json, Namespace, NoColor


def reindex(
    *,
    namespace: Namespace = "default",
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Embed anew what memory lacks: after it was damaged or deleted, or under another embedder."""
    from autointel.cli.keep_in_order import reindex_memory

    return partial(reindex_memory, namespace, json=json, color=not no_color)
