"""What the pipeline needs from outside, and how each of these may fail.

Whatever else an adapter meets (a vendor's exception, a broken reply) it turns into the errors named here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel

from autointel.domain.briefing import KeyJudgment
from autointel.domain.fact_check import Evidence
from autointel.domain.insertion import InsertionMetrics
from autointel.domain.job import Job, JobState, NewJob, Settled
from autointel.domain.knowledge import Entity, Neighbour, Relation
from autointel.domain.notes import Notes
from autointel.domain.passage import ANYWHERE, Hit, Passage, Scope
from autointel.domain.results import Results
from autointel.domain.run import Outcome, StepName, StepReport, Usage
from autointel.domain.source import Source
from autointel.domain.transcript import Segment, Transcript

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Reply = TypeVar("Reply", bound=BaseModel)


class Listener(Protocol):
    """Is told how a run goes. Never raises: a broken terminal must not stop the work."""

    def source_found(self, source: Source, transcript: Transcript) -> None:
        """The words have been found, before any is read."""
        ...

    def step_started(self, name: StepName) -> None:
        """A step begins."""
        ...

    def step_progress(self, name: StepName, done: int, total: int, unit: str) -> None:
        """``done`` of ``total`` units ("passages", "claims")."""
        ...

    def step_ended(self, report: StepReport) -> None:
        """A step ended, whatever its outcome."""
        ...

    def judgment(self, judgment: KeyJudgment) -> None:
        """A judgment that has been verified, as soon as it has been."""

    def waiting(self, what: str) -> None:
        """The run waits for something held by someone else; one sentence."""


class TranscriptSource(Protocol):
    """Finds the words of a source."""

    async def fetch(self, address: str, language: str | None) -> tuple[Source, Transcript]:
        """The source and its transcript.

        Raises SourceUnreachable (nothing there), SourceBlocked (not for us), NoTranscript (no words in it).
        """
        ...


class PrivacyGate(Protocol):
    """Removes what must not leave the machine, before anything is stored or sent."""

    def screen(self, source: Source, transcript: Transcript) -> tuple[Source, Transcript]:
        """Both without what the gate removes, and how much that was in ``redacted``. Screening twice changes nothing.

        Blocks. Raises PrivateData where nothing may pass.
        """
        ...

    def screen_question(self, question: str) -> str:
        """The question without what the gate removes. Blocks. Raises UsageError where it may not be asked."""
        ...


class Reader(Protocol):
    """Turns a transcript into notes."""

    async def read(self, source: Source, transcript: Transcript) -> Notes:
        """Every quote in the notes stands in the transcript. Raises ModelUnavailable, ModelRefused."""
        ...


class EvidenceSearch(Protocol):
    """Finds passages that may bear on a claim."""

    name: str

    async def prepare(self) -> None:
        """Load what the first search would else wait for; called while the model is choosing claims. Never raises."""

    async def search(self, query: str, limit: int) -> list[Evidence]:
        """Best first. Nothing found is an empty list; an unreachable source raises EvidenceUnavailable."""
        ...


class Fetched(BaseModel):
    """A page as it came: ``url`` after redirects, ``body`` inflated, ``headers`` with lower-case names."""

    url: str
    status: int
    content_type: str
    headers: dict[str, str] = {}
    body: bytes


class Fetcher(Protocol):
    """Fetches a page without being led where it should not go."""

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        named_by: str | None = None,
    ) -> Fetched:
        """Any final status is returned. Raises SourceBlocked for an address that is not public and not allow-listed,
        FetchFailed for time, size, scheme, too many redirects, or a broken connection. A ``body`` makes it a POST,
        which is never redirected.

        ``named_by`` is the address of the page that names ``url``; None for an address that the user gave. A page on
        somebody else's host opens no host of the user's own, whatever the settings allow: SourceBlocked.
        """
        ...


class Downloader(Protocol):
    """Fetches a large file to disk, under the same rule as Fetcher."""

    async def download(
        self, url: str, path: Path, *, headers: Mapping[str, str] | None = None, named_by: str | None = None
    ) -> Fetched:
        """The answer with an empty body; the file is whole at ``path``, or not there at all.

        ``named_by`` as in Fetcher. Raises SourceBlocked, FetchFailed (any status but 200, too), and HomeUnusable where
        the file cannot be written.
        """
        ...


class SpeechRecogniser(Protocol):
    """Turns a recording on disk into timed words."""

    async def recognise(self, recording: Path, language: str | None) -> Transcript:
        """Origin SPEECH_RECOGNITION. Without ``language`` it is found out.

        Raises NoTranscript (no speech in it, or no recording), ModelUnavailable (no model on disk and none to be had).
        """
        ...


class Model(Protocol):
    """The one client to a language model."""

    @property
    def usage(self) -> Usage:
        """What has been asked and paid so far."""
        ...

    async def ask(
        self,
        role: str,
        system: str,
        user: str,
        schema: type[Reply],
        *,
        step: StepName,
        smaller: bool = False,
    ) -> Reply:
        """A reply that fits ``schema``. ``smaller`` asks for the cheaper model that reads, where one is set.

        Raises ModelRefused (key, quota), BudgetSpent, PromptTooLong, ModelUnavailable (after its retries, or no valid
        reply).
        """
        ...

    async def room(self) -> int | None:
        """How many tokens prompt and reply may have together; None where that is not known."""
        return None


class ModelCache(Protocol):
    """Keeps a model's replies from run to run. Blocks: call it off the event loop. Raises HomeUnusable."""

    def get(self, key: str) -> str | None:
        """What is kept under ``key``, unless it has expired."""
        ...

    def put(self, key: str, value: str, ttl: float) -> None:
        """Keep ``value`` for ``ttl`` seconds, in place of what was there."""
        ...


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Model, dimension and version; two embedders whose vectors must not be mixed differ in it."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), dimension), rows of length 1 (a text without known words: zeros). Deterministic.

        Blocks: call it off the event loop. Raises ModelUnavailable where a remote one does not answer.
        """
        ...


class Remembered(BaseModel):
    """One thing kept in vector memory. ``kind`` is "passage", "key_point" or "claim"; ``record_id`` is a uuid."""

    record_id: str
    kind: str
    source_id: str
    passage_id: str
    text: str


class VectorMemory(Protocol):
    """Vectors by id, for one namespace and one embedder. Raises StoreUnavailable, or HomeUnusable if embedded."""

    @property
    def collection(self) -> str:
        """The name of the collection, for the report."""
        ...

    async def missing(self, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that are not stored."""
        ...

    async def remember(self, records: Sequence[Remembered]) -> None:
        """Embed and store; writing an id again changes nothing. Durable when it returns."""
        ...

    async def forget(self, ids: Sequence[str]) -> None:
        """Remove these; an id that is not stored is fine."""

    async def nearest(
        self, text: str, limit: int, *, kind: str = "passage", not_source: str | None = None
    ) -> list[tuple[Remembered, float]]:
        """Best first, with the cosine similarity."""
        ...

    def get_insertion_metrics(self) -> InsertionMetrics:
        """Counters of what was stored by this object."""
        return InsertionMetrics()

    async def count(self) -> int:
        """Records stored."""
        ...

    async def close(self) -> None:
        """Release what is held; closing twice is fine."""
        ...


class PassageIndex(Protocol):
    """The words of one namespace, by keyword and by id. Blocks: call it off the event loop. Raises HomeUnusable."""

    def keyword(
        self,
        question: str,
        limit: int,
        *,
        not_source: str | None = None,
        around: float = 0.5,
        scope: Scope = ANYWHERE,
    ) -> list[Hit]:
        """Passages with any word of ``question``, best first; a neighbour's word counts ``around`` as much."""
        ...

    def phrase(self, phrase: str, limit: int, *, not_source: str | None = None, scope: Scope = ANYWHERE) -> list[Hit]:
        """Passages with the phrase word for word, best first."""
        ...

    def within(self, scope: Scope, limit: int, *, not_source: str | None = None) -> list[Hit]:
        """The passages of a scope, the latest source first, in order; all with the score 1."""
        ...

    def hits(self, scores: dict[str, float], *, scope: Scope = ANYWHERE) -> list[Hit]:
        """The passages with these ids and their scores, best first; ids that are not kept are left out."""
        ...

    def speakers(self) -> list[str]:
        """Every speaker's name, in order of the alphabet."""
        ...

    def sources(self) -> list[Source]:
        """Every source kept, the latest first."""
        ...


class SpokenWords(Protocol):
    """The segments that passages were made of. Blocks, as PassageIndex does. Raises HomeUnusable."""

    def within(self, passages: Sequence[Passage]) -> dict[str, tuple[Segment, ...]]:
        """Segments by passage id, in order, in one query; a passage that is no longer kept is left out."""
        ...


class KnowledgeGraph(Protocol):
    """Entities and relations of one namespace. Raises StoreUnavailable, or HomeUnusable if embedded."""

    @property
    def backend(self) -> str:
        """The name of the store, for the report."""
        ...

    async def missing(self, ids: Sequence[str]) -> set[str]:
        """Those entity and relation ids that are not stored."""
        ...

    async def relate(self, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        """Store both; writing an id again changes nothing. Durable when it returns."""
        ...

    async def find(self, name: str, limit: int) -> list[Entity]:
        """Entities whose folded name is, starts with, or contains the folded ``name``; best first."""
        ...

    async def neighbours(self, entity_id: str, limit: int) -> list[Neighbour]:
        """One step away, heaviest first."""
        ...

    async def forget_relations(self, ids: Sequence[str]) -> None:
        """Remove these relations; entities stay. An id that is not stored is fine."""

    async def count(self) -> tuple[int, int]:
        """Entities, relations."""
        ...

    def get_insertion_metrics(self) -> InsertionMetrics:
        """Counters of what was stored by this object."""
        return InsertionMetrics()

    async def close(self) -> None:
        """Release what is held; closing twice is fine."""
        ...


class Outbox(Protocol):
    """Keeps what a store that does not answer should hold, until ``autointel drain`` brings it there."""

    async def put(self, kind: str, payloads: Mapping[str, str]) -> None:
        """JSON by record id; what waits already is not doubled. Durable when it returns. Raises HomeUnusable."""
        ...

    async def waiting(self, kind: str) -> list[str]:
        """Ids of that kind that wait. Raises HomeUnusable."""
        ...

    async def strike(self, kind: str, ids: Collection[str]) -> None:
        """These need not wait any more; an id that does not wait is fine. Raises HomeUnusable."""


class KeptStep(BaseModel):
    """A finished step as the cache holds it: ``value`` is the step's value as JSON."""

    outcome: Outcome
    reason: str = ""
    hint: str = ""
    text: str = ""
    detail: str = ""
    value: str
    simulated: bool = False


class StepStore(Protocol):
    """What finished steps found, so that nothing is done twice. Raises HomeUnusable.

    ``inputs`` is a digest of all that the step works on; engine, model and roles are the store's own affair.
    """

    async def load(self, step: StepName, version: int, inputs: str) -> KeptStep | None:
        """The step as it was kept, or None."""
        ...

    async def save(self, step: StepName, version: int, inputs: str, kept: KeptStep) -> None:
        """Keep a finished step; durable when it returns."""
        ...

    async def keep_found(self, step: StepName, results: Results) -> None:
        """Keep what ``step`` has found where it can be looked up: words, notes, verdicts. Again changes nothing."""
        ...

    async def note(self, report: StepReport) -> None:
        """Note how a step of this run ended."""
        ...


IsAlive = Callable[[str], bool]
"""Whether the worker of this name still lives."""


class JobQueue(Protocol):
    """Sources of one queue: each of them once, each with one worker at a time, also among processes.

    Blocks: call it off the event loop. Raises HomeUnusable.
    """

    def add(self, jobs: Iterable[NewJob], state: JobState = JobState.WAITING) -> int:
        """Put sources on the queue, all or none of them; how many were new."""
        ...

    def known(self, keys: Sequence[str]) -> set[str]:
        """Those of ``keys`` that some job of the queue has."""
        ...

    def claim(self, owner: str, most_attempts: int) -> Job | None:
        """The next job that is due, now in the hands of ``owner``; None where none is.

        Jobs of a worker that is gone are put back first; one that was begun ``most_attempts`` times is given up.
        """
        ...

    def settle(self, job: Job, settled: Settled) -> bool:
        """Note how the attempt ended; False, and nothing changes, where the job is no longer its worker's."""
        ...

    def next_due(self) -> float | None:
        """Seconds until a waiting job is due (0 where one is); None where none waits."""
        ...

    def cancel(self) -> int:
        """Take all waiting jobs off, and those of a worker that is gone; how many."""
        ...

    def revive(self, states: Sequence[JobState]) -> int:
        """Let jobs in these states wait again, with their attempts uncounted; how many."""
        ...

    def jobs(self) -> list[Job]:
        """All jobs, the first one first; those of a worker that is gone wait again."""
        ...

    def briefed(self, limit: int) -> list[Job]:
        """The latest jobs with a briefing, the latest first."""
        ...

    def counts(self) -> dict[JobState, int]:
        """Jobs by state; states without any are left out."""
        ...

    def announce(self, owner: str, limit: int) -> list[Job]:
        """Briefed jobs whose digest nobody has delivered, for ``owner`` to deliver; oldest first."""
        ...

    def announced(self, owner: str, *, delivered: bool) -> None:
        """Note that what ``owner`` took was delivered; else it is there for the next one."""
        ...
