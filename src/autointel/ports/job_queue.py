"""Queues of sources that wait to be briefed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from autointel.domain.job import Job, JobState, NewJob, Settled

IsAlive = Callable[[str], bool]
"""Whether the worker of this name still lives."""


class Broker(Protocol):
    """Calls workers, on whatever machine, to a queue of the catalogue, which decides who gets which source.

    Every call is heard at least once: one whose worker dies is heard by another. Blocks. Raises QueueUnavailable.
    """

    def check(self) -> str:
        """Host and port of the broker, which answers."""

    def call(self, queue: str, *, times: int = 1, delay: float = 0.0) -> None:
        """Call ``times`` workers to the queue, in ``delay`` seconds."""

    def listen(self, answer: Callable[[str], None], *, parallel: int, stopping: Callable[[], None]) -> None:
        """Answer calls, ``parallel`` of them at once in threads, until SIGTERM or SIGINT.

        ``stopping`` is called at the signal; the answers under way may then end. A broker that goes away is waited for.
        Where ``answer`` raises AutointelError, the call is heard again later.
        """


class JobQueue(Protocol):
    """Sources of one queue: each of them once, each with one worker at a time, also among processes.

    Blocks: call it off the event loop. Raises HomeUnusable.
    """

    def now(self) -> float:
        """Unix seconds by the queue's own clock, which its workers share; ``due`` is meant by this clock."""

    def add(self, jobs: Iterable[NewJob], state: JobState = JobState.WAITING) -> int:
        """Put sources on the queue, all or none of them; how many were new."""

    def known(self, keys: Sequence[str]) -> set[str]:
        """Those of ``keys`` that some job of the queue has."""

    def claim(self, owner: str, most_attempts: int) -> Job | None:
        """The next job that is due, now in the hands of ``owner``; None where none is.

        Jobs of a worker that is gone are put back first; one that was begun ``most_attempts`` times is given up.
        """

    def settle(self, job: Job, settled: Settled) -> bool:
        """Note how the attempt ended; False, and nothing changes, where the job is no longer its worker's."""

    def next_due(self) -> float | None:
        """Seconds until a waiting job is due (0 where one is); None where none waits."""

    def cancel(self) -> int:
        """Take all waiting jobs off, and those of a worker that is gone; how many."""

    def revive(self, states: Sequence[JobState]) -> int:
        """Let jobs in these states wait again, with their attempts uncounted; how many."""

    def jobs(self) -> list[Job]:
        """All jobs, the first one first; those of a worker that is gone wait again."""

    def briefed(self, limit: int) -> list[Job]:
        """The latest jobs with a briefing, the latest first."""

    def counts(self) -> dict[JobState, int]:
        """Jobs by state; states without any are left out."""

    def announce(self, owner: str, limit: int) -> list[Job]:
        """Briefed jobs whose digest nobody has delivered, for ``owner`` to deliver; oldest first."""

    def announced(self, owner: str, *, delivered: bool) -> None:
        """Note that what ``owner`` took was delivered; else it is there for the next one."""
