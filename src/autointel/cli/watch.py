"""``autointel watch``: the options."""

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


def watch(
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="ADDRESS...", help="Feeds, channels, playlists or pages.")
    ] = None,
    *,
    from_list: Annotated[
        str | None, option(INPUT, "--from", metavar="FILE", help="Read addresses from a list: one per line.")
    ] = None,
    every: Annotated[
        float, option(INPUT, metavar="MINUTES", min=1, max=10080, help="Look again after so many minutes.")
    ] = 15,
    once: Annotated[bool, option(INPUT, "--once", help="Look once, brief what is new, and end.")] = False,
    backlog: Annotated[
        int,
        option(INPUT, metavar="N", min=0, max=1000, help="How many entries of an address to brief at its first look."),
    ] = 1,
    limit: Annotated[
        int, option(INPUT, metavar="N", min=1, max=1000, help="How many new entries of an address to brief at a look.")
    ] = 20,
    jobs: Annotated[int, option(INPUT, metavar="N", min=1, max=16, help="How many sources to brief at once.")] = 1,
    language: Language = None,
    engine: Engine = "auto",
    model: Model = None,
    depth: Depth = "standard",
    no_fact_check: NoFactCheck = False,
    digest: Annotated[
        list[Path] | None,
        option(
            OUTPUT, metavar="FILE", help="Keep the latest 100 briefings in FILE: .md, .rss, .xml or .json. Repeatable."
        ),
    ] = None,
    command: Annotated[
        str | None, option(OUTPUT, metavar="COMMAND", help="Run this for new briefings; it reads a JSON Feed.")
    ] = None,
    webhook: Annotated[
        str | None,
        option(
            OUTPUT, metavar="URL", help="Post a JSON Feed of new briefings there: this machine, or an allowed host."
        ),
    ] = None,
    out: Annotated[
        Path | None, option(OUTPUT, metavar="DIR", help="Write each briefing's files to a folder in DIR.")
    ] = None,
    briefing_language: BriefingLanguage = None,
    json: Annotated[bool, option(OUTPUT, "--json", help="Print each report as one line of JSON.")] = False,
    quiet: Annotated[bool, option(OUTPUT, "--quiet", "-q", help="Print only the digest.")] = False,
    max_usd: MaxUsd = None,
    offline: RunOffline = False,
    namespace: SaveAs = "default",
    privacy: RunPrivacy = None,
    privacy_names: RunPrivacyNames = False,
    no_color: NoColor = False,
    debug: Debug = False,
) -> Action:
    """Follow feeds, channels and pages, and brief each new entry once.

    A digest of new briefings goes to standard output. Several watches may follow the same addresses: each entry is
    briefed by one of them.

      autointel watch https://example.org/feed.xml --digest news.rss
      autointel watch --from feeds.txt --once --backlog 3
    """
    arguments = locals()
    from autointel.app.watch import Delivery, Extent
    from autointel.cli.request import request_from
    from autointel.cli.run_watch import Watching, run_watch

    request = request_from(arguments, source="", namespace=namespace_of(namespace))
    watching = Watching(
        addresses=tuple(addresses or ()),
        list=from_list,
        every_seconds=None if once else every * 60,
        extent=Extent(backlog, limit),
        jobs=jobs,
        delivery=Delivery(tuple(digest or ()), command, webhook),
    )
    return partial(run_watch, request, watching)
