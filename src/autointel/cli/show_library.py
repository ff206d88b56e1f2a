"""What ``autointel show``, ``sources``, ``runs`` and ``runs show`` print."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from autointel.app.library import PastRun, ReadSource, past_run, past_runs, read_sources, saved_briefing
from autointel.cli.brief_source import Browse, open_page, rendered
from autointel.cli.output import (
    aside,
    faint,
    formatted,
    nothing,
    nothing_read,
    page,
    prepare,
    print_json,
    print_lines,
    to_folder,
    to_stdout,
    wrapped,
)
from autointel.cli.progress import ended
from autointel.cli.request import Request
from autointel.domain.analysis import Verdict
from autointel.domain.run import Outcome, StepName
from autointel.render.durations import chart_lines
from autointel.render.plain_text import masked, plain, seconds, shortened
from autointel.render.sheet import date_in_words
from autointel.render.terminal import console
from autointel.settings import load

_WORDS: Final = {
    Verdict.REFUTED: "refuted",
    Verdict.CONFLICTING_EVIDENCE: "conflicting",
    Verdict.SUPPORTED: "supported",
    Verdict.NOT_ENOUGH_EVIDENCE: "not enough evidence",
    None: "not checked",
}
_MOST_SPEAKERS: Final = 4  # named
_NAME: Final = 40  # characters
_ID: Final = 22  # 20260302T120000-3f9a1c
_DATE: Final = 16  # 2026-03-02 12:00
_STATE: Final = 11  # "interrupted"
_LEAST_TITLE: Final = 16  # columns


def show_briefing(
    wanted: str,
    namespace: str,
    *,
    chosen: str | None,
    is_opened: bool,
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
    if is_opened:
        aside([open_page(Request(source="", out=out), settings.home, report, results, browse)])
    elif chosen:
        to_stdout(formatted(chosen, report, results))
    elif (screen := console(sys.stdout, color=color)).is_terminal:
        to_stdout(rendered(report, results, screen))
    else:
        to_stdout(report.briefing.markdown)
    return 0


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


def show_runs(limit: int, *, json: bool) -> int:
    """Print the newest runs, a line each, with the reason where one is not whole. Raises AutointelError."""
    runs = past_runs(load().settings, limit)
    if not runs:
        return nothing("There are no runs yet.", "Start with autointel run SOURCE.", json=json)
    if json:
        print_json([_run_as_json(run) for run in runs])
    else:
        onto = page(color=False)
        print_lines(_rows(runs, onto), onto)
    return 0


def show_run(run_id: str, *, json: bool, color: bool) -> int:
    """Print one run with its chart. Raises AutointelError."""
    run = past_run(load().settings, run_id)
    if json:
        print_json(_run_as_json(run) | {"report": run.report.model_dump(mode="json") if run.report else None})
    else:
        onto = page(color=color)
        print_lines(_details(run, onto), onto)
    return 0


def _run_as_json(run: PastRun) -> dict[str, object]:
    steps = [step.model_dump(mode="json") for step in run.steps]
    record = run.record.model_dump(mode="json")
    record["options"]["source"] = masked(run.record.options.source)
    return record | {"stopped": run.stopped, "failure": masked(run.failure), "steps": steps}


def _rows(runs: Sequence[PastRun], onto: Console) -> Iterator[Text]:
    """A heading, a line for each run, and under a run that is not whole the reason."""
    head = f"{'run':<{_ID}}  {'began':<{_DATE}}  {'state':<{_STATE}}  {'took':>7}  "
    yield faint(f"{head}title")
    for run in runs:
        record = run.record
        wall = seconds(record.timing.wall_seconds) if record.timing else ""
        began = f"{record.created_at:%Y-%m-%d %H:%M}"
        line = f"{plain(record.id):<{_ID}}  {began}  {run.state:<{_STATE}}  {wall:>7}  "
        yield Text((line + shortened(_title(run), max(_LEAST_TITLE, onto.width - len(line)))).rstrip())
        if reason := _reason(run):
            yield from wrapped(faint(reason), onto)


def _reason(run: PastRun) -> str:
    """Why the run failed, or else the first step that is not whole; empty for a run that is."""
    if run.failure:
        return masked(plain(run.failure))
    step = next((step for step in run.steps if not step.outcome.is_whole and step.reason), None)
    return f"{step.name} {step.outcome}: {masked(plain(step.reason))}" if step else ""


def _title(run: PastRun) -> str:
    return masked(plain(run.record.title or run.record.options.source)) or "untitled"


def _details(run: PastRun, onto: Console) -> Iterator[Text]:
    record, options = run.record, run.record.options
    yield from wrapped(Text(_title(run), style="bold"), onto, indent="")
    facts = (record.id, run.state, record.engine, options.depth, f"namespace {record.namespace}")
    yield from wrapped(faint(" · ".join(plain(fact) for fact in facts)), onto, indent="")
    yield from wrapped(
        faint(f"{record.created_at:%Y-%m-%d %H:%M %Z} · {masked(plain(options.source))}"), onto, indent=""
    )
    yield Text()
    if run.report:
        yield from chart_lines(run.report, onto.width)
    else:
        for step in run.steps:
            yield from wrapped(Text(ended(step)), onto, indent="")
        if run.failure:
            yield from wrapped(Text(masked(plain(run.failure))), onto, indent="")
        if run.state == "running":
            yield Text("This run is still running.")
        elif record.timing is None:
            yield Text(_unfinished(run))


def _unfinished(run: PastRun) -> str:
    """What to do about a run that did not end. Without a transcript there is nothing to continue with."""
    heard = any(step.name is StepName.TRANSCRIBE and step.outcome is Outcome.DONE for step in run.steps)
    if run.state == "failed" and not heard:
        return "The run failed before it had a transcript. Run the source again."
    return f"The run did not finish. autointel resume {plain(run.record.id)} continues it."
