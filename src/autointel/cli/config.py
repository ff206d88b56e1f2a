"""``autointel config`` shows the settings; ``trust`` says which folders may set addresses, keys and folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from autointel.cli.exits import Action
from autointel.cli.options import Debug
from autointel.render.plain_text import masked, plain

if TYPE_CHECKING:
    from autointel.settings import Loaded
    from autointel.settings.loading import Layer


FAMILY: Final = "Set up and check"

config = typer.Typer(name="config", help="Show the settings.", rich_markup_mode=None)


@config.callback()
def settings() -> None:
    """Show the settings."""


@config.command("show")
def show(
    *,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Print every setting, its value and where it was set. Secrets are masked."""
    return show_settings


def show_settings() -> int:
    """Print a line for every setting: key, value, origin."""
    from autointel.cli.output import to_stdout
    from autointel.settings import load

    to_stdout("".join(f"{line}\n" for line in setting_lines(load())))
    return 0


def setting_lines(loaded: Loaded) -> Iterator[str]:
    """Columns as wide as their widest cell."""
    from autointel.settings.described import described

    rows = [(key, value_of(loaded, key), str(loaded.origin(key))) for key in described()]
    keys, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    for key, value, origin in rows:
        yield f"{key:<{keys}}  {value:<{values}}  {origin}".rstrip()


def value_of(loaded: Loaded, key: str) -> str:
    """The value as a person would write it. A secret is masked, whatever its length."""
    from pydantic import SecretStr

    value: object = reduce(getattr, key.split("."), loaded.settings)
    if isinstance(value, SecretStr):
        return "********"
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return masked(plain(",".join(value))) or "none"
    return masked(plain(str(value)))


def trust(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The folder of the project; the working folder by default.")
    ] = None,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Trust the folder no longer.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,  # noqa: ARG001  exits.py reads it
) -> Action:
    """Allow a folder's files to set addresses, keys and folders."""
    return partial(set_trust, folder or Path(), trusted=not remove)


def set_trust(folder: Path, *, trusted: bool) -> int:
    """Record the choice, and print what it means. Raises UsageError where there is no such folder."""
    from autointel.cli.output import to_stdout
    from autointel.errors import UsageError
    from autointel.settings.loading import project_files, trust_record
    from autointel.settings.trust import needs_trust
    from autointel.settings.trust import trust as record

    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Name the folder that holds autointel.toml or .env.")
    project = project_files(folder)
    record(folder, trust_record(), trusted=trusted)
    place = plain(str(folder.resolve()))
    if not trusted:
        to_stdout(f"{place} is not trusted any more.\n")
        return 0
    sets = _by_file(project, [key for key in project.values if needs_trust(key)])
    said = " ".join(f"Its {name} sets {', '.join(keys)}." for name, keys in sets.items())
    to_stdout(f"{place} is trusted. {plain(said) or 'Its files set nothing that needs trust.'}\n")
    return 0


def _by_file(project: Layer, keys: Iterable[str]) -> dict[str, list[str]]:
    """The keys under the name of the file that sets them."""
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(Path(project.origins[key].name).name, []).append(key)
    return found


def warn_of_ignored_settings() -> None:
    """Say on stderr which settings of the working folder's files do not count because it is not trusted."""
    from autointel.errors import AutointelError
    from autointel.settings.loading import project_files, trusted_part

    try:
        project = project_files()
        ignored = trusted_part(project)[1]
    except AutointelError:
        return  # whoever loads the settings next says what is wrong with them
    for name, keys in _by_file(project, ignored).items():
        typer.echo(f"{name} in this folder is not trusted, so it does not set: {plain(', '.join(keys))}.", err=True)
    if ignored:
        typer.echo("If the files are yours, run `autointel trust`.", err=True)
