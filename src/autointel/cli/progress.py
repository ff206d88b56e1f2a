"""Progress on standard error: a table that redraws itself on a terminal, else a line a step, or JSON (``--events``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from threading import Lock
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self, TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text
from typing_extensions import override

from autointel.domain.analysis import KeyJudgment
from autointel.domain.run import Outcome, StepName, StepReport
from autointel.domain.transcript import Origin, Source, Transcript
from autointel.pipeline.stages import NEEDS
from autointel.ports import Listener
from autointel.render.plain_text import count, masked, plain, rounded, seconds
from autointel.render.sheet import duration_in_words, place_of, title_of
from autointel.render.terminal import ACCENT, FAINT

_BAR: Final = 20  # cells
_NAMES: Final = 14  # columns for a step's name
_ORIGINS: Final = {
    Origin.GIVEN: "transcript as given",
    Origin.PUBLISHER: "publisher's transcript",
    Origin.CAPTIONS: "captions (manual)",
    Origin.AUTOMATIC_CAPTIONS: "captions (automatic)",
    Origin.SPEECH_RECOGNITION: "speech recognition",
    Origin.ARTICLE: "article",
}
_TOOK_TIME: Final = {Outcome.DONE, Outcome.DEGRADED, Outcome.FAILED}
_STEP: Final = {"name", "outcome", "reason", "hint", "seconds", "model_calls", "tokens", "usd"}


def headline(source: Source, transcript: Transcript) -> Text:
    """What was found: title, who, when, how long, and how its words came about."""
    facts = (
        plain(source.author or ""),
        source.published_at.isoformat() if source.published_at else "",
        duration_in_words(source.duration_seconds or transcript.duration),
        _ORIGINS[transcript.origin],
        plain(transcript.language or ""),
    )
    return Text.assemble(
        ("autointel  ", ACCENT), f'"{title_of(source)}"  ', (" · ".join(fact for fact in facts if fact), FAINT)
    )


def ended(report: StepReport) -> str:
    """``read done 9.4 s (17 passages, 17 calls, 41k tokens)``; the reason instead, where it is not done."""
    facts = [plain(report.detail)] if report.detail else []
    if report.model_calls:
        facts += [count(report.model_calls, "call"), f"{rounded(report.tokens)} tokens"]
    if report.reason:
        facts.append(plain(report.reason))
    took = f" {seconds(report.seconds)}" if report.outcome in _TOOK_TIME else ""
    return f"{report.name} {report.outcome}{took}" + (f" ({', '.join(facts)})" if facts else "")


def judged(judgment: KeyJudgment) -> Text:
    """A judgment as soon as it is verified: what it says, how likely, and where its first quote stands."""
    place = place_of(judgment.citations[0])
    return Text.assemble(
        ("judgment  ", ACCENT),
        plain(judgment.text),
        (f" ({judgment.likelihood} · {judgment.confidence} confidence) [{place}]", FAINT),
    )


WARNING: Final = "warning: "


def replacement(older: Source, newer: Source) -> str:
    """Memory holds ``newer`` in place of ``older``, which search, ask and ledger no longer quote."""
    place = older.url or older.path
    if older.id == newer.id or place == (newer.url or newer.path):
        return f'Memory now holds this version of "{title_of(newer)}"; it differs from the one read before.'
    read_from = f" from {masked(plain(place))}" if place and place != "-" else ""
    return f'Memory now holds this copy of "{title_of(older)}" instead of the one read before{read_from}.'


class Silent(Listener):
    """Says nothing."""

    @override
    def source_found(self, source: Source, transcript: Transcript) -> None: ...
    @override
    def step_started(self, name: StepName) -> None: ...
    @override
    def step_progress(self, name: StepName, done: int, total: int, unit: str) -> None: ...
    @override
    def step_ended(self, report: StepReport) -> None: ...
    @override
    def judgment(self, judgment: KeyJudgment) -> None: ...
    @override
    def replaced(self, older: Source, newer: Source) -> None: ...
    @override
    def waiting(self, what: str) -> None: ...


class Quiet(Silent):
    """Says only what stands in no report: which earlier version a briefing replaced in memory."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @override
    def replaced(self, older: Source, newer: Source) -> None:
        line = Text(f"{WARNING}{replacement(older, newer)}")
        unbroken(lambda: self._console.print(line, soft_wrap=True))


class Lines(Silent):
    """A line when a step ends; ``verbose`` also when it starts and as it goes on."""

    def __init__(self, console: Console, *, verbose: bool = False) -> None:
        self._console = console
        self._verbose = verbose
        self._titled = False

    @override
    def source_found(self, source: Source, transcript: Transcript) -> None:
        if not self._titled:  # the first step may be done again, to verify what is kept
            self._say(headline(source, transcript))
        self._titled = True

    @override
    def step_started(self, name: StepName) -> None:
        if self._verbose:
            self._say(Text(f"{name} started", style=FAINT))

    @override
    def step_progress(self, name: StepName, done: int, total: int, unit: str) -> None:
        if self._verbose:
            self._say(Text(f"{name} {done:,} of {total:,} {unit}", style=FAINT))

    @override
    def step_ended(self, report: StepReport) -> None:
        self._say(Text(ended(report)))

    @override
    def judgment(self, judgment: KeyJudgment) -> None:
        self._say(judged(judgment))

    @override
    def replaced(self, older: Source, newer: Source) -> None:
        self._say(Text(replacement(older, newer)))

    @override
    def waiting(self, what: str) -> None:
        self._say(Text(masked(plain(what))))

    def _say(self, line: Text) -> None:
        unbroken(lambda: self._console.print(line, soft_wrap=True))


def unbroken(show: Callable[[], None]) -> None:
    """Ignore errors: a closed terminal must not stop the work."""
    with suppress(Exception):
        show()


@dataclass
class Row:
    """What is known about a step so far."""

    started: float | None = None
    done: int = 0
    total: int = 0
    unit: str = ""
    report: StepReport | None = None


class Table(Silent, AbstractContextManager["Table"]):
    """A row for every step, redrawn in place. Steps are reported from several threads, hence the lock."""

    def __init__(self, console: Console, clock: Callable[[], float] = perf_counter) -> None:
        self._console = console
        self._clock = clock
        self._lock = Lock()
        self._rows = {name: Row() for name in StepName}
        self._waiting = ""
        self._titled = False
        self._live = Live(self, console=console, refresh_per_second=8)

    @override
    def __enter__(self) -> Self:
        unbroken(lambda: self._live.start(refresh=True))
        return self

    @override
    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        unbroken(self._live.stop)
        unbroken(self._console.print)

    @override
    def source_found(self, source: Source, transcript: Transcript) -> None:
        if not self._titled:
            unbroken(lambda: self._console.print(headline(source, transcript), Text(), sep="\n"))
        self._titled = True

    @override
    def step_started(self, name: StepName) -> None:
        with self._lock:
            self._rows[name].started = self._clock()

    @override
    def step_progress(self, name: StepName, done: int, total: int, unit: str) -> None:
        with self._lock:
            row = self._rows[name]
            row.done, row.total, row.unit = done, total, unit

    @override
    def step_ended(self, report: StepReport) -> None:
        with self._lock:
            self._rows[report.name].report = report
            self._waiting = ""

    @override
    def judgment(self, judgment: KeyJudgment) -> None:
        unbroken(lambda: self._console.print(judged(judgment)))

    @override
    def replaced(self, older: Source, newer: Source) -> None:
        unbroken(lambda: self._console.print(replacement(older, newer), highlight=False, markup=False))

    @override
    def waiting(self, what: str) -> None:
        with self._lock:
            self._waiting = masked(plain(what))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Cut to the width: a line that wraps would leave its tail behind when the table is redrawn."""
        with self._lock:
            lines = [
                Text("  ").append(name.value.ljust(_NAMES)) + self._row(name, row) for name, row in self._rows.items()
            ]
            if self._waiting:
                lines += [Text(), Text(f"  {self._waiting}", style=FAINT)]
        for line in lines:
            line.truncate(options.max_width, overflow="ellipsis")
            yield line

    def _row(self, name: StepName, row: Row) -> Text:
        if row.report:
            return _finished(row.report)
        if row.started is not None:
            return Text.assemble(*self._running(row))
        needed = next((need for need in NEEDS[name] if self._rows[need].report is None), None)
        return Text(f"waiting for {needed}" if needed else "loading…", style=FAINT)

    def _running(self, row: Row) -> Iterator[tuple[str, str]]:
        if row.total:
            yield (bar(row.done / row.total), ACCENT)
            yield (f"  {row.done:,} of {row.total:,} {row.unit}", "")
        else:
            yield (f"working {seconds(self._clock() - (row.started or 0.0))}", "")


def _finished(report: StepReport) -> Text:
    if report.outcome not in _TOOK_TIME:
        return Text.assemble(f"{report.outcome}  ", (plain(report.reason), FAINT))
    if report.outcome is not Outcome.DONE:
        return Text.assemble(f"{report.outcome}  {seconds(report.seconds)}  ", (plain(report.reason), FAINT))
    return Text.assemble(("█" * _BAR, ACCENT), f"  done {seconds(report.seconds):>9}   ", (plain(report.detail), FAINT))


def bar(share: float) -> str:
    """Twenty cells, to the nearest half of one."""
    halves = round(max(0.0, min(1.0, share)) * _BAR * 2)
    return ("█" * (halves // 2) + "▌" * (halves % 2)).ljust(_BAR)


def progress(console: Console, *, animated: bool, quiet: bool, verbose: bool) -> AbstractContextManager[Listener]:
    """The listener that fits the options and the terminal; as a context, so that the terminal is left as it was."""
    if quiet:
        return nullcontext(Quiet(console))
    if verbose or not animated:
        return nullcontext(Lines(console, verbose=verbose))
    return Table(console)


class Events(Silent):
    """Each object has ``event``: source, step, progress, judgment, replaced or waiting. Steps report in threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = Lock()
        self._found = False

    @override
    def source_found(self, source: Source, transcript: Transcript) -> None:
        if self._found:  # the first step may be done again, to verify what is saved
            return
        self._found = True
        shown = source.model_dump(mode="json", include={"id", "title", "author", "published_at", "url", "language"})
        seconds = source.duration_seconds or transcript.duration
        self._write("source", **shown, duration_seconds=seconds, segments=len(transcript.segments))

    @override
    def step_started(self, name: StepName) -> None:
        self._write("step", name=name, outcome=None)

    @override
    def step_progress(self, name: StepName, done: int, total: int, unit: str) -> None:
        self._write("progress", name=name, done=done, total=total, unit=unit)

    @override
    def step_ended(self, report: StepReport) -> None:
        self._write("step", **report.model_dump(mode="json", include=_STEP), detail=report.detail)

    @override
    def judgment(self, judgment: KeyJudgment) -> None:
        self._write("judgment", **judgment.model_dump(mode="json"))

    @override
    def replaced(self, older: Source, newer: Source) -> None:
        self._write("replaced", **older.model_dump(mode="json", include={"id", "title", "url", "path"}))

    @override
    def waiting(self, what: str) -> None:
        self._write("waiting", text=masked(what))

    def _write(self, event: str, **values: Any) -> None:
        line = json.dumps({"event": event, **values}) + "\n"
        with self._lock:
            unbroken(lambda: self._put(line))

    def _put(self, line: str) -> None:
        self._stream.write(line)
        self._stream.flush()
