"""``autointel show`` and ``sources``: the options."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from autointel.cli.exits import Job
from autointel.cli.options import Debug, Format, Json, Limit, Namespace, NoColor, format_of, refuse_empty
from autointel.errors import UsageError

FAMILY: Final = "Earlier runs"


def show(
    wanted: Annotated[
        str, typer.Argument(metavar="RUN|SOURCE", help="A run's id, or a source's address, file or title.")
    ],
    *,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    markdown: Annotated[bool, typer.Option("--md", help="Print Markdown, on a terminal as well.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the whole report as one JSON object.")] = False,
    format: Annotated[Format | None, typer.Option(help="What to print instead of the briefing.")] = None,  # noqa: A002
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the run's files there.")] = None,
    namespace: Namespace = "default",
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Show a saved briefing again, without reading its source again."""
    refuse_empty(wanted, "The run or source")
    if markdown and (json or format):
        raise UsageError("--md and another format are asked for.", "Leave one of them out.")
    chosen = "markdown" if markdown else format_of(format, json=json)
    from autointel.cli.show_library import show_briefing

    return partial(show_briefing, wanted, namespace, chosen=chosen, open_page=open_page, out=out, color=not no_color)


def sources(
    *,
    limit: Limit = 50,
    json: Json = False,
    namespace: Namespace = "default",
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """List what has been read: title, date, speakers, verdicts."""
    from autointel.cli.show_library import show_sources

    return partial(show_sources, limit, namespace, json=json)
