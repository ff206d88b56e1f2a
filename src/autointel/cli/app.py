"""The commands. Only what works is listed; each stands in a file of its own and imports what it needs when it runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.metadata import entry_points
from typing import Annotated, Any, Final

import typer

from autointel import __version__
from autointel.cli.ask import ask
from autointel.cli.cache import cache
from autointel.cli.config import config
from autointel.cli.doctor import doctor
from autointel.cli.drain import drain
from autointel.cli.exits import USAGE, carry_out
from autointel.cli.forget import forget
from autointel.cli.graph import graph
from autointel.cli.reindex import reindex
from autointel.cli.resume import resume
from autointel.cli.run import run
from autointel.cli.runs import runs
from autointel.cli.search import search

_WRITES_FILES: Final = frozenset({"run", "resume"})
# Plain help: the same at every width and in every pipe, and there before Rich could be imported.
app = typer.Typer(name="autointel", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command()(run)
app.command()(ask)
app.command()(search)
app.command()(graph)
app.add_typer(runs)
app.command()(resume)
app.command()(drain)
app.command()(forget)
app.command()(reindex)
app.add_typer(cache)
app.command()(doctor)
app.add_typer(config)
for _plugged_in in entry_points(group="autointel.commands"):
    _command = _plugged_in.load()
    if isinstance(_command, typer.Typer):
        app.add_typer(_command, name=_plugged_in.name)
    else:
        app.command(_plugged_in.name)(_command)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context, *, version: Annotated[bool, typer.Option("--version", help="Say which.")] = False
) -> None:
    """Brief a talk, podcast, debate or article, every sentence resting on a verified quote."""
    if version:
        typer.echo(f"autointel {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(USAGE)


def parse(arguments: Sequence[str]) -> Any:
    """What the command line asks for: work to be done, or an exit code where parsing was all there was to do."""
    return app(list(arguments), standalone_mode=False, prog_name="autointel")


def carry_out_command(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; whatever happens ends in an exit code."""
    job, debug = partial(parse, arguments), "--debug" in arguments
    if arguments and arguments[0] in _WRITES_FILES:
        return carry_out(job, debug=debug, keep_whole="Use --out DIR to keep the whole of it in files.")
    return carry_out(job, debug=debug)
