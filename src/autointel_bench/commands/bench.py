"""``autointel bench``: the options of its commands, and nothing of the work."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import typer

from autointel.cli.exits import Action
from autointel.cli.options import Json

FAMILY: Final = "Measure"

bench = typer.Typer(
    name="bench",
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Measure autointel, against simulated servers or real ones.",
)

Depth: TypeAlias = Annotated[
    Literal["standard", "deep", "comprehensive", "experimental"], typer.Option(help="How much work a run does.")
]
Source: TypeAlias = Annotated[str, typer.Option(metavar="FILE", help="The transcript that every run reads.")]
# Without latencies, steps are over before they can overlap: nothing could be shown of flags.
FlagsProfile: TypeAlias = Annotated[
    Literal["typical", "brisk", "fast", "slow", "rate-limited"],
    typer.Option(help="Stated latencies of the simulated servers."),
]
Profile: TypeAlias = Annotated[
    Literal["typical", "brisk", "fast", "slow", "rate-limited", "instant"],
    typer.Option(help="Stated latencies of the simulated servers."),
]
SAMPLE: Final = "src/autointel/samples/free-transit.vtt"
Out: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Also write JSON, Markdown and pictures there.")
]
Debug: TypeAlias = Annotated[bool, typer.Option("--debug", help="Tracebacks, and what libraries log.")]


@bench.command(hidden=True)
def once(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    *,
    record: Annotated[Path, typer.Option(metavar="FILE", help="Where to write what came of it.")],
    depth: Depth = "standard",
    profile: Annotated[str | None, typer.Option(help="Simulated stores with these latencies.")] = None,
    namespace: Annotated[str, typer.Option(metavar="NAME")] = "default",
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """One run that a benchmark watches."""
    from autointel_bench.flags.inside import once as run_once

    return partial(run_once, source, depth, record, profile=profile, namespace=namespace)


@bench.command()
def flags(
    *,
    combos: Annotated[
        str, typer.Option(metavar="all|1,2,8", help="Combinations: 1 all off, 2 memory, 3 fact-checking, … 8 all on.")
    ] = "all",
    runs: Annotated[int, typer.Option(min=1, help="Rounds: every combination once in each.")] = 5,
    depth: Depth = "standard",
    source: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The transcript of every run; by default the sample, then 25,000 words."),
    ] = None,
    profile: FlagsProfile = "typical",
    live: Annotated[
        bool, typer.Option("--live", help="Against the servers that are configured: asks first, says what it may cost.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --live: go on without asking.")] = False,
    out: Out = None,
    save: Annotated[str | None, typer.Option(metavar="NAME", help="Keep the result under this name.")] = None,
    compare: Annotated[str | None, typer.Option(metavar="NAME", help="Compare with the result kept so.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Begin anew, whatever an interrupted one has left.")] = False,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Flags on against flags off: fresh processes, interleaved, with proof of the path that ran and equal results.

    Interrupted, the same command goes on where it stopped.
    """
    from autointel_bench.commands.bench_flags import FlagsRequest, bench_flags

    request = FlagsRequest(
        source=source or SAMPLE,
        combos=combos,
        runs=runs,
        depth=depth,
        profile=profile,
        live=live,
        yes=yes,
        out=out,
        save=save,
        compare=compare,
        again=again,
        json=json,
        command=_typed(),
        long_talk=source is None and not live,
    )
    return partial(bench_flags, request)


@bench.command()
def peer(
    *,
    source: Source = SAMPLE,
    runs: Annotated[int, typer.Option(min=1, help="Rounds: every side once in each.")] = 5,
    profile: Profile = "typical",
    out: Out = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """The same job written with plain CrewAI agents beside autointel, against the same simulated servers."""
    from autointel_bench.commands.bench_measure import bench_peer

    return partial(bench_peer, source, runs, profile, out, command=_typed(), json=json)


@bench.command()
def overhead(
    *,
    source: Source = SAMPLE,
    runs: Annotated[int, typer.Option(min=2, help="Crews of each kind.")] = 30,
    out: Out = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """What the crew costs for a step that does nothing, and what watching it costs."""
    from autointel_bench.commands.bench_measure import bench_overhead

    return partial(bench_overhead, source, runs, out, command=_typed(), json=json)


@bench.command()
def startup(
    *,
    source: Source = SAMPLE,
    runs: Annotated[int, typer.Option(min=1, help="Starts of every command.")] = 5,
    out: Out = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Cold start of every command, from the shell to its exit."""
    from autointel_bench.commands.bench_measure import bench_startup

    return partial(bench_startup, source, runs, out, command=_typed(), json=json)


@bench.command()
def load(
    *,
    source: Source = SAMPLE,
    number: Annotated[int, typer.Option("-n", "--number", min=1, max=200, help="Runs at once.")] = 20,
    profile: Profile = "typical",
    engine: Annotated[Literal["llm", "local"], typer.Option(help="llm is simulated here.")] = "llm",
    out: Out = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Many pipelines at once, sharing a home: throughput, p95, memory, errors."""
    from autointel_bench.commands.bench_measure import bench_load

    return partial(bench_load, source, number, profile, engine, out, command=_typed(), json=json)


@bench.command()
def insert(
    *,
    neo4j: Annotated[str | None, typer.Option(metavar="URI", help="Also a Neo4j that needs no password.")] = None,
    out: Out = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Insert 100 items by concurrency and batch size; with 429s; and into real stores."""
    from autointel_bench.commands.bench_measure import bench_insert

    return partial(bench_insert, neo4j, out, command=_typed(), json=json)


@bench.command()
def layers(
    *,
    out: Out = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Write the layers of memory one after the other, and side by side."""
    from autointel_bench.commands.bench_measure import bench_layers

    return partial(bench_layers, out, command=_typed(), json=json)


@bench.command()
def slo(
    *,
    passages: Annotated[int, typer.Option(min=50, help="Embedded passages in memory.")] = 20_000,
    runs: Annotated[int, typer.Option(min=20, help="Times that each operation is done.")] = 200,
    out: Out = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Service levels: create, step, complete and retrieve in process; exit 1 where one is not kept."""
    from autointel_bench.commands.bench_measure import bench_slo

    return partial(bench_slo, passages, runs, out, command=_typed(), json=json)


@bench.command()
def search(
    *,
    passages: Annotated[
        list[int] | None, typer.Option(min=0, help="A size of memory; may be repeated. Unset: 0 to 100,000.")
    ] = None,
    runs: Annotated[int, typer.Option(min=20, help="Searches at each size.")] = 100,
    out: Out = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Search and ask by size of memory: alone, 20 at once, and the same question again."""
    from autointel_bench.commands.bench_measure import bench_search

    return partial(bench_search, passages, runs, out, command=_typed(), json=json)


@bench.command()
def page(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What --out was given.")],
    *,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Put the results in a folder together as one page beside it."""
    from autointel_bench.commands.bench_measure import bench_page

    return partial(bench_page, folder)


def _typed() -> str:
    """The command as it was given, for the page that it writes."""
    return " ".join(["autointel", *sys.argv[1:]])
