"""Options that the commands that look something up have in common."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from autointel.cli.words import namespace_of

Limit: TypeAlias = Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Namespace: TypeAlias = Annotated[
    str, typer.Option(metavar="NAME", callback=namespace_of, help="What was kept apart under this name.")
]
Verbose: TypeAlias = Annotated[bool, typer.Option("--verbose", "-v", help="Also how long each way of searching took.")]
NoColor: TypeAlias = Annotated[bool, typer.Option("--no-color", help="No colour (NO_COLOR does the same).")]
Debug: TypeAlias = Annotated[bool, typer.Option("--debug", help="Tracebacks, and what libraries log.")]
