"""Options that several commands share, and checks of what was typed. Light: every ``--help`` imports it."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, TypeAlias

import typer

from autointel.errors import UsageError

_NAMESPACE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def namespace_of(text: str) -> str:
    """The name, if it can be a namespace. Raises UsageError."""
    if not _NAMESPACE.fullmatch(text):
        raise UsageError(
            f"{text!r} cannot be a namespace.",
            "Use up to 63 small letters, digits, - and _, beginning with a letter or digit.",
        )
    return text


def refuse_empty(text: str, what: str, hint: str = "Put more than one word in quotes.") -> None:
    """Raise UsageError where the text is blank; ``what`` begins the sentence."""
    if not text.strip():
        raise UsageError(f"{what} is empty.", hint)


Format = Literal["markdown", "json", "html", "obsidian", "transcript", "srt", "vtt", "graphml", "mermaid"]
"""Everything that standard output can have; ``render/exports.py`` writes it."""


def format_of(name: Format | None, *, json: bool) -> str | None:
    """The format that was asked for; None for the briefing. Raises UsageError where two were asked for."""
    if json and name not in {None, "json"}:
        raise UsageError(f"--json and --format {name} ask for two formats.", "Leave one of them out.")
    return "json" if json else name


Limit: TypeAlias = Annotated[int, typer.Option(min=1, max=1000, help="Show at most this many.")]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Namespace: TypeAlias = Annotated[
    str, typer.Option(metavar="NAME", callback=namespace_of, help="Use what was saved under this name.")
]
Privacy: TypeAlias = Annotated[
    Literal["off", "redact", "block"] | None,
    typer.Option(help="Personal data: redact replaces it, block refuses it. Unset: as in the settings."),
]
PrivacyNames: TypeAlias = Annotated[bool, typer.Option("--privacy-names", help="With --privacy: names of people too.")]
Verbose: TypeAlias = Annotated[bool, typer.Option("--verbose", "-v", help="Also show how long each search took.")]
Offline: TypeAlias = Annotated[
    bool, typer.Option("--offline", help="Connect only to this machine and to allow-listed hosts.")
]
NoColor: TypeAlias = Annotated[bool, typer.Option("--no-color", help="No colour (NO_COLOR does the same).")]
Debug: TypeAlias = Annotated[bool, typer.Option("--debug", help="Show tracebacks and library logs.")]
