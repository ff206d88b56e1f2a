"""Records of the catalogue: runs, finished steps, fetched transcripts, undelivered records, and jobs on a queue.

A job is a source that is to be briefed, with how far it came and why it ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import Field

from autointel.domain.run import Engine, Options, Outcome, StepName, Timing, Usage
from autointel.domain.transcript import Source, Transcript
from autointel.domain.value import Value

RETRIEVAL: Final = "retrieval"
ANSWER: Final = "answer"
"""The two kinds of cached queries: moments that a search found, and answers to a question."""


class RunStatus(StrEnum):
    """How far a run came. A run that was killed stays ``running`` until another run or worker begins."""

    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"  # a briefing was written; some step is failed or degraded
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class RunRecord(Value):
    """One run as the catalogue knows it."""

    id: str
    namespace: str
    created_at: datetime
    options: Options
    engine: Engine
    state: RunStatus
    source_id: str | None = None
    title: str | None = None
    timing: Timing | None = None
    usage: Usage | None = None


class StoredStep(Value):
    """A finished step; ``value`` is what it found, as JSON."""

    step: StepName
    outcome: Outcome
    reason: str = ""
    hint: str = ""
    value: str


@dataclass(frozen=True)
class KeptWords:
    """The transcript cached for an address; ``age`` in seconds, ``tag`` the validators for its server's next answer."""

    source: Source
    transcript: Transcript
    age: float
    tag: Mapping[str, str] = field(default_factory=dict)


class Undelivered(Value):
    """One thing that waits. ``payload`` is JSON; ``attempts`` counts deliveries that failed."""

    id: int
    namespace: str
    kind: str
    record_id: str
    payload: str
    attempts: int


class Counts(NamedTuple):
    """How often a cached answer was there, was not, and was removed for want of room."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0


def printable(path: str) -> str:
    """The name of a file that is no UTF-8 comes with surrogates, which no catalogue can store: they are escaped."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


class JobState(StrEnum):
    """How far a job came. The last five are ends."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"  # a briefing was written; some step is failed or degraded
    DEAD = "dead"  # given up after its last attempt, with the reason
    CANCELLED = "cancelled"
    PASSED_OVER = "passed over"  # older than what was asked for when its feed was first followed

    @property
    def has_briefing(self) -> bool:
        """Whether a briefing was written."""
        return self in {JobState.DONE, JobState.PARTIAL}

    @property
    def shown(self) -> str:
        """The state in words for people, without the queue's term "dead"."""
        return "given up" if self is JobState.DEAD else self.value


class NewJob(Value):
    """A source to be put on a queue. ``episode`` is the guid of a feed's entry.

    ``keys`` are the ids under which the queue remembers the source: one that shares a key with an earlier job is that
    job. ``refresh`` asks the source again although it was read before.
    """

    source: str = Field(min_length=1)
    episode: str | None = None
    title: str = ""
    keys: tuple[str, ...] = Field(min_length=1)
    refresh: bool = False


class Job(Value):
    """One source on a queue. ``attempts`` counts how often work on it began; ``due`` is a Unix time in seconds.

    ``code`` is the exit code of its last attempt, ``reason`` what was said where that failed.
    """

    id: int
    queue: str
    source: str
    episode: str | None
    title: str
    refresh: bool
    state: JobState
    attempts: int
    due: float
    owner: str | None
    code: int | None
    reason: str
    run_id: str | None
    seconds: float

    @property
    def name(self) -> str:
        """How the job is shown: its source, and the episode of a feed."""
        return f"{self.source} {self.episode}" if self.episode else self.source


class Settled(Value):
    """How an attempt ended, for the queue: the state the job takes, and when it is due again if it waits."""

    state: JobState
    code: int
    reason: str = ""
    run_id: str | None = None
    title: str = ""
    seconds: float = 0.0
    due: float = 0.0
    counts: bool = True
    """False where the attempt was interrupted by the user, which is nobody's failure."""
