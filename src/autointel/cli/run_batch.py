"""What ``autointel batch`` and ``worker`` do: put sources on a queue, work through it, show how far each came."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock
from typing import Final

from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from autointel.app.batches import BatchSources, find_batch, known_batches, sources_of_batch
from autointel.app.children import Children
from autointel.app.job_queue import (
    LOOK_AGAIN,
    RetryPolicy,
    Worker,
    answer,
    at_queue,
    broker_of,
    call_for_waiting,
    named_broker,
    work_through,
)
from autointel.app.library import reports_of
from autointel.app.run_context import NetworkAccess
from autointel.cli.brief_source import options_of
from autointel.cli.exits import FAILED, PARTIAL
from autointel.cli.output import nothing, page, prepare, print_json, title_folder, to_index, to_stdout
from autointel.cli.progress import unbroken
from autointel.cli.request import Request, choose
from autointel.cli.run_many import ChildBriefer, ending, folder_of, read_list, say, shares, table_of
from autointel.domain.catalogue import Job, JobState, Settled
from autointel.domain.report import Report
from autointel.errors import AutointelError, OtherVersion, QueueUnavailable, UsageError
from autointel.ports import Broker
from autointel.render.plain_text import count, masked, plain
from autointel.render.terminal import console, standard_error
from autointel.settings import Settings, handed_down, load

_REQUEST: Final = TypeAdapter(Request)


def start_batch(
    request: Request,
    sources: Sequence[str],
    from_list: str | None,
    limit: int | None,
    *,
    jobs: int,
    json: bool = False,
    quiet: bool = False,
    children: Children | None = None,
    broker: Broker | None = None,
) -> int:
    """Put the sources on a new queue and work through it; the exit code. KeyboardInterrupt passes.

    Raises AutointelError for a list that cannot be read, and for options that no source could be briefed with.
    """
    named = list(dict.fromkeys([*sources, *(read_list(from_list) if from_list is not None else [])]))
    if not named:
        raise UsageError("There is nothing to brief.", "Give sources, or --from FILE.")
    loaded = load(offline=request.offline)
    broker = broker or _broker(loaded.settings, jobs)
    choice = choose(loaded.settings, request.engine, offline=request.offline)
    options = options_of(replace(request, source=named[0]), loaded, choice)
    if request.out:
        prepare(request.out)
    request = _with_absolute_paths(request)
    screen = console(standard_error(), color=request.color)
    say(screen, str(choice), quiet=quiet)
    batch = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    found = sources_of_batch(loaded.settings, options, named, limit)
    with at_queue(loaded.settings, batch) as worker:
        new = worker.queue.begin(_REQUEST.dump_json(request).decode(), found.jobs)
        say(screen, f"batch {batch}  {count(new, 'source')}", quiet=quiet)
        _say_failures(found, screen)
    if broker is not None:
        return _call(loaded.settings, broker, batch, found.failed, json=json, color=request.color, quiet=quiet)
    with at_queue(loaded.settings, batch) as worker:
        return _work(worker, batch, request, screen, found.failed, jobs=jobs, json=json, quiet=quiet, children=children)


def _broker(settings: Settings, jobs: int) -> Broker | None:
    """The broker that calls workers, None where this process does the work. Raises UsageError."""
    broker = broker_of(settings)
    if broker is not None and jobs > 1:
        raise UsageError(
            "A broker is configured, so --jobs has no effect here: workers brief the sources.",
            "Leave --jobs out, and start autointel worker --jobs N.",
        )
    return broker


def _call(settings: Settings, broker: Broker, batch: str, failed: int, *, json: bool, color: bool, quiet: bool) -> int:
    """Call workers for what waits, and print the table as it stands."""
    screen = console(standard_error(), color=color)
    try:
        called = call_for_waiting(settings, broker, batch)
    except QueueUnavailable as error:
        error.add_note(f"The sources are saved: autointel batch resume {batch} calls again.")
        raise
    say(screen, f"{called} sources wait for autointel worker; autointel batch status {batch} shows them", quiet=quiet)
    with at_queue(settings, batch) as worker:
        _show(worker.queue.jobs(), json=json, color=color)
    return PARTIAL if failed else 0


def _with_absolute_paths(request: Request) -> Request:
    """The request with absolute paths: the batch may be resumed in another folder."""
    is_file = request.model is not None and Path(request.model).is_file()
    return replace(
        request,
        out=request.out and request.out.absolute(),
        model=str(Path(request.model).absolute()) if request.model is not None and is_file else request.model,
    )


def _say_failures(found: BatchSources, screen: Console) -> None:
    for source, error in found.failures:
        say(screen, masked(f"{plain(source)}  {plain(error.message)} {error.hint}"))


def resume_batch(
    batch_id: str,
    *,
    failed: bool,
    jobs: int,
    json: bool = False,
    quiet: bool = False,
    color: bool = True,
    children: Children | None = None,
    broker: Broker | None = None,
) -> int:
    """Work on at a batch; the exit code. Raises UsageError where there is none; KeyboardInterrupt passes."""
    settings = load().settings
    broker = broker or _broker(settings, jobs)
    batch, request = batch_and_request(settings, batch_id)
    request = replace(request, color=color)
    choice = choose(settings, request.engine, offline=request.offline)
    screen = console(standard_error(), color=color)
    say(screen, str(choice), quiet=quiet)
    with at_queue(settings, batch) as worker:
        worker.queue.revive([JobState.CANCELLED, *([JobState.DEAD] if failed else [])])
    if broker is not None:
        return _call(settings, broker, batch, 0, json=json, color=color, quiet=quiet)
    with at_queue(settings, batch) as worker:
        return _work(worker, batch, request, screen, 0, jobs=jobs, json=json, quiet=quiet, children=children)


def batch_and_request(settings: Settings, batch_id: str) -> tuple[str, Request]:
    """The whole id of a batch, and the request that its sources are briefed with.

    Raises UsageError where there is no such batch, OtherVersion.
    """
    batch, kept = find_batch(settings, batch_id)
    try:
        return batch, _REQUEST.validate_json(kept)
    except ValidationError as error:
        raise OtherVersion(
            f"The batch {batch} was started by another version of autointel.",
            "Continue with that version, or start its sources again.",
        ) from error


def _work(
    worker: Worker,
    batch: str,
    request: Request,
    screen: Console,
    failed: int,
    *,
    jobs: int,
    json: bool,
    quiet: bool,
    children: Children | None,
) -> int:
    settings = load().settings
    at_once = min(jobs, settings.model.requests_per_minute or jobs)
    children = children or Children(handed_down(shares(settings, at_once)), many=True)
    briefer = ChildBriefer(request, children, screen)

    def on_end(job: Job, settled: Settled) -> None:
        briefer.report(settled.run_id)  # the report stands in the home, and a batch prints none
        counts = worker.queue.counts()
        done = sum(number for state, number in counts.items() if state not in {JobState.WAITING, JobState.RUNNING})
        say(screen, f"{done}/{sum(counts.values())}  {ending(job, settled)}", quiet=quiet)

    queue = settings.queue
    try:
        work_through(worker, briefer, RetryPolicy(queue.attempts, queue.retry_seconds), parallel=at_once, on_end=on_end)
    except BaseException as error:
        error.add_note(f"autointel batch resume {batch} continues.")
        if not quiet:
            unbroken(lambda: screen.print(table_of(worker.queue.jobs())))
        raise
    ended = worker.queue.jobs()
    write_index(worker, request, ended)
    _show(ended, json=json, color=request.color)
    return exit_code_of_batch(ended, failed)


def write_index(worker: Worker, request: Request, jobs: Sequence[Job]) -> None:
    """Write ``index.html`` over the batch's briefings, where they are written to a folder."""
    if request.out:
        to_index(request.out, list(_briefings(worker, request.out, jobs)))


def _briefings(worker: Worker, out: Path, jobs: Sequence[Job]) -> Iterator[tuple[str, Report]]:
    """The folders of the batch's briefings by name, also of those that an earlier process wrote."""
    for job, report in reports_of(worker.artifacts, jobs):
        folder = title_folder(out / folder_of(job.source, job.episode), report.source.title)
        if folder.is_dir():
            yield folder.name, report


def exit_code_of_batch(jobs: Sequence[Job], failed: int = 0) -> int:
    """0 where every source has a whole briefing; 7 where at least one has a briefing; else 1.

    ``failed`` counts what was named and never came on the queue.
    """
    whole = sum(job.state is JobState.DONE for job in jobs)
    if whole == len(jobs) and not failed:
        return 0
    return PARTIAL if any(job.state.has_briefing for job in jobs) else FAILED


def show_batches(*, json: bool) -> int:
    """Print all batches, a line each. Raises HomeUnusable."""
    batches = known_batches(load().settings)
    if not batches:
        return nothing("There are no batches yet.", "Start with autointel batch start SOURCE...", json=json)
    if json:
        print_json([{"batch": batch, "counts": counts} for batch, counts in batches])
        return 0
    for batch, counts in batches:
        said = ", ".join(f"{number} {state.shown}" for state, number in counts.items()) or "empty"
        to_stdout(f"{batch}  {said}\n")
    return 0


def show_batch(batch_id: str, *, json: bool, color: bool) -> int:
    """Print the sources of a batch; 0. Raises UsageError where there is none."""
    settings = load().settings
    batch, _ = find_batch(settings, batch_id)
    with at_queue(settings, batch) as worker:
        _show(worker.queue.jobs(), json=json, color=color)
    return 0


def _show(jobs: Sequence[Job], *, json: bool, color: bool) -> None:
    if json:
        left_out = {"queue", "owner", "refresh", "due"}
        rows = [job.model_dump(mode="json", exclude=left_out) for job in jobs]
        print_json([row | {name: masked(row[name]) for name in ("source", "reason")} for row in rows])
        return
    onto = page(color=color)
    with onto.capture() as capture:
        onto.print(table_of(jobs))
    to_stdout(capture.get())


def cancel_batch(batch_id: str) -> int:
    """Take waiting sources off; 0. Raises UsageError where there is no such batch."""
    settings = load().settings
    batch, _ = find_batch(settings, batch_id)
    with at_queue(settings, batch) as worker:
        cancelled = worker.queue.cancel()
        running = worker.queue.counts().get(JobState.RUNNING, 0)
    rest = f", {running} still being briefed" if running else ""
    to_stdout(f"{count(cancelled, 'source')} cancelled{rest}\n")
    return 0


def run_worker(
    *,
    jobs: int,
    quiet: bool = False,
    color: bool = True,
    broker: Broker | None = None,
    children: Children | None = None,
) -> int:
    """Work until SIGTERM or SIGINT; 0. Raises UsageError without a broker, QueueUnavailable where none answers."""
    settings = load().settings
    broker = broker or named_broker(settings)
    children = children or Children(handed_down(limits_of(settings, jobs)), many=True)
    work = _Work(settings, broker, children, quiet=quiet, color=color)
    work.say(f"waiting for calls, {jobs} at once")
    broker.listen(work.answer, parallel=jobs, stopping=work.stop)
    children.close()
    work.say("stopped; what was under way has been handed back")
    return 0


def limits_of(settings: Settings, jobs: int) -> Mapping[str, str]:
    """What each job is given of the limits: nothing of its own where a Redis that may be asked holds those of all."""
    shared = settings.queue.limits_url
    if shared is not None and NetworkAccess(settings).may_ask(shared.get_secret_value()):
        return {}
    return shares(settings, jobs)


class _Work:
    """The calls of one worker. Thread-safe."""

    def __init__(self, settings: Settings, broker: Broker, children: Children, *, quiet: bool, color: bool) -> None:
        self._settings = settings
        self._broker = broker
        self._children = children
        self._quiet = quiet
        self._screen = console(standard_error(), color=color)
        self._stopping = Event()
        self._lock = Lock()
        self._retries = RetryPolicy(settings.queue.attempts, settings.queue.retry_seconds)

    def say(self, line: str) -> None:
        """One line on standard error."""
        with self._lock:
            say(self._screen, line, quiet=self._quiet)

    def stop(self) -> None:
        """End what is under way; its finished steps are saved."""
        self._stopping.set()
        self._children.stop()

    def answer(self, queue: str) -> None:
        """Brief one source of the batch. Raises AutointelError where the call is to be answered again later."""
        try:
            _, request = batch_and_request(self._settings, queue)
            self._brief(queue, request)
        except AutointelError as error:
            self.say(f"{queue}  {plain(error.message)} {error.hint}")
            if isinstance(error, OtherVersion):
                # A worker of that version may hear the next call; meanwhile this one is free for other batches.
                self._broker.call(queue, delay=LOOK_AGAIN)
            elif not isinstance(error, UsageError):  # nobody could ever answer that
                raise

    def _brief(self, queue: str, request: Request) -> None:
        def on_end(job: Job, settled: Settled) -> None:
            self.say(f"{queue}  {ending(job, settled)}")

        finished = answer(
            self._settings,
            self._broker,
            queue,
            ChildBriefer(request, self._children, None if self._quiet else self._screen),
            self._retries,
            stopping=self._stopping,
            on_end=on_end,
            say=lambda error: self.say(f"{queue}  {plain(error.message)} Its sources wait for the catalogue."),
        )
        if finished:
            with at_queue(self._settings, queue) as worker:
                write_index(worker, request, worker.queue.jobs())
