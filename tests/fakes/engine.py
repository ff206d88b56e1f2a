"""An engine whose steps meet each other: each waits, behind its port, for those it may overlap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio

from autointel.domain.analysis import (
    Analysis,
    Checked,
    CheckedClaim,
    Excerpt,
    Fallacy,
    Insight,
    KeyJudgment,
    Likelihood,
    Perspective,
    Theme,
)
from autointel.domain.citation import Citation
from autointel.domain.knowledge import Entity, Neighbour, Relation
from autointel.domain.notes import Claim, EntityMention, KeyPoint, Notes, RelationMention
from autointel.domain.report import Results
from autointel.domain.run import Depth, StepName, StepReport, Usage
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.domain.value import Confidence
from autointel.errors import AutointelError
from autointel.pipeline.brief import Brief, Judged
from autointel.pipeline.fact_check import FactCheck
from autointel.pipeline.fallacies import Fallacies, FallaciesFound
from autointel.pipeline.insights import Insights, InsightsFound
from autointel.pipeline.perspectives import Perspectives, PerspectivesFound
from autointel.pipeline.read import Read
from autointel.pipeline.step import AnyStep, Done, Later, Work
from autointel.pipeline.store import Relate, Remember
from autointel.pipeline.transcribe import Transcribe, Transcribed
from autointel.ports import KnowledgeGraph, Listener, Model, Reader, Remembered, Reply, VectorMemory

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
class FakeEngine(Reader):
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

    async def insights(self, results: Results) -> Done[InsightsFound]:
        await self._at(StepName.INSIGHTS)
        finding = {"confidence": Confidence.MEDIUM, "method": results.notes.method, "citations": (CITATION,)}
        return Done(
            InsightsFound(
                insights=(Insight(text="They differ on who pays.", **finding),),
                themes=(Theme(text="Money", **finding),),
            )
        )

    async def fallacies(self, results: Results) -> Done[FallaciesFound]:
        await self._at(StepName.FALLACIES)
        fallacy = Fallacy(
            text="Only two ways out are named.",
            type="false dilemma",
            premise="There are two.",
            counter_reading="He names a third later.",
            confidence=Confidence.LOW,
            method=results.notes.method,
            citations=(CITATION,),
        )
        return Done(FallaciesFound(fallacies=(fallacy,)))

    async def perspectives(self, results: Results) -> Done[PerspectivesFound]:
        await self._at(StepName.PERSPECTIVES)
        perspective = Perspective(
            text="The city should pay.",
            holder="Ana",
            grounds="The gap.",
            missing="From what.",
            confidence=Confidence.LOW,
            method=results.notes.method,
            citations=(CITATION,),
        )
        return Done(PerspectivesFound(perspectives=(perspective,)))

    async def check(self, results: Results) -> Done[Checked]:
        await self._at(StepName.FACT_CHECK)
        claims = results.notes.claims
        return Done(
            Checked(claims=tuple(CheckedClaim(id=each.id, text=each.text, citation=each.citation) for each in claims))
        )

    async def judge(self, results: Results) -> Done[Judged]:
        del results
        await self._at(StepName.BRIEF)
        judgment = KeyJudgment(
            text="The gap is what they fight over.",
            likelihood=Likelihood.LIKELY,
            confidence=Confidence.HIGH,
            citations=(CITATION,),
        )
        return Done(Judged(judgments=(judgment,)))

    def steps(self) -> list[AnyStep]:
        """All nine, in the pipeline's order."""
        return [
            Transcribe(self.found),
            Read(self, survey),
            StandIn(Insights(), self.insights),
            StandIn(Fallacies(), self.fallacies),
            StandIn(Perspectives(), self.perspectives),
            StandIn(FactCheck(Unasked(), (), Heard(), Depth.STANDARD), self.check),
            Remember(MeetingMemory(self), "fake/1"),
            Relate(MeetingGraph(self), "default", "run-1"),
            StandIn(Brief(Heard()), self.judge),
        ]


class StandIn(Work[Any]):
    """A step whose work a fake does; all else is the real step's."""

    def __init__(self, real: Later[Any], work: Callable[[Results], Awaitable[Done[Any]]]) -> None:
        self.name, self.value = real.name, real.value
        self._real = real
        self._work = work

    async def run(self, results: Results) -> Done[Any]:
        return await self._work(results)

    def inputs(self, results: Results) -> str:
        return self._real.inputs(results)

    def put(self, results: Results, value: Any) -> Results:
        return self._real.put(results, value)

    def without(self, error: AutointelError) -> Done[Any] | None:
        return self._real.without(error)


class Unasked(Model):
    """A model that nobody is to ask."""

    @property
    def usage(self) -> Usage:
        return Usage()

    async def ask(
        self, role: str, system: str, user: str, schema: type[Reply], *, step: StepName, smaller: bool = False
    ) -> Reply:
        raise AssertionError(f"{role} asked a model: {(system, user, schema, step, smaller)}")


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

    async def forget(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            self.stored.pop(id_, None)

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

    async def forget_relations(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            self.relations.pop(id_, None)

    async def between(self, pairs: Collection[tuple[str, str]]) -> list[Relation]:
        return [each for each in self.relations.values() if (each.subject_id, each.object_id) in pairs]

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
    replacements: list[Source] = field(default_factory=list)

    def replaced(self, older: Source, newer: Source) -> None:
        del newer
        self.replacements.append(older)

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
