"""Consoles for the two streams. Printed text is never interpreted as markup; there is one accent colour."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from typing import Final, TextIO

from rich.console import Console
from rich.style import Style

_WIDEST: Final = 100  # longer lines are harder to read
ACCENT: Final = "cyan"
TITLE: Final = f"bold {ACCENT}"
FAINT: Final = "dim"


def console(stream: TextIO, *, color: bool = True) -> Console:
    """Colour on a terminal, unless NO_COLOR or ``color`` forbid it; FORCE_COLOR anywhere.

    A character that the terminal cannot show must not end the run.
    """
    with suppress(AttributeError, ValueError, OSError):
        stream.reconfigure(errors="replace")  # type: ignore[attr-defined]  # a TextIOWrapper has it, and that is what streams are
    made = Console(
        file=stream, no_color=None if color else True, markup=False, emoji=False, highlight=False, soft_wrap=False
    )
    made.width = min(made.width, _WIDEST)
    return made


def animates(stream: TextIO) -> bool:
    """Whether the stream is a terminal that can redraw: FORCE_COLOR does not make it one."""
    return stream.isatty() and not Console(file=stream).is_dumb_terminal


def link(url: str | None) -> Style:
    """The accent, and where the address may be opened, a link that the terminal can follow."""
    from autointel.render.markdown import safe_url

    return Style(color=ACCENT, link=safe_url(url))


def standard_error() -> TextIO:
    """The stream for progress. If the shell closed it (2>&-), Rich would write to standard output."""
    return sys.stderr if sys.stderr is not None else io.StringIO()
