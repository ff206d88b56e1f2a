"""What the catalogue caches from run to run: transcripts, finished steps, replies of the model, answers to questions.

Every part blocks: call it off the event loop. Every part raises HomeUnusable where the catalogue cannot be used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from autointel.domain.catalogue import Counts, KeptWords, StoredStep
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
from autointel.ports.models import ModelCache


class FetchedTranscripts(Protocol):
    """At which address which words were found."""

    def find(self, key: str) -> KeptWords | None:
        """The words found under ``key``; None where they are forgotten, or other words of that source are kept now."""

    def keep(self, key: str, source: Source, transcript: Transcript, tag: Mapping[str, str]) -> None:
        """Note where words were found; they themselves are kept with their source."""


class StepResults(Protocol):
    """Finished steps by key, in all namespaces."""

    def load(self, key: str) -> StoredStep | None:
        """What was saved under ``key``, unless it has expired."""

    def save(self, key: str, stored: StoredStep, *, ttl: float | None = None, run_id: str | None = None) -> None:
        """Keep a finished step, ``ttl`` seconds long or for good; ValueError for one that must be tried again.

        It belongs to the source of the run; without one it goes whenever any source is forgotten.
        """

    def size(self) -> tuple[int, int]:
        """Steps kept, and the bytes of what they found."""

    def clear(self) -> int:
        """Forget everything; the number of entries that were forgotten."""


class ModelReplies(ModelCache, Protocol):
    """A model's replies by key; the least recently used leave first."""

    def of_run(self, namespace: str, run_id: str) -> ModelCache:
        """The same cache for one run: it sees the replies of its own namespace, and marks its own with its source."""

    def size(self) -> tuple[int, int]:
        """Replies kept, and their bytes."""

    def clear(self) -> int:
        """Forget everything; the number of replies that were forgotten."""


class QueryCache(Protocol):
    """Answers to searches and questions. Whatever is written to the namespace removes its answers."""

    def key(self, kind: str, *parts: object) -> str:
        """A hash of what was asked, of the namespace, and of its generation, which every write to it raises."""

    def get(self, kind: str, key: str) -> str | None:
        """The answer under the key, unless it has expired. The look-up is counted."""

    def put(self, kind: str, key: str, value: str, ttl: float) -> None:
        """Save an answer for ``ttl`` seconds; the least recently used leave where there is no room."""

    def size(self, kind: str) -> tuple[int, int]:
        """Answers of a kind, and their bytes, in all namespaces."""

    def counts(self, kind: str) -> Counts:
        """What was counted since the cache was last cleared."""

    def clear(self) -> None:
        """Remove all answers and counts."""
