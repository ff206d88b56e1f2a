"""``autointel trust``: let a project's files say where keys, data and addresses go."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from autointel.cli.exits import Job

if TYPE_CHECKING:
    from autointel.settings.loading import Layer

FAMILY: Final = "Set up and check"


def trust(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The folder of the project; the working folder by default.")
    ] = None,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Trust the folder no longer.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,  # noqa: ARG001  exits.py reads it
) -> Job:
    """Allow a folder's files to set addresses, keys and folders."""
    return partial(set_trust, folder or Path(), trusted=not remove)


def set_trust(folder: Path, *, trusted: bool) -> int:
    """Record the choice, and print what it means. Raises UsageError where there is no such folder."""
    from autointel.cli.output import to_stdout
    from autointel.errors import UsageError
    from autointel.render.plain_text import plain
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
    from autointel.render.plain_text import plain
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
