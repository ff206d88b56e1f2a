"""Work through a queue of sources, here or by workers that a broker calls: so many at once, with retries."""

from __future__ import annotations

import secrets
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Final, Protocol

import anyio

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.jobs import Followed, JobQueue
from autointel.app.run_context import NetworkAccess
from autointel.app.sources import is_address
from autointel.app.stores import catalogue_of
from autointel.domain.catalogue import Job, JobState, Settled
from autointel.errors import AutointelError, HomeUnusable, SourceUnreachable, UsageError, not_asked
from autointel.ports import Artifacts, Broker
from autointel.settings import Settings

_INTERRUPTED: Final = frozenset({130, 143})
# Wrong usage and a source without words end the same way however often they are tried.
_HOPELESS: Final = frozenset({2, 4})
_SIGNALS: Final = 128  # exit codes above are signals
_UNKEPT: Final = "The briefing was written, and the catalogue did not take all of it."
_LONGEST_WAIT: Final = 3600.0  # seconds before another attempt
_SHORTEST: Final = 0.01  # seconds
_POLL: Final = 1.0
"""Seconds after which a waiting worker looks again: another process may have put its job back."""


_CATALOGUE_AWAY: Final = 5.0
"""Seconds between two tries to note how a source ended."""
LOOK_AGAIN: Final = 15.0
"""Seconds after which a worker looks whether a source that another holds, or should take, has come back."""


@dataclass(frozen=True)
class Attempt:
    """How one attempt at a job ended: the exit code of its run, and the run and title where there is a briefing.

    ``unstored`` is why memory or graph did not get what a briefing found; another attempt takes from the cache the
    steps that it has.
    """

    code: int
    seconds: float
    reason: str = ""
    run_id: str | None = None
    title: str = ""
    unstored: str = ""


@dataclass(frozen=True)
class RetryPolicy:
    """``most`` attempts at a source; ``pause`` seconds before the second, twice as long before each further one."""

    most: int
    pause: float

    def settle(self, job: Job, attempt: Attempt, *, stopped: bool, now: float) -> Settled:
        """The state that ``attempt`` leaves ``job`` in."""
        ended = Settled(
            state=JobState.WAITING,
            code=attempt.code,
            reason=_reason(attempt),
            run_id=attempt.run_id,
            title=attempt.title,
            seconds=attempt.seconds,
        )
        pause = min(_LONGEST_WAIT, self.pause * 2 ** (job.attempts - 1))
        # A briefing of which the catalogue got a part only: what was saved is not done again.
        unkept = attempt.run_id is not None and attempt.code == HomeUnusable.exit_code
        if (attempt.unstored or unkept) and job.attempts < self.most:
            return ended.model_copy(update={"reason": attempt.unstored or _UNKEPT, "due": now + pause})
        if attempt.run_id is not None:
            return ended.model_copy(update={"state": JobState.PARTIAL if attempt.code else JobState.DONE, "reason": ""})
        if stopped and attempt.code in _INTERRUPTED:
            return ended.model_copy(update={"counts": False, "due": now, "reason": ""})
        if _is_hopeless(job, attempt) or job.attempts >= self.most:
            return ended.model_copy(update={"state": JobState.DEAD})
        return ended.model_copy(update={"due": now + pause})


def _is_hopeless(job: Job, attempt: Attempt) -> bool:
    """Whether another attempt would end the same way: a web address may answer later, a missing file will not."""
    missing = attempt.code == SourceUnreachable.exit_code and not is_address(job.source)
    return missing or attempt.code in _HOPELESS


def _reason(attempt: Attempt) -> str:
    if attempt.reason or attempt.code <= _SIGNALS:
        return attempt.reason
    number = attempt.code - _SIGNALS
    known = number in {each.value for each in signal.Signals}
    return f"Its process was killed by {signal.Signals(number).name if known else f'signal {number}'}."


@dataclass(frozen=True)
class Worker:
    """A worker at an open queue. ``name`` owns the jobs that it takes."""

    name: str
    queue: JobQueue
    followed: Followed
    artifacts: Artifacts


@contextmanager
def at_queue(settings: Settings, queue: str) -> Iterator[Worker]:
    """Open the queue; the worker counts as alive until the block ends, however it ends. Raises HomeUnusable."""
    name = f"worker-{secrets.token_hex(8)}"
    with closing(catalogue_of(settings)) as catalogue, catalogue.alive(name):
        catalogue.runs.end_abandoned(catalogue.alive_among)
        jobs, followed = catalogue.jobs(queue), catalogue.followed(queue)
        yield Worker(name, jobs, followed, catalogue.artifacts)


class Briefer(Protocol):
    """Briefs one source at a time, from as many threads as there are workers."""

    def brief(self, job: Job) -> Attempt:
        """Blocks. Never raises."""
        ...

    def stop(self) -> None:
        """End what runs, which saves its finished steps; called once."""
        ...


def work_through(
    worker: Worker,
    briefer: Briefer,
    retries: RetryPolicy,
    *,
    parallel: int,
    on_end: Callable[[Job, Settled], None],
    wait_for_retries: bool = True,
) -> None:
    """Brief what waits, ``parallel`` sources at once, until nothing waits. Blocks.

    Without ``wait_for_retries`` only what is due now is done. Raises HomeUnusable; that and KeyboardInterrupt pass once
    every source in work has been handed back.
    """
    stopped = Event()

    def loop() -> None:
        while not stopped.is_set():
            job = worker.queue.claim(worker.name, retries.most)
            if job is not None:
                attempt = briefer.brief(job)
                settled = retries.settle(job, attempt, stopped=stopped.is_set(), now=worker.queue.now())
                if worker.queue.settle(job, settled):
                    on_end(job, settled)
                continue
            due = worker.queue.next_due()
            if due is None or (due and not wait_for_retries):
                return
            stopped.wait(min(max(due, _SHORTEST), _POLL))

    with ThreadPoolExecutor(parallel) as pool:
        try:
            futures = [pool.submit(loop) for _ in range(parallel)]
            for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                future.result()
        except BaseException:
            stopped.set()
            briefer.stop()
            raise


def broker_of(settings: Settings) -> Broker | None:
    """The broker that settings name, or None. Raises UsageError where its client is missing, or it may not be asked."""
    url = settings.queue.broker_url
    if url is None:
        return None
    if host := NetworkAccess(settings).first_forbidden_host(url.get_secret_value()):
        raise UsageError(*not_asked(f"The broker at {host}"))
    from autointel.adapters.broker import CeleryBroker

    return CeleryBroker(url.get_secret_value())


def named_broker(settings: Settings) -> Broker:
    """The broker that settings name. Raises UsageError where they name none."""
    broker = broker_of(settings)
    if broker is None:
        raise UsageError(
            "No broker is configured, so nobody calls a worker.",
            "Set AUTOINTEL_QUEUE__BROKER_URL, or use autointel batch start, which works by itself.",
        )
    return broker


def shared_limits(settings: Settings) -> str:
    """Host and port of the Redis that holds the shared limits, which answers. Blocks.

    Raises UsageError where settings name none, QueueUnavailable where it does not answer.
    """
    url = settings.queue.limits_url
    if url is None:
        raise UsageError("No shared limits are configured.", "Set AUTOINTEL_QUEUE__LIMITS_URL.")
    from autointel.adapters.broker import RedisPlaces

    places = RedisPlaces(url.get_secret_value(), "doctor", at_once=1, a_minute=None, tell=lambda _: None)

    async def ask() -> str:
        try:
            return await places.check()
        finally:
            await places.aclose()

    return anyio.run(ask)


def queued(catalogue: Catalogue) -> Counter[JobState]:
    """The sources of all batches by state."""
    return sum((Counter(counts) for counts in catalogue.batches.counts().values()), Counter())


def call_for_waiting(settings: Settings, broker: Broker, queue: str) -> int:
    """Call a worker for each source of the queue that waits; how many. Raises HomeUnusable, QueueUnavailable."""
    with at_queue(settings, queue) as worker:
        worker.queue.jobs()  # those of dead workers wait again
        waiting = worker.queue.counts().get(JobState.WAITING, 0)
    broker.call(queue, times=waiting)
    return waiting


def answer(
    settings: Settings,
    broker: Broker,
    queue: str,
    briefer: Briefer,
    retries: RetryPolicy,
    *,
    stopping: Event,
    on_end: Callable[[Job, Settled], None],
    say: Callable[[AutointelError], None],
) -> bool:
    """Brief one source of the queue, if one is due; whether the queue is finished.

    A call is passed on where its source waits again, and where another worker holds the last ones, which may die.
    A catalogue that is away when the source ends is waited for until ``stopping``: ``say`` gets why, once.
    Raises HomeUnusable, QueueUnavailable.
    """
    with at_queue(settings, queue) as worker:
        job = None if stopping.is_set() else worker.queue.claim(worker.name, retries.most)
        if job is not None:
            settled = retries.settle(job, briefer.brief(job), stopped=stopping.is_set(), now=worker.queue.now())
            if note_end(worker.queue, job, settled, stopping, say):
                on_end(job, settled)
            if settled.state is not JobState.WAITING:
                return not _unfinished(worker.queue.counts())
        elif not _unfinished(worker.queue.counts()):
            return True
        due = worker.queue.next_due()
    if stopping.is_set():
        broker.call(queue)
    else:
        broker.call(queue, delay=LOOK_AGAIN if due is None else min(due, LOOK_AGAIN))
    return False


def note_end(
    queue: JobQueue,
    job: Job,
    settled: Settled,
    stopping: Event,
    say: Callable[[AutointelError], None],
    *,
    pause: float = _CATALOGUE_AWAY,
) -> bool:
    """Settle the job as soon as the catalogue takes it. Raises HomeUnusable once ``stopping``.

    Without that, a source that was briefed while its database was away would be briefed again, and one that failed
    would lose its reason.
    """
    said = False
    while True:
        try:
            return queue.settle(job, settled)
        except HomeUnusable as error:
            if not said:
                say(error)
            said = True
            if stopping.wait(pause):
                raise


def _unfinished(counts: dict[JobState, int]) -> int:
    return counts.get(JobState.WAITING, 0) + counts.get(JobState.RUNNING, 0)
