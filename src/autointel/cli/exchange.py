"""``autointel export`` and ``import``: a namespace as a file of JSON lines."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from autointel.cli.exits import Job
from autointel.cli.options import Debug, Json, Namespace, NoColor
from autointel.errors import UsageError

FAMILY: Final = "Maintenance"


def export(
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write here, not to standard output.")] = None,
    chats: Annotated[bool, typer.Option("--chats", help="Add the conversations of `chat`.")] = False,
    namespace: Namespace = "default",
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Print everything of a namespace as JSON lines.

    Sources, passages, claims with verdicts, entities and relations. Vectors are made again by import.
    """
    return partial(export_namespace, out, namespace, chats=chats)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What export wrote; - for standard input.")],
    *,
    namespace: Namespace = "default",
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Store an export under a namespace, in the stores of the settings."""
    return partial(import_namespace, file, namespace, json=json, color=not no_color)


def export_namespace(out: Path | None, namespace: str, *, chats: bool) -> int:
    """Write all lines; a file is written whole or not at all. Raises HomeUnusable, AutointelError."""
    from autointel.app.chat import chats_of
    from autointel.app.exchange import exported
    from autointel.cli.output import aside, to_file, to_stdout
    from autointel.render.figures import count
    from autointel.settings import load

    settings = load().settings
    lines = exported(settings, namespace, chats=chats)
    if out is None:
        for line in lines:
            to_stdout(line + "\n")
    else:
        to_file(out, (line + "\n" for line in lines))
    left = 0 if chats else len(chats_of(settings, namespace))
    if left:
        aside([f"Left out: {count(left, 'conversation')}.", "autointel export --chats includes them."])
    return 0


def import_namespace(file: Path, namespace: str, *, json: bool, color: bool) -> int:
    """Read and store all lines, and print how many. Raises UsageError, HomeUnusable, StoreUnavailable."""
    import sys
    from contextlib import nullcontext

    from autointel.app.exchange import import_lines
    from autointel.cli.output import listener, print_json, to_stdout
    from autointel.render.figures import count
    from autointel.settings import load

    try:
        with nullcontext(sys.stdin) if str(file) == "-" else file.open(encoding="utf-8") as lines:
            done = import_lines(load().settings, namespace, lines, listener(color=color))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.", "Give a file that export wrote.") from error
    if json:
        print_json(vars(done))
        return 0
    to_stdout(
        f"{count(done.sources, 'source')}, {count(done.passages, 'passage')} ({done.embedded:,} records embedded), "
        f"{done.entities:,} entities, {count(done.relations, 'relation')}"
        + (f", {count(done.conversations, 'conversation')}" if done.conversations else "")
        + "\n"
    )
    return 0
