"""Options of ``autointel run`` that ``batch`` and ``watch`` take too, and the headings they stand under. Light."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

import typer

INPUT: Final = "Input"
VIDEO: Final = "Recordings and video sites"
ENGINE: Final = "Engine"
OUTPUT: Final = "Output"
LIMITS: Final = "Limits and network"
STORAGE: Final = "What is saved and reused"
_DEPTH: Final = (
    "standard: 5 claims. deep: 10, finer passages. comprehensive: 15, and a search for counter-evidence. "
    "experimental: as comprehensive, each verdict judged twice."
)


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
Offline: TypeAlias = Annotated[
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
