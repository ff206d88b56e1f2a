"""Work through a queue of sources: so many at once, with retries, until nothing is left to be done."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Final, Protocol

from autointel.adapters.catalogue.jobs import Batches, Followed, JobQueue
from autointel.app.stores import catalogue_of
from autointel.domain.job import Job, JobState, Settled
from autointel.ports import Artifacts
from autointel.settings import Settings

_INTERRUPTED: Final = frozenset({130, 143})
# Wrong usage and a source without words end the same way however often they are tried.
_HOPELESS: Final = frozenset({2, 4})
_SIGNALS: Final = 128
_LONGEST_WAIT: Final = 3600.0
_SHORTEST: Final = 0.01
_POLL: Final = 1.0
"""Seconds after which a waiting worker looks again: another process may have put its job back."""


@dataclass(frozen=True)
class Attempt:
    """How one attempt at a job ended: the exit code of its run, and the run and title where there is a briefing."""

    code: int
    seconds: float
    reason: str = ""
    run_id: str | None = None
    title: str = ""


@dataclass(frozen=True)
class Retries:
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
        if attempt.run_id is not None:
            return ended.model_copy(update={"state": JobState.PARTIAL if attempt.code else JobState.DONE, "reason": ""})
        if stopped and attempt.code in _INTERRUPTED:
            return ended.model_copy(update={"counts": False, "due": now, "reason": ""})
        if attempt.code in _HOPELESS or job.attempts >= self.most:
            return ended.model_copy(update={"state": JobState.DEAD})
        pause = min(_LONGEST_WAIT, self.pause * 2 ** (job.attempts - 1))
        return ended.model_copy(update={"due": now + pause})


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
    batches: Batches
    followed: Followed
    artifacts: Artifacts


@contextmanager
def at_queue(settings: Settings, queue: str) -> Iterator[Worker]:
    """Open the queue; the worker counts as alive until the block ends, however it ends. Raises HomeUnusable."""
    name = f"worker-{secrets.token_hex(8)}"
    with closing(catalogue_of(settings)) as catalogue, catalogue.alive(name):
        catalogue.runs.end_abandoned(catalogue.is_alive)
        jobs, followed = catalogue.jobs(queue), catalogue.followed(queue)
        yield Worker(name, jobs, catalogue.batches, followed, catalogue.artifacts)


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
    retries: Retries,
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
