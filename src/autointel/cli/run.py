"""``autointel run``: the options, and nothing of the work."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from autointel.cli.exits import Action
from autointel.cli.options import (
    ENGINE,
    INPUT,
    LIMITS,
    OUTPUT,
    STORAGE,
    VIDEO,
    BriefingLanguage,
    Debug,
    Depth,
    Engine,
    Format,
    Language,
    MaxUsd,
    Model,
    NoColor,
    NoFactCheck,
    RunOffline,
    RunPrivacy,
    RunPrivacyNames,
    SaveAs,
    format_of,
    option,
    refuse_empty,
)
from autointel.errors import UsageError

FAMILY: Final = "Brief a source"

_SAMPLE: Final = Path(__file__).resolve().parent.parent / "samples" / "free-transit.vtt"


def run(
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="A web address, a file, or - for standard input.")
    ] = None,
    *,
    from_list: Annotated[
        str | None,
        option(INPUT, "--from", metavar="FILE", help="Read a list of sources: one per line, # comments, - for stdin."),
    ] = None,
    sample: Annotated[
        bool, option(INPUT, "--sample", help="Brief the fictional debate that comes with autointel.")
    ] = False,
    jobs: Annotated[int, option(INPUT, metavar="N", min=1, max=16, help="With --from: how many at once.")] = 1,
    limit: Annotated[
        int | None,
        option(INPUT, metavar="N", min=1, help="With --from: how many of each playlist (else 10) or feed (else 1)."),
    ] = None,
    episode: Annotated[
        str | None, option(INPUT, metavar="EPISODE", help="Of a feed: its title, its guid, or 1 for the newest.")
    ] = None,
    language: Language = None,
    transcribe: Annotated[
        bool, option(VIDEO, "--transcribe", help="Transcribe the audio even if a transcript exists.")
    ] = False,
    keep_media: Annotated[
        bool,
        option(VIDEO, "--keep-media", help="Keep downloaded recordings, in the home or the bucket."),
    ] = False,
    cookies_from_browser: Annotated[
        str | None, option(VIDEO, metavar="BROWSER", help="Use this browser's cookies (firefox, chrome).")
    ] = None,
    cookies: Annotated[Path | None, option(VIDEO, metavar="FILE", help="Use the cookies in this cookies.txt.")] = None,
    proxy: Annotated[str | None, option(VIDEO, metavar="URL", help="Reach video sites through this proxy.")] = None,
    engine: Engine = "auto",
    model: Model = None,
    depth: Depth = "standard",
    parallel: Annotated[
        bool | None,
        option(ENGINE, "--parallel/--sequential", help="Run steps in parallel, or one by one; same result."),
    ] = None,
    verify: Annotated[
        Literal["off", "code", "model"] | None,
        option(
            ENGINE,
            help="Check that quotes carry each sentence: by rules, or by the model too.",
            show_default=False,
        ),
    ] = None,
    no_fact_check: NoFactCheck = False,
    briefing_language: BriefingLanguage = None,
    json: Annotated[bool, option(OUTPUT, "--json", help="Print the whole report as one JSON object.")] = False,
    format: Annotated[  # noqa: A002  the option's name
        Format | None, option(OUTPUT, "--format", help="What to print instead of the briefing.")
    ] = None,
    out: Annotated[
        Path | None,
        option(
            OUTPUT,
            metavar="DIR",
            help="Also write the page, the report, the transcript, subtitles, the notes and the graph there.",
        ),
    ] = None,
    open_page: Annotated[bool, option(OUTPUT, "--open", help="Open the briefing in the browser.")] = False,
    quiet: Annotated[
        bool, option(OUTPUT, "--quiet", "-q", help="Print only the briefing, and what it replaces.")
    ] = False,
    verbose: Annotated[
        bool, option(OUTPUT, "--verbose", "-v", help="Print a line for everything that happens.")
    ] = False,
    events: Annotated[
        bool, option(OUTPUT, "--events", help="Print progress as JSON, one object per line, for other programs.")
    ] = False,
    max_usd: MaxUsd = None,
    max_seconds: Annotated[
        float | None, option(LIMITS, metavar="SECONDS", min=0.1, help="Stop asking the model after this time.")
    ] = None,
    offline: RunOffline = False,
    dry_run: Annotated[bool, option(LIMITS, "--dry-run", help="Estimate calls, tokens and cost; do nothing.")] = False,
    refresh: Annotated[
        bool, option(STORAGE, "--refresh", help="Fetch the source again, even if it was fetched before.")
    ] = False,
    no_cache: Annotated[bool, option(STORAGE, "--no-cache", help="Do not reuse results of earlier runs.")] = False,
    no_memory: Annotated[bool, option(STORAGE, "--no-memory", help="Do not save the source to memory.")] = False,
    no_graph: Annotated[bool, option(STORAGE, "--no-graph", help="Do not save entities to the graph.")] = False,
    namespace: SaveAs = "default",
    privacy: RunPrivacy = None,
    privacy_names: RunPrivacyNames = False,
    no_color: NoColor = False,
    debug: Debug = False,
) -> Action:
    """Brief a source: read it, check its claims, print the briefing.

    The briefing goes to standard output, everything else to standard error.

      autointel run https://example.org/talk --open
      autointel run talk.vtt --engine local --out briefing
    """
    arguments = locals()
    if [source is not None, from_list is not None, sample].count(True) != 1:
        raise UsageError("Exactly one input is needed.", "Give a SOURCE, --from FILE or --sample.")
    if sample:
        source = str(_SAMPLE)
    if from_list is None and (jobs != 1 or limit is not None):
        raise UsageError("--jobs and --limit do nothing without a list.", "Leave them out, or give --from FILE.")
    if source is not None:
        refuse_empty(source, "The source", "Give a web address, a file, or - for standard input.")
    if model is not None:
        refuse_empty(model, "The model's name", "Give the name of a model, or a GGUF file.")
    from autointel.cli.request import request_from

    request = request_from(arguments, source=source or "", format=format_of(format, json=json))
    if from_list is not None:
        if request.format not in {None, "json", "markdown"}:
            raise UsageError(f"--format {request.format} takes a single source, not a list.", "Use --out DIR.")
        from autointel.cli.run_many import Listing, run_list

        return partial(run_list, request, Listing(from_list, jobs, limit))
    from autointel.cli.brief_source import brief_source

    return partial(brief_source, request)
