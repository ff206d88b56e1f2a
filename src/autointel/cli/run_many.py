"""Many sources, each briefed in a process of its own: ``run --from``, and the jobs of ``batch`` and ``watch``."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autointel.app import batches
from autointel.app.children import TERMINATED, Children
from autointel.app.job_queue import Attempt
from autointel.cli.brief_source import options_of
from autointel.cli.exits import PARTIAL
from autointel.cli.output import named_by_title, prepare, to_index, to_stdout
from autointel.cli.progress import WARNING, unbroken
from autointel.cli.request import Request, choose, typed
from autointel.domain.catalogue import Job, JobState, Settled
from autointel.domain.report import Report
from autointel.domain.run import Options, Outcome, StepName
from autointel.domain.value import content_id
from autointel.errors import AutointelError, SourceUnreachable, UsageError
from autointel.render.plain_text import masked, plain
from autointel.render.terminal import FAINT, console, standard_error
from autointel.settings import Settings, handed_down, load

Expand = Callable[[Settings, Options, int | None], list[batches.Entry]]
_FOLDER_NAME: Final = 12  # characters of an id
# A hash sign without a space before it belongs to an address, such as a fragment.
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_WIDEST: Final = 44  # columns of a source
_LARGEST_LIST: Final = 10_000_000  # bytes
_OUTCOMES: Final = {0: "done", PARTIAL: "partial", TERMINATED: "interrupted"}
_STORING: Final = frozenset({StepName.MEMORY, StepName.GRAPH})


@dataclass(frozen=True)
class Listing:
    """Where the list is, how many of it at once, how many of a playlist or feed (None: docs/sources.md)."""

    path: str
    jobs: int = 1
    limit: int | None = None


@dataclass(frozen=True)
class _Wanted:
    """A source and the request for it; or why there is none."""

    source: str
    request: Request
    failure: AutointelError | None = None


def run_list(request: Request, listing: Listing, expand: Expand | None = None, children: Children | None = None) -> int:
    """Brief every source of the list: briefings on stdout in its order, the table on stderr. The exit code of it all.

    Raises AutointelError for a list that cannot be read; KeyboardInterrupt passes, after the table.
    """
    if request.dry_run or request.open_page or request.events:
        raise UsageError(
            "--dry-run, --events and --open take a single source, not a list.", "Leave them out, or give a SOURCE."
        )
    sources = read_list(listing.path)
    settings = load(offline=request.offline).settings
    choice = choose(settings, request.engine, offline=request.offline)
    jobs = min(listing.jobs, settings.model.requests_per_minute or listing.jobs)
    if request.out:
        prepare(request.out)
    screen = console(standard_error(), color=request.color)
    say(screen, str(choice), quiet=request.quiet)
    wanted = list(_expanded(request, sources, listing.limit, expand or batches.entries_of))
    work = _Work(children or Children(handed_down(shares(settings, jobs)), many=True), request, screen, len(wanted))
    fared = _all(work, wanted, jobs)
    if request.out:
        to_index(request.out, [(each.folder.name, each.report) for each in fared if each.folder and each.report])
    return exit_code_of_list(fared)


def shares(settings: Settings, jobs: int) -> Mapping[str, str]:
    """Each job's part of the limits that the model's server sets, by dotted key."""
    model = settings.model
    changed = {"model.max_concurrent_calls": str(max(1, model.max_concurrent_calls // jobs))}
    if model.requests_per_minute is not None:
        changed["model.requests_per_minute"] = str(max(1, model.requests_per_minute // jobs))
    return changed if jobs > 1 else {}


def _expanded(request: Request, sources: list[str], limit: int | None, expand: Expand) -> Iterator[_Wanted]:
    loaded = load(offline=request.offline)
    choice = choose(loaded.settings, request.engine, offline=request.offline)
    for source in sources:
        asked = replace(request, source=source)
        try:
            entries = expand(loaded.settings, options_of(asked, loaded, choice), limit)
        except UsageError:
            raise  # it would be the same for every one of them
        except AutointelError as error:
            yield _Wanted(source, asked, error)
            continue
        for entry in entries:
            acquisition = request.acquisition.model_copy(
                update={"episode": entry.episode or request.acquisition.episode}
            )
            out = request.out and request.out / folder_of(entry.address, entry.episode)
            name = f"{entry.address} {entry.episode}" if entry.episode else entry.address
            yield _Wanted(name, replace(request, source=entry.address, acquisition=acquisition, out=out))


def folder_of(source: str, episode: str | None) -> Path:
    """A name from an id until the title is known. The same source has the same id in every list."""
    return Path(content_id("list", source, episode or "")[-_FOLDER_NAME:])


def settled_folder(folder: Path, report: Report | None) -> Path:
    """The folder of a source that has ended, renamed to its title; an empty folder is removed."""
    if report and folder.is_dir():
        return named_by_title(folder, report.source.title)
    with suppress(OSError):  # what an earlier run wrote there stays
        folder.rmdir()
    return folder


class _Work:
    """One source after another, in as many threads as there are jobs."""

    def __init__(self, children: Children, request: Request, screen: Console, total: int) -> None:
        self.children = children
        self.request = request
        self.screen = screen
        self._total = total

    def one(self, number: int, wanted: _Wanted) -> Fared:
        """Never raises: one bad source stops nothing."""
        mark = f"{number}/{self._total}"
        if wanted.failure is not None:
            said = (wanted.failure.message, wanted.failure.hint)
            return self._reported(mark, Fared(wanted.source, wanted.failure.exit_code, 0.0, said=said))
        self.say(f"{mark}  {masked(plain(wanted.source))}")
        heard = partial(self._heard if self.request.verbose else self._warned, mark)
        ended = self.children.run(typed(wanted.request), heard)
        report = ended.report
        folder = wanted.request.out and settled_folder(wanted.request.out, report)
        return self._reported(mark, Fared(wanted.source, ended.code, ended.seconds, report, ended.said, folder))

    def say(self, line: str) -> None:
        """On stderr, unless it is to be quiet."""
        say(self.screen, line, quiet=self.request.quiet)

    def _heard(self, mark: str, line: str) -> None:
        self.say(f"{mark}  {masked(plain(line))}")

    def _warned(self, mark: str, line: str) -> None:
        """A warning is printed however quiet the list is to be; the rest stands in the table to come."""
        if line.startswith(WARNING):
            say(self.screen, f"{mark}  {masked(plain(line))}")

    def _reported(self, mark: str, fared: Fared) -> Fared:
        if fared.report is None and fared.code != TERMINATED:
            named = (fared.source,) if self.request.quiet or not fared.seconds else ()
            lines = [f"{mark}  {masked(plain(line))}" for line in (*named, *fared.said) if line]
            say(self.screen, "\n".join(lines))
        else:
            self.say(f"{mark}  {fared.outcome} in {fared.seconds:.1f} s")
        return fared


def _all(work: _Work, wanted: list[_Wanted], jobs: int) -> list[Fared]:
    """Handed over in the order of the list, each as soon as those before it are there."""
    done: list[Fared] = []
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(work.one, number, each) for number, each in enumerate(wanted, 1)]
        try:
            for future in futures:
                done.append(future.result())
                hand_over(done[-1], json=work.request.json)
        except BaseException as error:
            work.children.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            ended = (future for future in futures[len(done) :] if future.done() and not future.cancelled())
            done += [future.result() for future in ended if future.exception() is None]
            error.add_note("The same command continues: finished sources are only rendered again.")
            raise
        finally:
            if not work.request.quiet:
                unbroken(lambda: show_list(done, work.screen))
    return done


def hand_over(fared: Fared, *, json: bool) -> None:
    """A briefing to stdout; with ``json`` one object to a line."""
    if fared.report is not None:
        to_stdout(fared.report.model_dump_json() + "\n" if json else fared.report.briefing.markdown + "\n")


@dataclass(frozen=True)
class Fared:
    """One source of a list. ``report`` is None where no briefing was written; ``said`` then says why."""

    source: str
    code: int
    seconds: float
    report: Report | None = None
    said: tuple[str, ...] = ()
    folder: Path | None = None

    @property
    def outcome(self) -> str:
        """How the source fared, in a word."""
        return _OUTCOMES.get(self.code, "failed")


def read_list(path: str) -> list[str]:
    """One source per line. Blank lines, comments (# at the start or after a space) and repetitions are left out.

    "-" is standard input. Raises SourceUnreachable, UsageError for a list without a source or too large to be one.
    """
    if path == "-" and sys.stdin is None:  # the shell closed it (<&-)
        raise SourceUnreachable("Standard input is closed.", "Pipe the list into it, or name a file.")
    try:
        with nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as file:
            text = file.read(_LARGEST_LIST + 1)
    except OSError as error:
        raise SourceUnreachable(
            f"The list {plain(path)} cannot be read: {error.strerror}.", "Check its path."
        ) from error
    if len(text) > _LARGEST_LIST:
        raise UsageError(f"The list {plain(path)} has more than 10 MB.", "Cut it into parts.")
    lines = (_COMMENT.sub("", line).strip() for line in text.decode("utf-8-sig", errors="replace").splitlines())
    sources = list(dict.fromkeys(line for line in lines if line))
    if not sources:
        raise UsageError("The list is empty.", "Write one source per line: an address or a file.")
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
        cells = (masked(plain(fared.source)), fared.outcome, f"{fared.seconds:.1f}", passages, str(fared.code))
        yield tuple(Text(cell) for cell in cells)


class ChildBriefer:
    """A Briefer that starts ``autointel run`` for each job; a crash costs one attempt at one source.

    ``screen`` gets the warnings of runs, each with the name of its source; None where nothing is to be printed.
    """

    def __init__(self, request: Request, children: Children, screen: Console | None) -> None:
        self._request = request
        self._children = children
        self._screen = screen
        self._reports: dict[str, Report] = {}

    def brief(self, job: Job) -> Attempt:
        """See Briefer."""
        request = request_of(job, self._request)
        ended = self._children.run(typed(request), partial(self._warned, masked(plain(job.name))))
        report = ended.report
        if request.out:
            settled_folder(request.out, report)
        if report is None:
            return Attempt(ended.code or 1, ended.seconds, " ".join(masked(plain(line)) for line in ended.said))
        self._reports[report.run_id] = report
        return Attempt(
            ended.code, ended.seconds, run_id=report.run_id, title=report.source.title, unstored=_unstored(report)
        )

    def _warned(self, name: str, line: str) -> None:
        """The child is quiet but for warnings; its last lines are the reason where it fails."""
        if self._screen is not None and line.startswith(WARNING):
            say(self._screen, f"{name}  {masked(plain(line))}")

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
    """A row a job: its state, attempts, seconds once it has ended, and source; beneath that the reason it failed."""
    table = Table(box=None, pad_edge=False, header_style=FAINT, show_edge=False)
    table.add_column("state", no_wrap=True)
    for name in ("attempts", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("source", overflow="fold")
    for job in jobs:
        source = "\n".join(line for line in (_name_of(job), plain(job.reason)) if line)
        took = "" if job.state in {JobState.WAITING, JobState.RUNNING} else f"{job.seconds:.1f}"
        table.add_row(*(Text(cell) for cell in (job.state.shown, str(job.attempts), took, source)))
    return table


def _name_of(job: Job) -> str:
    """The job's source, a file by its path from the working folder."""
    here = Path.cwd()
    path = Path(job.source)
    name = str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else job.name
    return masked(plain(name))
