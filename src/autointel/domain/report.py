"""The whole of a run as one object: what ``--json`` prints and ``report.json`` holds. Its schema is public API.

``Results`` holds the findings of the steps while the run goes on; ``Report`` is made of it at the end.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal

from pydantic import Field

from autointel.domain.analysis import Analysis, Briefing, CheckedClaim, Dropped, Evidence, Verdict
from autointel.domain.notes import Notes
from autointel.domain.passage import Passage
from autointel.domain.performance import InsertionMetrics, LayerWrite
from autointel.domain.run import Depth, Engine, Flags, Outcome, StepName, StepReport, Timing, Usage
from autointel.domain.transcript import Chapter, Origin, Quality, Source, SourceKind, Transcript, Trust
from autointel.domain.value import Confidence, Value

_TOP_ENTITIES: Final = 25


class ReportedSource(Value):
    """The source of a transcript."""

    url: str | None
    path: str | None
    media_url: str | None = None
    kind: SourceKind
    title: str
    author: str | None
    published_at: date | None
    duration_seconds: float | None
    language: str | None


class ReportedTranscript(Value):
    """The transcript in numbers; the words themselves are in ``transcript.json``."""

    origin: Origin
    trust: Trust
    segments: int
    words: int
    speakers: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    quality: Quality = Quality()
    redacted: dict[str, int] = Field(default={}, description="what --privacy redact replaced, by kind")


class ReportedClaim(Value):
    """A claim, flat: the quote and its place stand beside the verdict."""

    id: str
    text: str
    quote: str
    start: float | None
    end: float | None
    paragraph: int | None
    place: str | None = None
    url: str | None
    approximate: bool = False
    within: tuple[float, float] | None = None
    speaker: str | None
    verdict: Verdict | None
    confidence: Confidence | None
    rationale: str | None
    evidence: tuple[Evidence, ...]


class ReportedFactCheck(Value):
    """All checked claims."""

    claims: tuple[ReportedClaim, ...] = ()


class ReportedMemory(Value):
    """Records of this source in memory, and how they were written."""

    passages: int = 0
    claims: int = 0
    collection: str | None = None
    embedder: str | None = None
    layers: tuple[LayerWrite, ...] = ()
    insertion: InsertionMetrics | None = None


class TopEntity(Value):
    """An entity that this source speaks of often."""

    name: str
    kind: str
    mentions: int
    confidence: Confidence


class ReportedGraph(Value):
    """Entities and relations of this source in the graph, and how they were written."""

    entities: int = 0
    relations: int = 0
    backend: str | None = None
    top_entities: tuple[TopEntity, ...] = ()
    layers: tuple[LayerWrite, ...] = ()
    insertion: InsertionMetrics | None = None


class Report(Value):
    """Everything about a run, schema version 1."""

    schema_version: Literal[1] = 1
    run_id: str
    created_at: datetime
    engine: Engine
    simulated: bool = Field(default=False, description="true where a simulated model wrote any of this")
    depth: Depth
    namespace: str
    flags: Flags
    source: ReportedSource
    transcript: ReportedTranscript
    analysis: Analysis
    fact_check: ReportedFactCheck
    memory: ReportedMemory
    graph: ReportedGraph
    briefing: Briefing
    steps: tuple[StepReport, ...]
    timing: Timing
    usage: Usage
    warnings: tuple[str, ...]

    def artifacts(self) -> dict[str, object]:
        """The part that must not depend on flags or the clock: all but ids, flags, times and how things were stored."""
        kept = self.model_dump(mode="json", exclude={"run_id", "created_at", "flags", "timing", "usage", "steps"})
        for store in ("memory", "graph"):
            kept[store] = {name: each for name, each in kept[store].items() if name not in {"layers", "insertion"}}
        kept["steps"] = [
            step.model_dump(mode="json", include={"name", "outcome", "reason", "hint"}) for step in self.steps
        ]
        return kept


def top_entities(notes: Notes) -> tuple[TopEntity, ...]:
    """The most mentioned, ties in the order of the notes."""
    ranked = sorted(notes.entities, key=lambda mention: -mention.mentions)[:_TOP_ENTITIES]
    return tuple(
        TopEntity(name=mention.name, kind=mention.kind, mentions=mention.mentions, confidence=mention.confidence)
        for mention in ranked
    )


class Results(Value):
    """All findings so far. A field has its default until its step is done."""

    source: Source
    transcript: Transcript
    passages: tuple[Passage, ...] = ()
    notes: Notes = Notes(method="unread")
    analysis: Analysis = Analysis()
    claims: tuple[CheckedClaim, ...] = ()
    memory: ReportedMemory = ReportedMemory()
    graph: ReportedGraph = ReportedGraph()
    briefing: Briefing | None = None
    dropped: Dropped = Dropped()
    simulated: bool = False
    steps: tuple[StepReport, ...] = ()

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The source's own chapters, else those that reading found."""
        return self.transcript.chapters or self.notes.chapters

    def step(self, name: StepName) -> StepReport | None:
        """The report of a step that has ended, or None."""
        return next((report for report in self.steps if report.name is name), None)

    @property
    def incomplete(self) -> tuple[StepReport, ...]:
        """Steps that did not end ``done``, for the briefing's last section."""
        return tuple(report for report in self.steps if report.outcome is not Outcome.DONE)
