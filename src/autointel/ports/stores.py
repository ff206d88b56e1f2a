"""The stores of a run: vectors, graph, outbox, passages as words, finished steps; and the broker of a queue."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

from autointel.domain.passage import ANYWHERE, Hit, Passage, Scope
from autointel.domain.performance import InsertionMetrics
from autointel.domain.run import Outcome, StepName, StepReport
from autointel.domain.transcript import Segment, Source

if TYPE_CHECKING:  # a search imports ports, and none of these values
    from autointel.domain.knowledge import Entity, Neighbour, Relation
    from autointel.domain.report import Results


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

    async def missing(self, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that are not stored."""

    async def remember(self, records: Sequence[Remembered]) -> None:
        """Embed and store; writing an id again changes nothing. Durable when it returns."""

    async def forget(self, ids: Sequence[str]) -> None:
        """Remove these; an id that is not stored is fine."""

    async def nearest(
        self, text: str, limit: int, *, kind: str = "passage", not_source: str | None = None
    ) -> list[tuple[Remembered, float]]:
        """Best first, with the cosine similarity."""

    def get_insertion_metrics(self) -> InsertionMetrics:
        """Counters of what was stored by this object."""
        return InsertionMetrics()

    async def count(self) -> int:
        """Records stored."""

    async def close(self) -> None:
        """Release what is held; closing twice is fine."""


class KnowledgeGraph(Protocol):
    """Entities and relations of one namespace. Raises StoreUnavailable, or HomeUnusable if embedded."""

    @property
    def backend(self) -> str:
        """The name of the store, for the report."""

    async def missing(self, ids: Sequence[str]) -> set[str]:
        """Those entity and relation ids that are not stored."""

    async def relate(self, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        """Store both. Durable when it returns.

        Writing an id again changes nothing but ``mentions`` that are more, a ``valid_from`` that was unknown, and
        ``contradicted_by`` that is not empty.
        """

    async def between(self, pairs: Collection[tuple[str, str]]) -> list[Relation]:
        """All relations of these pairs of entity ids, in either direction; each once."""

    async def find(self, name: str, limit: int) -> list[Entity]:
        """Entities whose folded name is, starts with, or contains the folded ``name``; best first."""

    async def neighbours(self, entity_id: str, limit: int) -> list[Neighbour]:
        """One step away, heaviest first."""

    async def forget_relations(self, ids: Sequence[str]) -> None:
        """Remove these relations; entities stay. An id that is not stored is fine."""

    async def count(self) -> tuple[int, int]:
        """Entities, relations."""

    def get_insertion_metrics(self) -> InsertionMetrics:
        """Counters of what was stored by this object."""
        return InsertionMetrics()

    async def close(self) -> None:
        """Release what is held; closing twice is fine."""


class Outbox(Protocol):
    """Keeps what a store that does not answer should hold, until ``autointel drain`` brings it there."""

    async def put(self, kind: str, payloads: Mapping[str, str]) -> None:
        """JSON by record id; what waits already is not doubled. Durable when it returns. Raises HomeUnusable."""

    async def waiting(self, kind: str) -> list[str]:
        """Ids of that kind that wait. Raises HomeUnusable."""

    async def strike(self, kind: str, ids: Collection[str]) -> None:
        """These need not wait any more; an id that does not wait is fine. Raises HomeUnusable."""

    def storing(self, passages: Sequence[Passage]) -> AbstractAsyncContextManager[bool]:
        """While it is entered nobody forgets anything; gives whether their source still holds these passages.

        Raises HomeUnusable.
        """

    async def disown(self, kind: str, passages: Sequence[Passage], ids: Collection[str]) -> bool:
        """Note as stale of ``kind`` what was stored for these passages, where their source holds them no more.

        Another run has replaced the source meanwhile, or it was forgotten: whether that is so. Raises HomeUnusable.
        """


class Artifacts(Protocol):
    """What each run leaves behind, by run and name: report, results, why it failed. Blocks. Raises HomeUnusable."""

    def write(self, run_id: str, name: str, content: bytes) -> None:
        """Keep it in place of what was there: whole, or not at all."""

    def read(self, run_id: str, name: str) -> bytes | None:
        """The artifact, or None where the run has none of that name."""

    def names(self, run_id: str) -> list[str]:
        """The names of a run's artifacts, in order of the alphabet."""

    def remove(self, run_id: str, name: str | None = None) -> None:
        """Remove one artifact, or all of the run with its recordings; what is not there is fine."""

    def take_recordings(self, run_id: str, folder: Path) -> None:
        """Move the files of ``folder`` here, where this is a place for large files; else they stay where they are."""


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

    async def save(self, step: StepName, version: int, inputs: str, kept: KeptStep) -> None:
        """Keep a finished step; durable when it returns."""

    async def keep_found(self, step: StepName, results: Results) -> None:
        """Keep what ``step`` has found where it can be looked up: words, notes, verdicts. Again changes nothing.

        Words that differ from those of an earlier version wait for ``replace``, and so does all that rests on them.
        """

    @property
    def replaces(self) -> bool:
        """Whether what was found waits for ``replace``; known once the words are."""
        ...

    async def replace(self, results: Results) -> None:
        """Put what was found in the place of the source's earlier versions, in one step."""

    async def note(self, report: StepReport) -> None:
        """Note how a step of this run ended."""


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

    def phrase(self, phrase: str, limit: int, *, not_source: str | None = None, scope: Scope = ANYWHERE) -> list[Hit]:
        """Passages with the phrase word for word, best first; none that has it across a passage's border."""

    def within(self, scope: Scope, limit: int, *, not_source: str | None = None) -> list[Hit]:
        """The passages of a scope, the latest source first, in order; all with the score 1."""

    def hits(self, scores: dict[str, float], *, scope: Scope = ANYWHERE) -> list[Hit]:
        """The passages with these ids and their scores, best first; ids that are not kept are left out."""

    def respelt(self, words: Sequence[str]) -> dict[str, str]:
        """For words that stand nowhere the stem of one that is spelt nearly so; an index that cannot tell has none."""
        del words
        return {}

    def speakers(self) -> list[str]:
        """Every speaker's name, in order of the alphabet."""

    def sources(self) -> list[Source]:
        """Every source kept, the latest first."""


class SpokenWords(Protocol):
    """The segments that passages were made of. Blocks, as PassageIndex does. Raises HomeUnusable."""

    def within(self, passages: Sequence[Passage]) -> dict[str, tuple[Segment, ...]]:
        """Segments by passage id, in order, in one query; a passage that is no longer kept is left out."""


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
