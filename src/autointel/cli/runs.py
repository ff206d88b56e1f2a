"""``autointel runs``, ``resume``, ``show`` and ``sources``: the options."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from autointel.cli.exits import Action
from autointel.cli.options import Debug, Format, Json, Limit, Namespace, NoColor, format_of, refuse_empty
from autointel.errors import UsageError

FAMILY: Final = "Earlier runs"

runs = typer.Typer(name="runs", rich_markup_mode=None, help="List earlier runs, the newest first.")


@runs.callback(invoke_without_command=True)
def latest(
    context: typer.Context,
    *,
    limit: Limit = 20,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action | None:
    """List earlier runs, the newest first."""
    if context.invoked_subcommand is not None:
        return None
    from autointel.cli.show_library import show_runs

    return partial(show_runs, limit, json=json)


@runs.command("show")
def show_one(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or the start of it.")],
    *,
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Show one run: its options, how each step ended, and the time each took."""
    from autointel.cli.show_library import show_run

    return partial(show_run, run, json=json, color=not no_color)


def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or the start of it.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the whole report as one JSON object.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Also write the report's files there.")] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only the briefing, and what it replaces.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print a line for everything that happens.")] = False,
    engine: Annotated[
        Literal["llm", "local"] | None, typer.Option(help="Continue with another engine than the run's.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Continue with another model at the server, or a GGUF file.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Continue even where the settings name another model server.")
    ] = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Continue a run that stopped, without repeating finished steps.

    The run keeps its id, its options, its engine and its model. Of a run that is done, the briefing is printed.
    """
    from autointel.cli.brief_source import resume_run

    return partial(
        resume_run,
        run,
        json=json,
        out=out,
        quiet=quiet,
        verbose=verbose,
        color=not no_color,
        engine=engine,
        model=model,
        elsewhere=yes,
    )


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
) -> Action:
    """Show a saved briefing again, without reading its source again."""
    refuse_empty(wanted, "The run or source")
    if markdown and (json or format):
        raise UsageError("--md and another format are asked for.", "Leave one of them out.")
    chosen = "markdown" if markdown else format_of(format, json=json)
    from autointel.cli.show_library import show_briefing

    return partial(show_briefing, wanted, namespace, chosen=chosen, is_opened=open_page, out=out, color=not no_color)


def sources(
    *,
    limit: Limit = 50,
    json: Json = False,
    namespace: Namespace = "default",
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """List what has been read: title, date, speakers, verdicts."""
    from autointel.cli.show_library import show_sources

    return partial(show_sources, limit, namespace, json=json)
