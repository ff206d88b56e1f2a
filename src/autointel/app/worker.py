"""Workers that a broker calls, on one machine or on many that share a catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import time
from typing import Final

import anyio

from autointel.app.job_queue import Briefer, Retries, at_queue
from autointel.domain.job import Job, JobState, Settled
from autointel.errors import UsageError
from autointel.ports import Broker, Catalogue
from autointel.settings import Settings

_MOST: Final = 1000  # batches
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
    is_stopping: Callable[[], bool],
    on_end: Callable[[Job, Settled], None],
) -> bool:
    """Brief one source of the queue, if one is due; whether the queue is finished.

    A call is passed on where its source waits again, and where another worker holds the last ones, which may die.
    Raises HomeUnusable, QueueUnavailable.
    """
    with at_queue(settings, queue) as worker:
        job = None if is_stopping() else worker.queue.claim(worker.name, retries.most)
        if job is not None:
            settled = retries.settle(job, briefer.brief(job), stopped=is_stopping(), now=time())
            if worker.queue.settle(job, settled):
                on_end(job, settled)
            if settled.state is not JobState.WAITING:
                return not _unfinished(worker.queue.counts())
        elif not _unfinished(worker.queue.counts()):
            return True
        due = worker.queue.next_due()
    if is_stopping():
        broker.call(queue)
    else:
        broker.call(queue, delay=_LOOK_AGAIN if due is None else min(due, _LOOK_AGAIN))
    return False


def _unfinished(counts: dict[JobState, int]) -> int:
    return counts.get(JobState.WAITING, 0) + counts.get(JobState.RUNNING, 0)
