"""An engine whose steps meet each other: each waits, behind its port, for those it may overlap."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from autointel.domain.analysis import Analysis, Excerpt, Fallacy, Insight, Perspective, Theme
from autointel.domain.briefing import Dropped, KeyJudgment, Likelihood
from autointel.domain.citation import Citation
from autointel.domain.fact_check import Checked, CheckedClaim
from autointel.domain.knowledge import Entity, Neighbour, Relation
from autointel.domain.notes import Claim, EntityMention, KeyPoint, Notes, RelationMention
from autointel.domain.results import Results
from autointel.domain.run import StepName, StepReport
from autointel.domain.source import Source, SourceKind
from autointel.domain.transcript import Segment, Transcript
from autointel.domain.value import Confidence
from autointel.errors import AutointelError
from autointel.pipeline.transcribe import Transcribed
from autointel.ports import (
    Analysts,
    FactChecker,
    JudgmentWriter,
    KnowledgeGraph,
    Listener,
    Reader,
    Remembered,
    VectorMemory,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

QUOTE = "The gap is eleven million."
CITATION = Citation(quote=QUOTE, start=1.0, end=3.0)
SOURCE = Source(id="s", kind=SourceKind.VTT, path="talk.vtt", title="A talk")
TRANSCRIPT = Transcript(segments=(Segment(text=QUOTE, start=1.0, end=3.0, speaker="Ana"),))


@dataclass
class Meeting:
    """Where steps meet. ``parties`` are the groups whose members wait for each other; others do not wait.

    ``seen`` has every pair that was at work at the same time. A party that does not come together within ``patience``
    seconds shows in ``missed``.
    """

    parties: Collection[frozenset[StepName]] = ()
    patience: float = 5.0
    at_work: set[StepName] = field(default_factory=set)
    seen: set[frozenset[StepName]] = field(default_factory=set)
    missed: set[StepName] = field(default_factory=set)
    order: list[StepName] = field(default_factory=list)
    _arrived: dict[StepName, anyio.Event] = field(default_factory=dict)

    @asynccontextmanager
    async def at(self, name: StepName) -> AsyncIterator[None]:
        self.order.append(name)
        self.seen |= {frozenset({name, other}) for other in self.at_work}
        self.at_work.add(name)
        self._event(name).set()
        try:
            await self._wait_for_the_others(name)
            # Stays long enough for an overlap that must not happen to be seen if it could.
            await anyio.sleep(0.02)
            yield
        finally:
            self.at_work.discard(name)

    async def _wait_for_the_others(self, name: StepName) -> None:
        for party in self.parties:
            if name in party:
                with anyio.move_on_after(self.patience) as waiting:
                    for other in party:
                        await self._event(other).wait()
                if waiting.cancelled_caught:
                    self.missed.add(name)

    def _event(self, name: StepName) -> anyio.Event:
        return self._arrived.setdefault(name, anyio.Event())


@dataclass
class FakeEngine(Reader, Analysts, FactChecker, JudgmentWriter):
    """Every role in one. ``failing`` maps a step to what it raises."""

    meeting: Meeting = field(default_factory=Meeting)
    failing: dict[StepName, Exception] = field(default_factory=dict)

    async def _at(self, name: StepName) -> None:
        async with self.meeting.at(name):
            if name in self.failing:
                raise self.failing[name]

    async def found(self) -> Transcribed:
        await self._at(StepName.TRANSCRIBE)
        return Transcribed(source=SOURCE, transcript=TRANSCRIPT)

    async def read(self, source: Source, transcript: Transcript) -> Notes:
        await self._at(StepName.READ)
        assert source.id == SOURCE.id
        assert transcript.words
        return Notes(
            method="fake",
            key_points=(KeyPoint(id="k1", text=QUOTE, citation=CITATION, speaker="Ana"),),
            claims=(Claim(id="c1", text=QUOTE, citation=CITATION, speaker="Ana", score=0.9),),
            entities=(
                EntityMention(name="Ana", citations=(CITATION,)),
                EntityMention(name="Tallinn", citations=(CITATION,)),
            ),
            relations=(
                RelationMention(subject="Ana", predicate="co-occurs with", object="Tallinn", citation=CITATION),
            ),
        )

    async def insights(self, notes: Notes) -> tuple[tuple[Insight, ...], tuple[Theme, ...]]:
        await self._at(StepName.INSIGHTS)
        finding = {"confidence": Confidence.MEDIUM, "method": notes.method, "citations": (CITATION,)}
        return (Insight(text="They differ on who pays.", **finding),), (Theme(text="Money", **finding),)

    async def fallacies(self, notes: Notes) -> tuple[Fallacy, ...]:
        await self._at(StepName.FALLACIES)
        return (
            Fallacy(
                text="Only two ways out are named.",
                type="false dilemma",
                premise="There are two.",
                counter_reading="He names a third later.",
                confidence=Confidence.LOW,
                method=notes.method,
                citations=(CITATION,),
            ),
        )

    async def perspectives(self, notes: Notes) -> tuple[Perspective, ...]:
        await self._at(StepName.PERSPECTIVES)
        return (
            Perspective(
                text="The city should pay.",
                holder="Ana",
                grounds="The gap.",
                missing="From what.",
                confidence=Confidence.LOW,
                method=notes.method,
                citations=(CITATION,),
            ),
        )

    async def check(self, source: Source, notes: Notes, *, side_by_side: bool) -> Checked:
        del source, side_by_side
        await self._at(StepName.FACT_CHECK)
        return Checked(
            claims=tuple(CheckedClaim(id=claim.id, text=claim.text, citation=claim.citation) for claim in notes.claims)
        )

    async def judge(self, results: Results) -> tuple[tuple[KeyJudgment, ...], Dropped]:
        await self._at(StepName.BRIEF)
        assert results.step(StepName.GRAPH) is not None
        judgment = KeyJudgment(
            text="The gap is what they fight over.",
            likelihood=Likelihood.LIKELY,
            confidence=Confidence.HIGH,
            citations=(CITATION,),
        )
        return (judgment,), Dropped()


def survey(notes: Notes) -> Analysis:
    """Excerpts from key points, as the local engine has it."""
    return Analysis(
        excerpts=tuple(
            Excerpt(text=point.text, confidence=Confidence.LOW, method=notes.method, citations=(point.citation,))
            for point in notes.key_points
        )
    )


@dataclass
class MeetingMemory(VectorMemory):
    """A memory that meets the other steps when it is asked what is missing."""

    engine: FakeEngine
    stored: dict[str, Remembered] = field(default_factory=dict)

    @property
    def collection(self) -> str:
        return "fake"

    async def missing(self, ids: Sequence[str]) -> set[str]:
        await self.engine._at(StepName.MEMORY)
        return set(ids) - self.stored.keys()

    async def remember(self, records: Sequence[Remembered]) -> None:
        self.stored |= {record.record_id: record for record in records}

    async def nearest(
        self, text: str, limit: int, *, kind: str = "passage", not_source: str | None = None
    ) -> list[tuple[Remembered, float]]:
        del text, not_source
        return [(record, 1.0) for record in self.stored.values() if record.kind == kind][:limit]

    async def count(self) -> int:
        return len(self.stored)

    async def close(self) -> None:
        """Nothing is held."""


@dataclass
class MeetingGraph(KnowledgeGraph):
    """A graph that meets the other steps when it is asked what is missing."""

    engine: FakeEngine
    entities: dict[str, Entity] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)

    @property
    def backend(self) -> str:
        return "fake"

    async def missing(self, ids: Sequence[str]) -> set[str]:
        await self.engine._at(StepName.GRAPH)
        return set(ids) - self.entities.keys() - self.relations.keys()

    async def relate(self, entities: Sequence[Entity], relations: Sequence[Relation]) -> None:
        self.entities |= {entity.id: entity for entity in entities}
        self.relations |= {relation.id: relation for relation in relations}

    async def find(self, name: str, limit: int) -> list[Entity]:
        return [entity for entity in self.entities.values() if name.casefold() in entity.name.casefold()][:limit]

    async def neighbours(self, entity_id: str, limit: int) -> list[Neighbour]:
        del entity_id, limit
        return []

    async def count(self) -> tuple[int, int]:
        return len(self.entities), len(self.relations)

    async def close(self) -> None:
        """Nothing is held."""


@dataclass
class Heard(Listener):
    """A listener that remembers what it was told."""

    ended: list[StepReport] = field(default_factory=list)
    started: list[StepName] = field(default_factory=list)
    judgments: list[KeyJudgment] = field(default_factory=list)
    found: list[Source] = field(default_factory=list)

    def source_found(self, source: Source, transcript: Transcript) -> None:
        del transcript
        self.found.append(source)

    def step_started(self, name: StepName) -> None:
        self.started.append(name)

    def step_progress(self, name: StepName, done: int, total: int, unit: str) -> None:
        """Not remembered: nobody asks."""

    def step_ended(self, report: StepReport) -> None:
        self.ended.append(report)

    def judgment(self, judgment: KeyJudgment) -> None:
        self.judgments.append(judgment)

    def waiting(self, what: str) -> None:
        raise AutointelError(f"nothing here waits, and yet: {what}")
