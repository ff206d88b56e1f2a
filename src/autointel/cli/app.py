"""The root command: it lists all commands without importing them, and loads the one that runs."""

from __future__ import annotations

import ast
import inspect
import os
import resource
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from typing import Annotated, Any, Final

import typer
import typer.core
import typer.main
from typing_extensions import override

from autointel import __version__
from autointel.cli.exits import USAGE, carry_out
from autointel.errors import AutointelError
from autointel.extensions import COMMANDS, extensions

_WRITES_FILES: Final = frozenset({"run", "resume"})
_READS_NO_SETTINGS: Final = frozenset({"trust", "--help", "-h", "--version"})
_PROJECT_FILES: Final = ("autointel.toml", ".env")
# Commands of each section, those first that most people want; others stand after them, by the alphabet.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "Brief a source": ("run", "batch", "watch", "worker"),
    "Ask what was read": ("ask", "search", "chat", "graph", "ledger", "compare"),
    "Earlier runs": ("show", "resume", "runs", "sources", "perf"),
    "Other programs": ("serve", "mcp"),
    "Set up and check": ("setup", "config", "doctor", "trust"),
    "Maintenance": ("export", "import", "forget", "reindex", "drain", "cache"),
}
_OTHER: Final = "Other commands"
_STACK: Final = 1_000_000
"""Bytes. Libraries start threads with as much stack as the shell allows; at 256 KiB they end the process (SIGSEGV)."""


@dataclass(frozen=True)
class Summary:
    """What the help says of a command: its section and its first line."""

    family: str
    line: str


@cache
def summary_of(entry: EntryPoint) -> Summary:
    """Read from the source text. A module that has none, or does not exist, gets an empty line."""
    try:
        spec = find_spec(entry.module)
        text = spec.loader.get_source(entry.module) if spec and spec.loader else None  # type: ignore[attr-defined]
    except (ImportError, AttributeError):
        text = None
    family, line = _OTHER, ""
    for node in ast.parse(text or "").body:
        if isinstance(node, ast.FunctionDef) and node.name == entry.attr:
            line = ast.get_docstring(node) or ""
        for name, value in _assigned(node):
            if name == "FAMILY":
                family = str(ast.literal_eval(value))
            elif name == entry.attr and isinstance(value, ast.Call):
                given = {keyword.arg: keyword.value for keyword in value.keywords}
                line = str(ast.literal_eval(given.get("help", ast.Constant(""))))
    return Summary(family, line.partition("\n")[0].removesuffix("."))


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        yield node.targets[0].id, node.value


class Commands(Mapping[str, Any]):
    """All commands by name, in the order of the help. Looking one up imports it."""

    @override
    def __getitem__(self, name: str) -> Any:
        loaded = extensions(COMMANDS)[name].load()
        if isinstance(loaded, typer.Typer):
            loaded.info.cls = ListingGroup
            for each in loaded.registered_commands:
                each.cls = SectionedCommand
            return typer.main.get_command(loaded)
        single = typer.Typer(rich_markup_mode=None, add_completion=False)
        single.command(name, cls=SectionedCommand)(loaded)
        return typer.main.get_command(single)

    @override
    def __iter__(self) -> Iterator[str]:
        yield from (name for names in self.by_family().values() for name in names)

    @override
    def __len__(self) -> int:
        return len(extensions(COMMANDS))

    def by_family(self) -> dict[str, list[str]]:
        """Names under each section of the help."""
        found: dict[str, set[str]] = {family: set() for family in FAMILIES}
        for name, entry in extensions(COMMANDS).items():
            found.setdefault(summary_of(entry).family, set()).add(name)
        return {
            family: [name for name in FAMILIES.get(family, ()) if name in names]
            + sorted(names.difference(FAMILIES.get(family, ())))
            for family, names in found.items()
            if names
        }


class RootGroup(typer.core.TyperGroup):
    """Lists commands by family."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = Commands()  # type: ignore[assignment]  # nothing is ever put into it

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)

    @override
    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for family, names in Commands().by_family().items():
            with formatter.section(family):
                formatter.write_dl([(name, summary_of(extensions(COMMANDS)[name]).line) for name in names])


class ListingGroup(typer.core.TyperGroup):
    """A family of commands, listed with the whole first line of each; without one, its help is printed as laid out."""

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and self.no_args_is_help:
            typer.echo(ctx.get_help(), err=True)
            raise typer.Exit(USAGE)
        return super().parse_args(ctx, args)

    @override
    def format_commands(self, ctx: Any, formatter: Any) -> None:
        shown = [(name, self.commands[name]) for name in self.list_commands(ctx) if not self.commands[name].hidden]
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(limit=1_000).removesuffix(".")) for name, each in shown])


class SectionedCommand(typer.core.TyperCommand):
    """Help with options under headings, and with indented paragraphs as they were written."""

    @override
    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        for paragraph in inspect.cleandoc(self.help or "").split("\n\n"):
            formatter.write_paragraph()
            with formatter.indentation():
                if any(line.startswith(" ") for line in paragraph.splitlines()):
                    formatter.write("".join(f"  {line}\n" for line in paragraph.splitlines()))
                else:
                    formatter.write_text(paragraph.replace("\n", " "))

    @override
    def format_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                otherwise = "Arguments" if param.param_type_name == "argument" else "Options"
                sections.setdefault(getattr(param, "rich_help_panel", None) or otherwise, []).append(record)
        for name, rows in sections.items():
            with formatter.section(name):
                formatter.write_dl(rows)


# Plain help: the same at every width and in every pipe, and shown before Rich could be imported.
app = typer.Typer(
    name="autointel",
    cls=RootGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Turn a talk, podcast, debate or article into a briefing with verified quotes."""
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
    action, debug = partial(_parsed, arguments), "--debug" in arguments
    if arguments and arguments[0] not in _READS_NO_SETTINGS and any(map(os.path.exists, _PROJECT_FILES)):
        from autointel.cli.config import warn_of_ignored_settings

        warn_of_ignored_settings()
    if arguments and arguments[0] in _WRITES_FILES:
        return carry_out(action, debug=debug, keep_whole="Use --out DIR to get all of it in files.")
    return carry_out(action, debug=debug)


def _parsed(arguments: Sequence[str]) -> Any:
    """Parse, unless the shell allows less stack than a command needs. Raises AutointelError."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_STACK)
    if 0 <= allowed < _STACK and arguments and arguments[0] not in _READS_NO_SETTINGS:
        raise AutointelError(
            f"This shell allows {allowed // 1024:,} KiB of stack, and autointel needs {_STACK // 1000:,}.",
            "Raise the limit (ulimit -s 8192), then run it again.",
        )
    return parse(arguments)
