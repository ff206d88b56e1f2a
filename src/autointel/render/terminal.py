"""The briefing on a terminal: the same sheet as the Markdown page, in columns; consoles for the two streams.

Printed text is never interpreted as markup; there is one accent colour.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import Final, TextIO

from rich.console import Console
from rich.style import Style
from rich.text import Text

from autointel.render.sheet import Cited, Entry, Layout, Section, Sheet

_WIDEST: Final = 100  # longer lines are harder to read
ACCENT: Final = "cyan"
TITLE: Final = f"bold {ACCENT}"
FAINT: Final = "dim"
_GAP: Final = 2
_LABEL_LIMIT: Final = 16
_NAMES_LIMIT: Final = 28
_NARROWEST: Final = 20
_INDENT: Final = 3
_DOT: Final = " · "


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


def show(sheet: Sheet, console: Console) -> None:
    """Print the whole page; nothing in it is wider than the console."""
    for line in page_lines(sheet, console):
        console.print(line, soft_wrap=True)


def page_lines(sheet: Sheet, console: Console) -> Iterator[Text]:
    """Every line of the page."""
    yield from Text(sheet.title, style="bold").wrap(console, console.width)
    yield from Text(sheet.byline, style=FAINT).wrap(console, console.width)
    for section in sheet.sections:
        yield Text()
        remark = (f" ({section.remark})", FAINT) if section.remark else ""
        heading = Text.assemble((section.title.upper(), TITLE), remark)
        yield from heading.wrap(console, console.width)
        yield from _section_lines(section, console)
        if section.more:
            yield Text(f"{' ' * _INDENT}{section.more} more in the report (--json)", style=FAINT)


def _section_lines(section: Section, console: Console) -> Iterator[Text]:
    if section.layout is Layout.FLOW:
        yield from _flow(section.entries, console)
    elif section.layout is Layout.ROWS:
        yield from _rows(section.entries, console)
    else:
        yield from _list(section.entries, console)


def _flow(entries: Sequence[Entry], console: Console) -> Iterator[Text]:
    """Items stay whole; a line ends between two of them."""
    width = max(_NARROWEST, console.width - _INDENT)
    lines: list[Text] = []
    for entry in entries:
        item = Text.assemble(entry.text, (f" ({entry.remark})", FAINT) if entry.remark else "")
        if lines and lines[-1].cell_len + len(_DOT) + item.cell_len <= width:
            lines[-1] = Text.assemble(lines[-1], (_DOT, FAINT), item)
        else:
            lines.append(item)
    for line in _wrapped(lines, console, width):
        yield Text.assemble(" " * _INDENT, line)


def _rows(entries: Sequence[Entry], console: Console) -> Iterator[Text]:
    names = min(_NAMES_LIMIT, console.width // 3, max(_cells(entry.text) for entry in entries))
    label = max(_cells(entry.label) for entry in entries)
    rest = max(_NARROWEST, console.width - _INDENT - names - label - 2 * _GAP)
    for entry in entries:
        columns = (
            _wrapped([Text(entry.text)], console, names),
            [Text(entry.label)],
            _wrapped([Text(note.text) for note in entry.notes], console, rest),
        )
        for row in zip_longest(*columns, fillvalue=Text()):
            yield _beside(row, (names, label, rest), indent=_INDENT)


def _list(entries: Sequence[Entry], console: Console) -> Iterator[Text]:
    mark = max(_INDENT, max(_cells(entry.mark) for entry in entries) + _GAP)
    label = min(_LABEL_LIMIT, max(_cells(entry.label) for entry in entries))
    gap = _GAP if label else 0
    width = max(_NARROWEST, console.width - mark - label - gap)
    heading = ""
    for entry in entries:
        if entry.heading != heading:
            heading = entry.heading
            above = _wrapped([Text(heading, style=FAINT)], console, console.width - _INDENT) if heading else []
            yield from (Text.assemble(" " * _INDENT, line) for line in above)
        marks, labels = [Text(entry.mark)], _wrapped([Text(entry.label)], console, label) if label else []
        for row in zip_longest(marks, labels, _body(entry, console, width), fillvalue=Text()):
            yield _beside(row, (mark - _GAP, max(0, label), width), gaps=(_GAP, gap))


def _body(entry: Entry, console: Console, width: int) -> list[Text]:
    lines = _wrapped([Text(entry.text)] if entry.text else [], console, width)
    cited = _cited_lines(entry.cited, console, width)
    lines, cited = (lines, cited) if lines else (cited, [])
    return [
        *_with_remark(lines, entry.remark, width),
        *cited,
        *_wrapped([Text(note.text, style=FAINT) for note in entry.notes], console, width),
    ]


def _with_remark(lines: list[Text], remark: str, width: int) -> list[Text]:
    """At the right of the last line where there is room, else on a line of its own."""
    if not remark:
        return lines
    last = lines[-1] if lines else Text()
    room = width - last.cell_len - _cells(remark)
    if room < _INDENT:
        return [*lines, Text(" " * max(0, width - _cells(remark)) + remark, style=FAINT)]
    return [*lines[:-1], Text.assemble(last, " " * room, (remark, FAINT))]


def _cited_lines(cited: Sequence[Cited], console: Console, width: int) -> list[Text]:
    """As many on a line as fit; the place stands before its quote, and opens it where the terminal can."""
    lines: list[Text] = []
    for each in cited:
        who = f" {each.speaker}:" if each.speaker else ""
        piece = Text.assemble((f"[{each.place}]", link(each.url)), f'{who} "{each.quote}"')
        if lines and lines[-1].cell_len + _INDENT + piece.cell_len <= width:
            lines[-1] = Text.assemble(lines[-1], " " * _INDENT, piece)
        else:
            lines.append(piece)
    return _wrapped(lines, console, width)


def _wrapped(texts: Iterable[Text], console: Console, width: int) -> list[Text]:
    wrapped = [line for text in texts for line in text.wrap(console, width)]
    for line in wrapped:
        line.rstrip()
    return wrapped


def _beside(row: Sequence[Text], widths: Sequence[int], *, indent: int = 0, gaps: Sequence[int] = (_GAP, _GAP)) -> Text:
    line = Text(" " * indent)
    for cell, width, gap in zip_longest(row, widths, gaps, fillvalue=0):
        if isinstance(cell, Text):
            line.append_text(cell)
            line.append(" " * (max(0, width - cell.cell_len) + gap))
    line.rstrip()
    return line


def _cells(text: str) -> int:
    return Text(text).cell_len
