"""``autointel perf``: the history of step, call, query and store times."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from autointel.cli.exits import FAILED, Action
from autointel.cli.options import Debug, Json
from autointel.errors import UsageError

if TYPE_CHECKING:
    from autointel.domain.performance import Performance
    from autointel.settings import Settings

FAMILY: Final = "Earlier runs"

Days: TypeAlias = Annotated[float, typer.Option(min=0.01, max=3650, metavar="N", help="Of the last N days.")]

perf = typer.Typer(name="perf", rich_markup_mode=None, help="Show how long steps, calls, queries and stores took.")


@perf.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    *,
    days: Days = 7,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action | None:
    """Show how long steps, calls, queries and stores took."""
    return partial(show_perf, days, json=json) if context.invoked_subcommand is None else None


@perf.command()
def report(
    *,
    days: Days = 1,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Print a page in Markdown with small charts."""
    return partial(print_report, days)


@perf.command()
def check(
    *,
    days: Days = 1,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Compare with the thresholds of the settings (perf); exit 1 where one was passed."""
    return partial(check_perf, days, json=json)


@perf.command()
def export(
    *,
    days: Days = 1,
    prometheus: Annotated[bool, typer.Option("--prometheus", help="Prometheus' text format.")] = False,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Print all figures for another program: --prometheus or --json."""
    if prometheus == json:
        raise UsageError("One format is needed.", "Give --prometheus or --json.")
    return partial(export_perf, days, prometheus=prometheus)


def show_perf(days: float, *, json: bool) -> int:
    """Print sums and a table. Raises HomeUnusable."""
    from autointel.cli.output import print_json, to_stdout
    from autointel.render.durations import summary_lines, table_lines

    found, _ = _found(days)
    if json:
        print_json(found.model_dump(mode="json"))
        return 0
    lines = [*summary_lines(found), *(["", *table_lines(found)] if found.spreads else [])]
    to_stdout("\n".join(lines) + "\n")
    return 0


def print_report(days: float) -> int:
    """Print the Markdown page. Raises HomeUnusable."""
    from autointel.cli.output import to_stdout
    from autointel.render.durations import as_markdown

    to_stdout(as_markdown(_found(days)[0]))
    return 0


def check_perf(days: float, *, json: bool) -> int:
    """Print every threshold that was passed; 1 where one was. Raises HomeUnusable."""
    from autointel.app.perf import breaches
    from autointel.cli.output import print_json, to_stdout

    found, settings = _found(days)
    said = breaches(found, settings)
    if json:
        print_json(said)
    else:
        to_stdout("\n".join(said or ["All times are within the thresholds."]) + "\n")
    return FAILED if said else 0


def export_perf(days: float, *, prometheus: bool) -> int:
    """Print the figures for a program. Raises HomeUnusable."""
    from autointel.cli.output import print_json, to_stdout
    from autointel.render.durations import as_prometheus

    found, _ = _found(days)
    if prometheus:
        to_stdout(as_prometheus(found))
    else:
        print_json(found.model_dump(mode="json"))
    return 0


def _found(days: float) -> tuple[Performance, Settings]:
    from autointel.app.perf import performance
    from autointel.settings import load

    settings = load().settings
    return performance(settings, days), settings
