"""What ``autointel search`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from autointel.app.lookup import search_memory
from autointel.cli.looked_up import (
    INDENT,
    aside,
    faint,
    listener,
    nothing,
    nothing_read,
    page,
    print_json,
    print_lines,
    times,
    wrapped,
)
from autointel.memory.search import Found
from autointel.render.console import ACCENT, link
from autointel.render.markdown import safe_url
from autointel.render.plain_text import plain, shortened
from autointel.render.sheet import moment
from autointel.settings import load

_QUOTE: Final = 400  # characters; the whole passage is in the JSON
_TITLE: Final = 60


def show_found(query: str, limit: int, namespace: str, *, json: bool, verbose: bool, color: bool) -> int:
    """Search and print; nothing found is no failure. Raises AutointelError."""
    findings = search_memory(load().settings, namespace, query, limit, listener(color=color))
    if findings is None:
        return nothing_read(namespace, json=json)
    aside(findings.warnings)
    if verbose:
        aside([times(findings.seconds)])
    if not findings.found:
        return nothing("Nothing that was read speaks of it.", "Try other words.", json=json)
    if json:
        print_json([found.model_dump(mode="json") for found in findings.found])
    else:
        onto = page(color=color)
        print_lines(found_lines(findings.found, onto), onto)
    return 0


def found_lines(found: Sequence[Found], onto: Console) -> Iterator[Text]:
    """For each passage: number, title, speaker and place; its sentence; its address."""
    for number, each in enumerate(found, start=1):
        if number > 1:
            yield Text()
        yield from _heading(number, each, onto)
        yield from wrapped(Text(f'"{shortened(plain(each.citation.quote), _QUOTE)}"'), onto)
        address = safe_url(each.citation.url)
        if address:
            # Never broken: half an address opens nothing.
            yield Text(INDENT) + faint(address)


def _heading(number: int, found: Found, onto: Console) -> Iterator[Text]:
    place = moment(found.citation.start, found.citation.paragraph, found.citation.place)
    facts = [shortened(plain(found.source_title), _TITLE) or "untitled", plain(found.speaker or "")]
    line = Text(" · ".join(fact for fact in facts if fact) + "  ", style="bold")
    line.append(f"[{place}]", style=link(found.citation.url))
    first, *others = wrapped(line, onto)
    mark = Text(str(number).ljust(len(INDENT) - 1), style=ACCENT) + Text(" ")
    yield mark + first[len(INDENT) :]
    yield from others
