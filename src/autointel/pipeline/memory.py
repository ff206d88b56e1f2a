"""Store passages, key points and claims in vector memory, by id: what is there already is not stored again."""

from __future__ import annotations

from typing_extensions import override

from autointel.domain.notes import Note
from autointel.domain.passage import Passage, passage_of
from autointel.domain.report import ReportedMemory
from autointel.domain.results import Results
from autointel.domain.run import StepName
from autointel.domain.value import content_id
from autointel.errors import StoreUnavailable
from autointel.pipeline.outbox_fallback import MEMORY, kept_for_later
from autointel.pipeline.step import Done, Work
from autointel.ports import Outbox, Remembered, VectorMemory


class Remember(Work[ReportedMemory]):
    """It waits for no sibling: verdicts are joined by claim id when something is looked up."""

    name = StepName.MEMORY
    value = ReportedMemory

    def __init__(self, memory: VectorMemory, embedder: str, outbox: Outbox | None = None) -> None:
        self.memory = memory
        self._embedder = embedder
        self._outbox = outbox

    @override
    async def run(self, results: Results) -> Done[ReportedMemory]:
        records = {record.record_id: record for record in records_of(results)}
        value = ReportedMemory(
            passages=len(results.passages),
            claims=len(results.notes.claims),
            collection=self.memory.collection,
            embedder=self._embedder,
        )
        try:
            missing = await self.memory.missing(list(records))
            await self.memory.remember([record for id_, record in records.items() if id_ in missing])
        except StoreUnavailable as error:
            if self._outbox is None:
                raise
            return await kept_for_later(value, {MEMORY: records}, self._outbox, error)
        return Done(value, detail=f"{len(records)} records, {len(missing)} new")

    @override
    def put(self, results: Results, value: ReportedMemory) -> Results:
        return results.model_copy(update={"memory": value})


def records_of(results: Results) -> list[Remembered]:
    """Everything of a run that memory keeps, in a fixed order, each id once."""
    records = [passage_record(passage) for passage in results.passages]
    for kind, notes in (("key_point", results.notes.key_points), ("claim", results.notes.claims)):
        records += [_record(kind, note, results) for note in notes]
    return list({record.record_id: record for record in records}.values())


def passage_record(passage: Passage) -> Remembered:
    """A passage as memory keeps it."""
    return Remembered(
        record_id=passage.id,
        kind="passage",
        source_id=passage.source_id,
        passage_id=passage.id,
        text=passage.text,
    )


def _record(kind: str, note: Note, results: Results) -> Remembered:
    return Remembered(
        record_id=note_id(kind, note, results.source.id),
        kind=kind,
        source_id=results.source.id,
        passage_id=passage_of(note.citation, results.passages).id,
        text=note.text,
    )


def note_id(kind: str, note: Note, source_id: str) -> str:
    """A note's id across runs: its words and place, not its number."""
    citation = note.citation
    return content_id(kind, source_id, str(citation.start), str(citation.paragraph), citation.quote, note.text)
