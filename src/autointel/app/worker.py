"""Workers that a broker calls, on one machine or on many that share a catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Event
from typing import Final

import anyio

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.jobs import JobQueue
from autointel.app.job_queue import Briefer, Retries, at_queue
from autointel.domain.job import Job, JobState, Settled
from autointel.errors import AutointelError, HomeUnusable, UsageError
from autointel.ports import Broker
from autointel.settings import Settings

_MOST: Final = 1000  # batches
_CATALOGUE_AWAY: Final = 5.0
"""Seconds between two tries to note how a source ended."""
_LOOK_AGAIN: Final = 15.0
"""Seconds after which a worker looks whether a source that another holds has come back."""


def broker_of(settings: Settings) -> Broker | None:
    """The broker that settings name, or None. Raises UsageError where its client is missing."""
    url = settings.queue.broker_url
    if url is None:
        return None
    from autointel.adapters.broker.celery import CeleryBroker

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
    from autointel.adapters.broker.places import RedisPlaces

    places = RedisPlaces(url.get_secret_value(), "doctor", at_once=1, a_minute=None, tell=lambda _: None)

    async def ask() -> str:
        try:
            return await places.check()
        finally:
            await places.aclose()

    return anyio.run(ask)


def queued(catalogue: Catalogue) -> Counter[JobState]:
    """The sources of all batches by state."""
    return sum((Counter(catalogue.jobs(batch).counts()) for batch, _ in catalogue.batches.latest(_MOST)), Counter())


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
    retries: Retries,
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
        broker.call(queue, delay=_LOOK_AGAIN if due is None else min(due, _LOOK_AGAIN))
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
