"""Options that several commands share, their headings, and checks of what was typed. Light: ``--help`` imports it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, TypeAlias

import typer

from autointel.errors import UsageError

if TYPE_CHECKING:
    from autointel.settings import Settings

_NAMESPACE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
INPUT: Final = "Input"  # headings of options
VIDEO: Final = "Recordings and video sites"
ENGINE: Final = "Engine"
OUTPUT: Final = "Output"
LIMITS: Final = "Limits and network"
STORAGE: Final = "What is saved and reused"
_DEPTH: Final = (
    "standard: 5 claims. deep: 10, finer passages. comprehensive: 15, and a search for counter-evidence. "
    "experimental: as comprehensive, each verdict judged twice."
)
Format = Literal["markdown", "json", "html", "obsidian", "transcript", "srt", "vtt", "graphml", "mermaid"]
"""Everything that standard output can have; ``render/exports.py`` writes it."""


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


def day_of(option: str, text: str) -> date:
    """The day that was typed. Raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is no day.", "Write the day as 2026-03-01.") from error


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


@dataclass(frozen=True)
class Looking:
    """The options that all commands share which look something up in memory."""

    namespace: str
    limit: int
    json: bool
    color: bool
    offline: bool = False
    verbose: bool = False
    privacy: str | None = None
    privacy_names: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """From a command's arguments by name."""
        named = {each.name: given[each.name] for each in fields(cls) if each.name in given}
        return cls(**named, color=not given["no_color"])

    def settings(self) -> Settings:
        """The settings with these options. Raises SettingsError."""
        from autointel.app.privacy import with_privacy
        from autointel.settings import load

        return with_privacy(load(offline=self.offline).settings, self.privacy, names=self.privacy_names)


def option(panel: str, *names: str, help: str, **more: Any) -> Any:  # noqa: A002  Typer's word
    """An option under a heading."""
    return typer.Option(*names, rich_help_panel=panel, help=help, **more)


Language: TypeAlias = Annotated[
    str | None, option(INPUT, metavar="CODE", help="Language of the transcript, such as en.")
]
Engine: TypeAlias = Annotated[
    Literal["auto", "llm", "local"], option(ENGINE, help="auto: llm if a model is configured, else local.")
]
Model: TypeAlias = Annotated[
    str | None,
    option(ENGINE, metavar="MODEL", help="A model of the configured server, or a GGUF file to serve here."),
]
Depth: TypeAlias = Annotated[Literal["standard", "deep", "comprehensive", "experimental"], option(ENGINE, help=_DEPTH)]
NoFactCheck: TypeAlias = Annotated[bool, option(ENGINE, "--no-fact-check", help="Skip the fact-check.")]
BriefingLanguage: TypeAlias = Annotated[
    str | None, option(OUTPUT, metavar="CODE", help="Language of the briefing, such as de.")
]
MaxUsd: TypeAlias = Annotated[
    float | None, option(LIMITS, metavar="USD", min=0.0001, help="Stop asking the model at this cost.")
]
RunOffline: TypeAlias = Annotated[
    bool, option(LIMITS, "--offline", help="Connect only to this machine and to allow-listed hosts.")
]
SaveAs: TypeAlias = Annotated[str, option(STORAGE, metavar="NAME", help="Save under this name, apart from the rest.")]
RunPrivacy: TypeAlias = Annotated[
    Literal["off", "redact", "block"] | None,
    option(STORAGE, help="Personal data: redact replaces it, block ends the run. Unset: as in the settings."),
]
RunPrivacyNames: TypeAlias = Annotated[
    bool, option(STORAGE, "--privacy-names", help="With --privacy: names of people too.")
]
