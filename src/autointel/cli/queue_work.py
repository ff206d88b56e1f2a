"""What ``batch`` and ``watch`` do with a job: ``autointel run`` in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autointel.app.children import Children
from autointel.app.job_queue import Attempt
from autointel.cli.progress import unbroken
from autointel.cli.request import Request, typed
from autointel.cli.run_list import folder_of, report_in, settled_folder
from autointel.domain.catalogue import Job, Settled
from autointel.domain.report import Report
from autointel.domain.run import Outcome, StepName
from autointel.render.plain_text import masked, plain
from autointel.render.terminal import FAINT

_STORING: Final = frozenset({StepName.MEMORY, StepName.GRAPH})


class ChildBriefer:
    """A Briefer that starts ``autointel run`` for each job; a crash costs one attempt at one source."""

    def __init__(self, request: Request, children: Children) -> None:
        self._request = request
        self._children = children
        self._reports: dict[str, Report] = {}

    def brief(self, job: Job) -> Attempt:
        """See Briefer."""
        request = request_of(job, self._request)
        ended = self._children.run(typed(request), _unheard)
        report = report_in(ended.out)
        if request.out:
            settled_folder(request.out, report)
        if report is None:
            return Attempt(ended.code or 1, ended.seconds, " ".join(masked(plain(line)) for line in ended.said))
        self._reports[report.run_id] = report
        return Attempt(
            ended.code, ended.seconds, run_id=report.run_id, title=report.source.title, unstored=_unstored(report)
        )

    def report(self, run_id: str | None) -> Report | None:
        """The report of a run that has just ended; once."""
        return self._reports.pop(run_id, None) if run_id else None

    def stop(self) -> None:
        """See Briefer."""
        self._children.stop()


def _unstored(report: Report) -> str:
    """Why a store did not get what the briefing found, as when the catalogue's database was away; or nothing."""
    failed = (each for each in report.steps if each.outcome is Outcome.FAILED and each.name in _STORING)
    return next((masked(plain(each.reason or "A store failed.")) for each in failed), "")


def _unheard(_: str) -> None:
    """The child is quiet; its last lines are the reason where it fails."""


def request_of(job: Job, request: Request) -> Request:
    """The request for one job: with the job's source and episode, and a folder of its own."""
    way = request.acquisition.model_copy(
        update={
            "episode": job.episode or request.acquisition.episode,
            "refresh": request.acquisition.refresh or job.refresh,
        }
    )
    out = request.out and request.out / folder_of(job.source, job.episode)
    return replace(request, source=job.source, acquisition=way, out=out)


def say(screen: Console, line: str, *, quiet: bool = False) -> None:
    """One line on standard error, which may be closed."""
    if not quiet:
        unbroken(lambda: screen.print(Text(line), soft_wrap=True))


def ending(job: Job, settled: Settled) -> str:
    """How an attempt ended, in one line."""
    name = masked(plain(settled.title or job.title or job.name))
    why = f": {settled.reason}" if settled.reason else ""
    return f"{settled.state.shown} in {settled.seconds:.1f} s  {name}{why}"


def table_of(jobs: Sequence[Job]) -> Table:
    """A row a job: its state, attempts, seconds and source, and beneath that the reason where it failed."""
    table = Table(box=None, pad_edge=False, header_style=FAINT, show_edge=False)
    table.add_column("state", no_wrap=True)
    for name in ("attempts", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("source", overflow="fold")
    for job in jobs:
        source = "\n".join(line for line in (_shown(job), plain(job.reason)) if line)
        table.add_row(*(Text(cell) for cell in (job.state.shown, str(job.attempts), f"{job.seconds:.1f}", source)))
    return table


def _shown(job: Job) -> str:
    """The job's source, a file by its path from the working folder."""
    here = Path.cwd()
    path = Path(job.source)
    name = str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else job.name
    return masked(plain(name))
