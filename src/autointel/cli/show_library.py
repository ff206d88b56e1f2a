"""What ``autointel show`` and ``sources`` print."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from autointel.app.library import ReadSource, Saved, read_sources, saved_briefing
from autointel.cli.brief_source import Browse, open_page, rendered
from autointel.cli.output import (
    aside,
    faint,
    formatted,
    nothing_read,
    page,
    prepare,
    print_json,
    print_lines,
    to_folder,
    to_stdout,
    wrapped,
)
from autointel.cli.request import Request
from autointel.domain.analysis import Verdict
from autointel.render.console import console
from autointel.render.plain_text import plain, shortened
from autointel.render.sheet import date_in_words
from autointel.settings import load

_WORDS: Final = {
    Verdict.REFUTED: "refuted",
    Verdict.CONFLICTING_EVIDENCE: "conflicting",
    Verdict.SUPPORTED: "supported",
    Verdict.NOT_ENOUGH_EVIDENCE: "not enough evidence",
    None: "not checked",
}
_MOST_SPEAKERS: Final = 4
_NAME: Final = 40


def show_briefing(
    wanted: str,
    namespace: str,
    *,
    chosen: str | None,
    open_page: bool,
    out: Path | None,
    color: bool,
    browse: Browse = webbrowser.open,
) -> int:
    """Print, open or write the saved briefing. Raises AutointelError."""
    settings = load().settings
    saved = saved_briefing(settings, namespace, wanted)
    report, results = saved.report, saved.results
    if out:
        prepare(out)
        to_folder(out, report, results)
    if open_page:
        aside([_opened(saved, settings.home, out, browse)])
    elif chosen:
        to_stdout(formatted(chosen, report, results))
    elif (screen := console(sys.stdout, color=color)).is_terminal:
        to_stdout(rendered(report, results, screen))
    else:
        to_stdout(report.briefing.markdown)
    return 0


def _opened(saved: Saved, home: Path, out: Path | None, browse: Browse) -> str:
    return open_page(Request(source="", out=out), home, saved.report, saved.results, browse)


def show_sources(limit: int, namespace: str, *, json: bool) -> int:
    """Print what has been read, the latest first. Raises AutointelError."""
    read = read_sources(load().settings, namespace)[:limit]
    if not read:
        return nothing_read(namespace, json=json)
    if json:
        print_json([_as_json(each) for each in read])
    else:
        onto = page(color=False)
        print_lines(_lines(read, onto), onto)
    return 0


def _as_json(read: ReadSource) -> dict[str, object]:
    return {
        "source": read.source.model_dump(mode="json"),
        "speakers": list(read.speakers),
        "verdicts": {verdict or "NOT_CHECKED": number for verdict, number in read.verdicts.items()},
        "run_id": read.run and read.run.id,
    }


def _lines(read: Sequence[ReadSource], onto: Console) -> Iterator[Text]:
    for number, each in enumerate(read):
        if number:
            yield Text()
        source = each.source
        yield from wrapped(Text(plain(source.title) or "untitled", style="bold"), onto, indent="")
        facts = (
            shortened(plain(source.author or ""), _NAME),
            date_in_words(source.published_at),
            _named(each.speakers),
            _verdicts(each),
        )
        if said := " · ".join(fact for fact in facts if fact):
            yield from wrapped(Text(said), onto)
        where = plain(source.url or source.path or "")
        run = each.run.id if each.run else "no finished run"
        yield from wrapped(faint(" · ".join(part for part in (where, run) if part)), onto)


def _named(speakers: Sequence[str]) -> str:
    shown = [shortened(plain(name), _NAME) for name in speakers[:_MOST_SPEAKERS]]
    more = len(speakers) - len(shown)
    return ", ".join([*shown, *([f"{more} more"] if more > 0 else [])])


def _verdicts(read: ReadSource) -> str:
    counts = [(read.verdicts.get(verdict, 0), word) for verdict, word in _WORDS.items()]
    return ", ".join(f"{number} {word}" for number, word in counts if number)
