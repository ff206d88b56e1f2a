"""``autointel batch start``, ``status``, ``cancel`` and ``resume``, and ``worker``: the options."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from autointel.cli.exits import Action
from autointel.cli.options import (
    INPUT,
    OUTPUT,
    BriefingLanguage,
    Debug,
    Depth,
    Engine,
    Json,
    Language,
    MaxUsd,
    Model,
    NoColor,
    NoFactCheck,
    RunOffline,
    RunPrivacy,
    RunPrivacyNames,
    SaveAs,
    namespace_of,
    option,
)

FAMILY: Final = "Brief a source"

batch = typer.Typer(name="batch", rich_markup_mode=None, help="Brief many sources, and continue where that stopped.")
Batch = Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id, or the start of it.")]
Jobs = Annotated[int, option(INPUT, metavar="N", min=1, max=16, help="How many sources to brief at once.")]
Quiet = Annotated[bool, option(OUTPUT, "--quiet", "-q", help="Print only the final table.")]


@batch.callback(invoke_without_command=True)
def batches(
    context: typer.Context,
    *,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action | None:
    """Brief many sources, and continue where that stopped. Without a command: list batches, the newest first."""
    if context.invoked_subcommand is not None:
        return None
    from autointel.cli.run_batch import show_batches

    return partial(show_batches, json=json)


@batch.command()
def start(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE...", help="Addresses, files, folders, feeds, playlists or channels."),
    ] = None,
    *,
    from_list: Annotated[
        str | None, option(INPUT, "--from", metavar="FILE", help="Read sources from a list: one per line, - for stdin.")
    ] = None,
    limit: Annotated[
        int | None,
        option(INPUT, metavar="N", min=1, max=5000, help="How many of each playlist (else 10) or feed (else 1)."),
    ] = None,
    jobs: Jobs = 1,
    language: Language = None,
    engine: Engine = "auto",
    model: Model = None,
    depth: Depth = "standard",
    no_fact_check: NoFactCheck = False,
    out: Annotated[
        Path | None, option(OUTPUT, metavar="DIR", help="Write each briefing's files to a folder in DIR.")
    ] = None,
    briefing_language: BriefingLanguage = None,
    json: Annotated[bool, option(OUTPUT, "--json", help="Print the final table as JSON.")] = False,
    quiet: Quiet = False,
    max_usd: MaxUsd = None,
    offline: RunOffline = False,
    namespace: SaveAs = "default",
    privacy: RunPrivacy = None,
    privacy_names: RunPrivacyNames = False,
    no_color: NoColor = False,
    debug: Debug = False,
) -> Action:
    """Put sources on a queue and brief them; a source given twice is briefed once.

    A source that fails is tried again; one that fails every time is set aside with the reason.

      autointel batch start talks/ --jobs 2
      autointel batch start https://example.org/feed.xml --limit 50
    """
    arguments = locals()
    from autointel.cli.request import request_from
    from autointel.cli.run_batch import start_batch

    request = request_from(arguments, source="", json=False, quiet=False, namespace=namespace_of(namespace))
    return partial(start_batch, request, tuple(sources or ()), from_list, limit, jobs=jobs, json=json, quiet=quiet)


@batch.command()
def status(
    batch_id: Batch,
    *,
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Show the sources of a batch: their state, attempts, and why they failed."""
    from autointel.cli.run_batch import show_batch

    return partial(show_batch, batch_id, json=json, color=not no_color)


@batch.command()
def cancel(
    batch_id: Batch,
    *,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Take waiting sources off the queue. What is being briefed is finished."""
    from autointel.cli.run_batch import cancel_batch

    return partial(cancel_batch, batch_id)


@batch.command()
def resume(
    batch_id: Batch,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Also try again what was given up.")] = False,
    jobs: Jobs = 1,
    json: Annotated[bool, option(OUTPUT, "--json", help="Print the final table as JSON.")] = False,
    quiet: Quiet = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Continue a batch that was interrupted or cancelled, with the options it was started with.

    Run it in several terminals, and each takes a part of what waits.
    """
    from autointel.cli.run_batch import resume_batch

    return partial(resume_batch, batch_id, failed=failed, jobs=jobs, json=json, quiet=quiet, color=not no_color)


def worker(
    *,
    jobs: Annotated[int, typer.Option(metavar="N", min=1, max=16, help="How many sources to brief at once.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing.")] = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Brief the sources of batches, called by a broker (queue.broker_url).

    Start one on each machine that shares the catalogue. SIGTERM or Ctrl-C hands back what is under way.
    """
    from autointel.cli.run_batch import run_worker

    return partial(run_worker, jobs=jobs, quiet=quiet, color=not no_color)
