"""``autointel trust``: let a project's file say where keys, data and addresses go."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from autointel.cli.exits import Job

FAMILY: Final = "Set up and check"


def trust(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The folder of the project; the working folder by default.")
    ] = None,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Trust the folder no longer.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,  # noqa: ARG001  exits.py reads it
) -> Job:
    """Allow a folder's autointel.toml to set addresses, keys and folders."""
    return partial(set_trust, folder or Path(), trusted=not remove)


def set_trust(folder: Path, *, trusted: bool) -> int:
    """Record the choice, and print what it means. Raises UsageError where there is no such folder."""
    from autointel.cli.output import to_stdout
    from autointel.errors import UsageError
    from autointel.render.plain_text import plain
    from autointel.settings.layers import project_file, trust_record
    from autointel.settings.trust import needs_trust
    from autointel.settings.trust import trust as record

    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Name the folder that holds autointel.toml.")
    project = project_file(folder)
    record(folder, trust_record(), trusted=trusted)
    place = plain(str(folder.resolve()))
    if not trusted:
        to_stdout(f"{place} is not trusted any more.\n")
        return 0
    keys = [key for key in project.values if needs_trust(key)]
    to_stdout(f"{place} is trusted. Its autointel.toml sets {', '.join(keys) or 'nothing that needs trust'}.\n")
    return 0


def warn_of_ignored_settings() -> None:
    """Say on stderr which settings of the working folder's file do not count because it is not trusted."""
    from autointel.errors import AutointelError
    from autointel.render.plain_text import plain
    from autointel.settings.layers import PROJECT_FILE, project_file
    from autointel.settings.loading import trusted_part

    try:
        ignored = trusted_part(project_file())[1]
    except AutointelError:
        return  # whoever loads the settings next says what is wrong with them
    if ignored:
        keys = plain(", ".join(ignored))
        typer.echo(
            f"{PROJECT_FILE} in this folder is not trusted, so it does not set: {keys}.\n"
            "If the file is yours, run `autointel trust`.",
            err=True,
        )
