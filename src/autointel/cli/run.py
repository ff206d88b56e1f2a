"""``autointel run``: the options, and nothing of the work."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from autointel.cli.exits import Job
from autointel.cli.request import Acquiring, Request
from autointel.cli.words import refuse_empty
from autointel.errors import UsageError

_DEPTH = "How much work: standard 5 claims, deep 10, comprehensive 15 and counter-evidence, experimental judges twice."


def run(
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="A web address, a file, or - for standard input.")
    ] = None,
    *,
    from_list: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="FILE", help="Brief each source of a list: one a line, # comments, - for stdin."
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(metavar="N", min=1, max=16, help="With --from: so many at once.")] = 1,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="With --from: so many of each playlist (else 10) and feed (else 1)."),
    ] = None,
    engine: Annotated[
        Literal["auto", "llm", "local"], typer.Option(help="Who reads: llm if a model is configured, else local.")
    ] = "auto",
    depth: Annotated[
        Literal["standard", "deep", "comprehensive", "experimental"], typer.Option(help=_DEPTH)
    ] = "standard",
    parallel: Annotated[
        bool | None,
        typer.Option("--parallel/--sequential", help="Steps side by side or not: same result, another clock."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The whole report as one JSON object on stdout.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Also write report.html, report.json, transcript.json, notes.json, briefing.md there."
        ),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the briefing as a page in the browser.")] = False,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Of the transcript, such as en.")] = None,
    briefing_language: Annotated[str | None, typer.Option(metavar="CODE", help="To write the briefing in.")] = None,
    transcribe: Annotated[
        bool, typer.Option("--transcribe", help="Listen to the recording, though it has a transcript or captions.")
    ] = False,
    episode: Annotated[
        str | None, typer.Option(metavar="EPISODE", help="Of a feed: number from the newest (1), title or guid.")
    ] = None,
    cookies_from_browser: Annotated[
        str | None, typer.Option(metavar="BROWSER", help="Sign in to a video site as this browser is: firefox, chrome.")
    ] = None,
    cookies: Annotated[Path | None, typer.Option(metavar="FILE", help="Cookies for a video site.")] = None,
    proxy: Annotated[str | None, typer.Option(metavar="URL", help="Ask video sites through this proxy.")] = None,
    keep_media: Annotated[
        bool, typer.Option("--keep-media", help="Keep downloaded recordings, in the home's folder media.")
    ] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Fetch the source again, though its words are kept.")
    ] = False,
    no_memory: Annotated[bool, typer.Option("--no-memory", help="Leave out memory.")] = False,
    no_graph: Annotated[bool, typer.Option("--no-graph", help="Leave out the graph.")] = False,
    no_fact_check: Annotated[bool, typer.Option("--no-fact-check", help="Leave out the fact-check.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Reach loopback and allow-listed hosts only.")] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Do everything anew, whatever is kept of earlier runs.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would do, in calls, tokens and dollars; do nothing.")
    ] = False,
    max_usd: Annotated[
        float | None, typer.Option(metavar="USD", min=0.0001, help="End early, with a briefing, at this cost.")
    ] = None,
    max_seconds: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.1, help="Ask the model nothing more after this time.")
    ] = None,
    namespace: Annotated[
        str, typer.Option(metavar="NAME", help="Keep what is read apart under this name.")
    ] = "default",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no times: only the briefing.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="A line for everything that happens.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour (NO_COLOR does the same).")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks, and what libraries log.")] = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Brief a source: the briefing on stdout, everything else on stderr."""
    if (source is None) == (from_list is None):
        raise UsageError("One source is briefed, or one list.", "Give a SOURCE or --from FILE, and not both.")
    if source is not None:
        refuse_empty(source, "The source", "Give a web address, a file, or - for standard input.")
    request = Request(
        source=source or "",
        engine=engine,
        depth=depth,
        parallel=parallel,
        json=json,
        out=out,
        open_page=open_page,
        language=language,
        briefing_language=briefing_language,
        memory=not no_memory,
        graph=not no_graph,
        fact_check=not no_fact_check,
        offline=offline,
        cache=not no_cache,
        acquisition=Acquiring(
            transcribe=transcribe,
            episode=episode,
            cookies_from_browser=cookies_from_browser,
            cookies=cookies,
            proxy=proxy,
            keep_media=keep_media,
            refresh=refresh,
        ),
        dry_run=dry_run,
        max_usd=max_usd,
        max_seconds=max_seconds,
        namespace=namespace,
        quiet=quiet,
        verbose=verbose,
        color=not no_color,
    )
    if from_list is not None:
        from autointel.cli.run_list import Listing, run_list

        return partial(run_list, request, Listing(from_list, jobs, limit))
    from autointel.cli.brief_source import brief_source

    return partial(brief_source, request)
