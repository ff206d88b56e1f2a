"""A list of sources, and how each of them fared."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autointel.cli.children import TERMINATED
from autointel.cli.exits import PARTIAL
from autointel.domain.report import Report
from autointel.errors import SourceUnreachable, UsageError
from autointel.render.console import FAINT
from autointel.render.plain_text import plain

_WIDEST: Final = 52
_WORDS: Final = {0: "done", PARTIAL: "partial", TERMINATED: "interrupted"}


@dataclass(frozen=True)
class Fared:
    """One source of a list. ``report`` is None where no briefing was written; ``said`` then says why."""

    source: str
    code: int
    seconds: float
    report: Report | None = None
    said: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """In a word."""
        return _WORDS.get(self.code, "failed")


def read_list(path: str) -> list[str]:
    """A source a line; blank lines and lines that begin with # are left out, and so is what is there already.

    "-" is standard input. Raises SourceUnreachable, UsageError for a list without a source.
    """
    if path == "-" and sys.stdin is None:  # the shell closed it (<&-)
        raise SourceUnreachable("Standard input is closed.", "Send the list into it, or name a file.")
    try:
        text = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise SourceUnreachable(
            f"The list {plain(path)} cannot be read: {error.strerror}.", "Check its path."
        ) from error
    lines = (line.strip() for line in text.decode("utf-8-sig", errors="replace").splitlines())
    sources = list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if not sources:
        raise UsageError("The list names no source.", "Write one to a line: an address or a file.")
    return sources


def exit_code_of_list(all_of_it: Sequence[Fared]) -> int:
    """0 if all is well; 7 if at least one briefing was written; else as the first that failed."""
    codes = [fared.code for fared in all_of_it if fared.code]
    if not codes:
        return 0
    return PARTIAL if any(fared.report for fared in all_of_it) else codes[0]


def show_list(all_of_it: Iterable[Fared], screen: Console) -> None:
    """A row each, and beneath it why it failed."""
    table = Table(box=None, pad_edge=False, header_style=FAINT, show_edge=False)
    table.add_column("source", no_wrap=True, overflow="ellipsis", max_width=_WIDEST)
    table.add_column("outcome", no_wrap=True)
    for name in ("seconds", "passages", "exit"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in _rows(all_of_it):
        table.add_row(*row)
    screen.print(table)


def _rows(all_of_it: Iterable[Fared]) -> Iterator[tuple[Text, ...]]:
    for fared in all_of_it:
        passages = f"{fared.report.memory.passages:,}" if fared.report else "-"
        cells = (plain(fared.source), fared.outcome, f"{fared.seconds:.1f}", passages, str(fared.code))
        yield tuple(Text(cell) for cell in cells)
