"""What ``autointel watch`` does: look, brief what is new, deliver the digest, wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Event, Lock
from typing import Final

from rich.console import Console

from autointel.app.children import Children
from autointel.app.job_queue import RetryPolicy, Worker, at_queue, work_through
from autointel.app.sources import with_scheme
from autointel.app.watch import Delivery, Extent, Looked, deliver, look, refuse_undeliverable
from autointel.cli.brief_source import options_of
from autointel.cli.exits import FAILED
from autointel.cli.output import prepare, to_stdout
from autointel.cli.request import Request, choose
from autointel.cli.run_many import ChildBriefer, ending, read_list, say, shares
from autointel.domain.catalogue import Job, JobState, Settled
from autointel.domain.report import Report
from autointel.domain.run import Options
from autointel.errors import UsageError
from autointel.render.digest import DigestEntry, to_markdown
from autointel.render.plain_text import masked, plain
from autointel.render.terminal import console, standard_error
from autointel.settings import Settings, handed_down, load

_SHORTEST: Final = 1.0
"""Seconds between two looks, however soon a source is due for another attempt."""


@dataclass(frozen=True)
class Watching:
    """What is followed, how often, how much of it, and where digests go. Without ``every_seconds``: one look."""

    addresses: tuple[str, ...]
    list: str | None
    every_seconds: float | None
    extent: Extent
    jobs: int
    delivery: Delivery


def run_watch(request: Request, watching: Watching, children: Children | None = None) -> int:
    """Watch until interrupted, or once; the exit code: 1 where an address could not be read or a source failed.

    Raises AutointelError for what can never work; KeyboardInterrupt passes.
    """
    loaded = load(offline=request.offline)
    settings = loaded.settings
    addresses = _addresses(watching)
    refuse_undeliverable(settings, watching.delivery)
    choice = choose(settings, request.engine, offline=request.offline)
    options = options_of(replace(request, source=addresses[0]), loaded, choice)
    if request.out:
        prepare(request.out)
    screen = console(standard_error(), color=request.color)
    say(screen, str(choice), quiet=request.quiet)
    jobs = min(watching.jobs, settings.model.requests_per_minute or watching.jobs)
    with at_queue(settings, f"watch:{request.namespace}") as worker:
        watch = _Watch(settings, request, replace(watching, jobs=jobs), worker, screen)
        started = children or Children(handed_down(shares(settings, jobs)), many=True)
        return watch.until_interrupted(addresses, options, started)


def _addresses(watching: Watching) -> list[str]:
    listed = read_list(watching.list) if watching.list is not None else []
    addresses = list(dict.fromkeys(with_scheme(each) for each in (*watching.addresses, *listed)))
    if not addresses:
        raise UsageError("There is nothing to follow.", "Give addresses, or --from FILE.")
    return addresses


class _Watch:
    """Rounds over the same addresses."""

    def __init__(
        self, settings: Settings, request: Request, watching: Watching, worker: Worker, screen: Console
    ) -> None:
        self._settings = settings
        self._request = request
        self._watching = watching
        self._worker = worker
        self._screen = screen
        self._printing = Lock()
        self._failed = 0

    def until_interrupted(self, addresses: Sequence[str], options: Options, children: Children) -> int:
        """The exit code of the last round, where there is a last one."""
        never = Event()
        while True:
            failed = self._round(addresses, options, children)
            every = self._watching.every_seconds
            if every is None:
                return FAILED if failed else 0
            due = self._worker.queue.next_due()
            never.wait(every if due is None else max(_SHORTEST, min(every, due)))

    def _round(self, addresses: Sequence[str], options: Options, children: Children) -> bool:
        looked = look(self._settings, self._worker, addresses, options, self._watching.extent)
        self._tell(looked)
        self._failed = 0
        queue = self._settings.queue
        briefer = ChildBriefer(self._request, children, self._screen)
        work_through(
            self._worker,
            briefer,
            RetryPolicy(queue.attempts, queue.retry_seconds),
            parallel=self._watching.jobs,
            on_end=partial(self._ended, briefer),
            wait_for_retries=self._watching.every_seconds is None,
        )
        failures = deliver(self._settings, self._worker, self._watching.delivery)
        for error in failures:
            say(self._screen, masked(f"{error.message} {error.hint}"))
        return bool(failures or self._failed or any(each.failure for each in looked))

    def _tell(self, looked: Sequence[Looked]) -> None:
        for each in looked:
            name = masked(plain(each.address))
            if each.failure is not None:
                say(self._screen, f"{name}  {masked(plain(f'{each.failure.message} {each.failure.hint}'.strip()))}")
            elif each.new:
                say(self._screen, f"{name}  {each.new} new", quiet=self._request.quiet)
        # A watch that goes on would say so every hour.
        if self._watching.every_seconds is None and not any(each.new or each.failure for each in looked):
            say(self._screen, "Nothing new.", quiet=self._request.quiet)

    def _ended(self, briefer: ChildBriefer, job: Job, settled: Settled) -> None:
        self._failed += settled.state is JobState.DEAD
        say(self._screen, ending(job, settled), quiet=self._request.quiet and settled.state is not JobState.DEAD)
        report = briefer.report(settled.run_id)
        # What is tried again because a store did not get it is printed once, in the end.
        if report is not None and settled.state is not JobState.WAITING:
            self._print(report)

    def _print(self, report: Report) -> None:
        """One at a time: lines of two briefings must not mingle."""
        with self._printing:
            to_stdout(report.model_dump_json() + "\n" if self._request.json else to_markdown([DigestEntry.of(report)]))
