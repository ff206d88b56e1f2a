"""The catalogue: everything that autointel remembers, except vectors and graph, which are made from it.

Every part blocks (on an event loop, ask it through ``Catalogue.aside``) and raises HomeUnusable where the catalogue
cannot be read or written. Parts that take no namespace belong to the catalogue's own one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import ParamSpec, Protocol, TypeVar

from autointel.domain.analysis import CheckedClaim
from autointel.domain.catalogue import RunRecord, RunStatus, Undelivered
from autointel.domain.knowledge import Entity, Relation
from autointel.domain.passage import Passage
from autointel.domain.performance import Measure
from autointel.domain.run import Options, RunId, StepReport, Timing, Usage
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
from autointel.ports.caches import FetchedTranscripts, ModelReplies, QueryCache, StepResults
from autointel.ports.job_queue import JobQueue
from autointel.ports.stores import Artifacts, PassageIndex, Remembered, SpokenWords

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Passages(PassageIndex, Protocol):
    """Sources with their transcripts and passages."""

    def store(self, source: Source, transcript: Transcript, passages: Sequence[Passage]) -> frozenset[str]:
        """Keep a source with all its words, or none of them; what was kept of it before is replaced.

        Returns the ids of passages that are no more, whose vectors may be forgotten. Storing the same changes nothing.
        """

    def forget(self, source_id: str) -> frozenset[str]:
        """Remove a source and all its words; returns the ids of its passages."""

    def source(self, source_id: str) -> tuple[Source, Transcript] | None:
        """A source with its transcript, as they were stored; None if it is not kept."""

    def of_source(self, source_id: str) -> list[Passage]:
        """The passages of a source, in order."""

    def by_ids(self, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages that are kept, by id."""

    def stored_before(self, day: date) -> list[Source]:
        """Every source that was last stored before ``day`` begins (UTC)."""

    def speakers_by_source(self) -> dict[str, tuple[str, ...]]:
        """Everyone who speaks in each source, by the source's id, in the order of their first words."""

    def saying(self, phrases: Sequence[str], *, not_sources: Sequence[str]) -> set[str]:
        """Those of ``phrases`` that another source says, word for word as the index takes words."""

    def count(self) -> int:
        """Passages kept."""


class Verdicts(Protocol):
    """Key points and claims as memory holds them, and what became of the claims."""

    def keep(self, records: Sequence[Remembered]) -> None:
        """Keep the words of key points and claims; passages among ``records`` are left out."""

    def records(self, ids: Sequence[str]) -> dict[str, Remembered]:
        """The key points and claims that are kept, by id."""

    def records_of(self, source_id: str) -> list[Remembered]:
        """The key points and claims of a source, in the order of their ids."""

    def judge(self, source_id: str, claims: Mapping[str, CheckedClaim]) -> None:
        """Keep what became of claims, by record id; a later judgment replaces an earlier one."""

    def claims(self, ids: Sequence[str]) -> dict[str, CheckedClaim]:
        """The judgments that are kept, by record id."""

    def by_source(self) -> dict[str, list[CheckedClaim]]:
        """Every judgment, by source id."""

    def counts(self) -> dict[str, dict[str | None, int]]:
        """How many claims of each source have each verdict, by the source's id; None is for claims without one."""

    def count(self) -> int:
        """Key points and claims kept."""

    def forget_passages(self, source_id: str, passages: Collection[str]) -> frozenset[str]:
        """Remove the records of a source that rest on these passages; returns their ids."""

    def forget(self, source_id: str) -> frozenset[str]:
        """Remove a source's records and judgments; returns the ids of its records."""


class Knowledge(Protocol):
    """Entities and relations of every source, from which the graph can be rebuilt."""

    def keep(self, source_id: str, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        """Keep both; an id that is kept already keeps its first value, an entity the larger count of mentions."""

    def of_source(self, source_id: str) -> tuple[list[Entity], list[Relation]]:
        """The entities and relations of a source, in the order of their ids."""

    def sources(self) -> set[str]:
        """Ids of the sources of which anything is kept here."""

    def forget(self, source_id: str, passages: Sequence[str] | None = None) -> list[str]:
        """Remove all of a source, or only the relations that rest on ``passages``; ids of the relations removed."""


class Runs(Protocol):
    """Every run, in all namespaces."""

    def begin(self, run: RunId, options: Options) -> None:
        """Note a run before its first step; a run that is resumed keeps its options and is running again."""

    def name(self, run_id: str, source: Source) -> None:
        """Note what a run reads, as soon as that is known."""

    def step(self, run_id: str, report: StepReport) -> None:
        """Note how a step ended; a step done again replaces what was noted."""

    def end(self, run_id: str, state: RunStatus, *, timing: Timing | None = None, usage: Usage | None = None) -> None:
        """Note how a run ended."""

    def end_abandoned(self, is_alive: Callable[[str], bool]) -> int:
        """Note as interrupted every run that is recorded as running and is not ``is_alive``; how many.

        Such a run was killed, or could not note its end because the catalogue was away.
        """

    def find(self, run_id: str) -> RunRecord | None:
        """The run with this id or, where that is unambiguous, one whose id begins so."""

    def has_read(self, address: str, namespace: str) -> bool:
        """Whether an earlier run found words at this address, as it was typed."""

    def of_source(self, source_id: str, namespace: str, names: Sequence[str] = ()) -> list[str]:
        """The ids of the runs that read it, and of those that were asked for one of ``names`` and never got so far."""

    def of_namespace(self, namespace: str) -> list[str]:
        """The ids of its runs, the oldest first."""

    def typed_as(self, names: Sequence[str], namespace: str) -> list[str]:
        """The ids of the runs whose source was typed as one of ``names``, the oldest first."""

    def finished(self, namespace: str) -> dict[str, RunRecord]:
        """The latest run of each source that came to its end, by the source's id."""

    def latest(self, limit: int = 20) -> list[RunRecord]:
        """The newest runs first, by the order they began in, not by the clock."""

    def since(self, moment: datetime) -> list[RunRecord]:
        """The runs of all namespaces that began at ``moment`` (UTC) or later, the oldest first."""

    def steps(self, run_ids: Sequence[str]) -> dict[str, tuple[StepReport, ...]]:
        """The steps of each of these runs, in the crew's order."""


class Measures(Protocol):
    """Times of all namespaces."""

    def note(self, measures: Sequence[Measure], *, keep_days: float, waits: bool = True) -> None:
        """Keep these as of now, and remove what is older than ``keep_days``: measures, not runs.

        Without ``waits`` they are left out while another writer is at work.
        """

    def since(self, at: float) -> list[Measure]:
        """All since ``at`` (Unix seconds), the oldest first."""


class Waiting(Protocol):
    """What a store that is down should hold, in all namespaces, until it is delivered."""

    def add(self, kind: str, namespace: str, payloads: Mapping[str, str]) -> None:
        """Keep payloads by record id; one that waits already is not doubled, and its newest words count."""

    def pending(self, kind: str, limit: int, *, after: int = 0) -> list[Undelivered]:
        """The oldest first; ``after`` is the last id seen, for going on."""

    def waiting(self, kind: str, namespace: str) -> list[str]:
        """Record ids of that kind, the oldest first."""

    def strike(self, kind: str, namespace: str, record_ids: Collection[str]) -> None:
        """Strike out by record id what has arrived on another way; an id that does not wait is fine."""

    def delivered(self, ids: Sequence[int]) -> None:
        """Strike out what has arrived."""

    def failed(self, ids: Sequence[int]) -> None:
        """Note one more attempt that did not arrive."""

    def age(self, now: float) -> tuple[int, float, int]:
        """How many wait, for how many seconds the oldest has, and after how many attempts at most."""

    def counts(self) -> dict[str, int]:
        """How many wait, by kind."""


class Batches(Protocol):
    """Every batch with the options of its runs."""

    def begin(self, queue: str, request: str) -> None:
        """Note a batch; one that exists keeps its request."""

    def request(self, queue: str) -> str | None:
        """The options of the batch as JSON, or None where there is no such batch."""

    def latest(self, limit: int) -> list[tuple[str, float]]:
        """Ids and the Unix times they began at, the newest first."""


class Followed(Protocol):
    """The addresses that one queue follows."""

    def tag(self, address: str) -> dict[str, str] | None:
        """The validators of the last answer; None for an address that was never read."""

    def note(self, address: str, tag: Mapping[str, str]) -> None:
        """The address was read, and its entries are on the queue."""


class Catalogue(Protocol):
    """One catalogue, seen from one namespace; it may be used from any thread."""

    @property
    def namespace(self) -> str:
        """Whose sources it shows."""

    @property
    def passages(self) -> Passages:
        """Sources with their passages."""

    @property
    def words(self) -> SpokenWords:
        """The segments of passages."""

    @property
    def verdicts(self) -> Verdicts:
        """Key points, claims and verdicts."""

    @property
    def knowledge(self) -> Knowledge:
        """Entities and relations."""

    @property
    def fetched(self) -> FetchedTranscripts:
        """Where words were found."""

    @property
    def runs(self) -> Runs:
        """Every run."""

    @property
    def step_cache(self) -> StepResults:
        """Finished steps."""

    @property
    def model_cache(self) -> ModelReplies:
        """Replies of the model."""

    @property
    def query_cache(self) -> QueryCache:
        """Answers to searches and questions."""

    @property
    def measures(self) -> Measures:
        """Times, for ``autointel perf``."""

    @property
    def outbox(self) -> Waiting:
        """What waits for a store that is down."""

    @property
    def batches(self) -> Batches:
        """Batches by id."""

    @property
    def artifacts(self) -> Artifacts:
        """What runs leave behind."""

    def followed(self, queue: str) -> Followed:
        """The addresses that ``queue`` follows."""

    def jobs(self, queue: str) -> JobQueue:
        """The queue of that name; a job belongs to its owner for as long as the owner is ``alive``."""

    def alive(self, name: str) -> AbstractContextManager[None]:
        """Holds the mark of a run or worker that is at work; the mark goes when its process ends, however it ends."""

    def is_alive(self, name: str) -> bool:
        """Whether some process holds the mark of that name."""

    def atomically(self, work: Callable[[], Answer]) -> Answer:
        """``work``'s writes to this catalogue, all or none of them. ``work`` may be called more than once."""

    def forget(self, source_id: str, runs: Sequence[str] = ()) -> None:
        """Remove a source, its ``runs`` by id, and all that was made of it; all or nothing.

        Cached results that bear no source go too: they may know its words. ``compact`` overwrites what was removed.
        """

    def forget_quoting(self, source_id: str, quotes: Callable[[str], bool]) -> None:
        """Remove what was made of other sources and quotes this one: cached results, and verdicts.

        ``quotes`` says whether a text does.
        """

    def forget_namespace(self) -> None:
        """Remove what is left of the namespace when its sources are gone."""

    def compact(self) -> None:
        """Give back the room of what was removed, and overwrite it where the store only marks it as free."""

    async def aside(self, ask: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """``ask(*args, **kwargs)`` on a worker thread, one at a time.

        ``await catalogue.aside(catalogue.passages.keyword, "fares", 10)``
        """

    def close(self) -> None:
        """Closing twice is fine."""
