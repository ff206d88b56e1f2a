"""What the catalogue records: runs, finished steps, fetched transcripts, and what waits to be delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from autointel.domain.run import Engine, Options, Outcome, StepName, Timing, Usage
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
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
    """What is kept of an address; ``age`` in seconds, ``tag`` what its server gave to ask with next time."""

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
