"""Store passages, key points and claims in vector memory, by id: what is there already is not stored again."""

from __future__ import annotations

from contextlib import suppress

from typing_extensions import override

from autointel.domain.notes import Note
from autointel.domain.passage import Passage, passage_of
from autointel.domain.report import ReportedMemory, Results
from autointel.domain.run import StepName
from autointel.domain.value import content_id
from autointel.errors import StoreUnavailable
from autointel.pipeline.step import Done, Work
from autointel.pipeline.storing import EPISODES, MEMORY, PASSAGES, STALE_RECORDS, Layer, kept_for_later, write_layers
from autointel.ports import Outbox, Remembered, VectorMemory
from autointel.render.plain_text import count


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
        kinds = {PASSAGES: True, EPISODES: False}
        written = await write_layers(
            {
                layer: self._layer({id_: each for id_, each in records.items() if (each.kind == "passage") is is_raw})
                for layer, is_raw in kinds.items()
            }
        )
        value = value.model_copy(
            update={
                "layers": tuple(each.write for each in written.values()),
                "insertion": self.memory.get_insertion_metrics(),
            }
        )
        lost = frozenset().union(*(each.lost for each in written.values()))
        error = next((each.error for each in written.values() if each.error), None)
        if self._outbox is not None:
            await self._outbox.strike(MEMORY, records.keys() - lost)
        if error is not None:
            if self._outbox is None:
                raise error
            waiting = {id_: record for id_, record in records.items() if id_ in lost}
            return await kept_for_later(value, {MEMORY: waiting}, self._outbox, error)
        await self._forget_stale()
        new = sum(each.write.new for each in written.values())
        return Done(value, detail=f"{count(len(records), 'record')}, {new} new")

    def _layer(self, records: dict[str, Remembered]) -> Layer:
        async def store(ids: set[str]) -> None:
            await self.memory.remember([record for id_, record in records.items() if id_ in ids])

        return Layer(list(records), self.memory.missing, store)

    async def _forget_stale(self) -> None:
        """Remove what an earlier version of a source left; where the store does not answer, another run does it."""
        stale = await self._outbox.waiting(STALE_RECORDS) if self._outbox else []
        if self._outbox and stale:
            with suppress(StoreUnavailable):
                await self.memory.forget(stale)
                await self._outbox.strike(STALE_RECORDS, stale)

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
