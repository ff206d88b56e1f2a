"""The answers that programs get, over HTTP and MCP alike. Every one carries the quotes it rests on. Public API."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from autointel.domain.citation import Citation
from autointel.domain.value import Value


class Quote(Value):
    """A verbatim quote and where it stands. ``second`` is None where the source has no times."""

    quote: str
    speaker: str | None = None
    second: float | None = None
    approximate: bool = False
    paragraph: int | None = None
    place: str | None = Field(default=None, description='page ("p. 12") or chapter of a document')
    source: str = Field(default="", description="title of the source")
    url: str | None = Field(default=None, description="opens the moment, where it can")

    @classmethod
    def of(cls, citation: Citation, title: str, speaker: str | None = None) -> Quote:
        """The citation, with the title of its source."""
        return cls(
            quote=citation.quote,
            speaker=speaker or citation.speaker,
            second=citation.start,
            approximate=citation.approximate,
            paragraph=citation.paragraph,
            place=citation.place,
            source=title,
            url=citation.url,
        )


class FoundPassage(Value):
    """A passage: the sentence that fits best, and all of its words."""

    citation: Quote
    text: str
    source_id: str
    score: float = Field(description="comparable within one answer only")


class SearchAnswer(Value):
    """Passages, best first. ``nothing_read`` where no source has been saved yet."""

    query: str
    passages: tuple[FoundPassage, ...] = ()
    warnings: tuple[str, ...] = ()
    nothing_read: bool = False


class AskAnswer(Value):
    """An answer from what was read. ``held`` is false where memory does not hold one.

    Without a model ``answer`` is null, and the citations are where to read. [1] in an answer is the first passage.
    """

    question: str
    held: bool
    answer: str | None = None
    remark: str = ""
    citations: tuple[Quote, ...] = ()
    passages: tuple[FoundPassage, ...] = ()
    warnings: tuple[str, ...] = ()


class NeighbourAnswer(Value):
    """Something an entity is related to. ``outgoing``: the entity is the relation's subject.

    ``differs`` are quotes that deny what the citations say, or name another direction, number or year.
    """

    name: str
    kind: str
    predicate: str
    outgoing: bool
    weight: int
    citations: tuple[Quote, ...] = ()
    differs: tuple[Quote, ...] = ()


class EntityAnswer(Value):
    """A person, place or thing, with what it is related to."""

    name: str
    kind: str
    mentions: int
    confidence: str
    neighbours: tuple[NeighbourAnswer, ...] = ()
    citations: tuple[Quote, ...] = ()


class GraphAnswer(Value):
    """Entities of a name; ``nearest`` has names that are spelt alike where none is found."""

    name: str
    entities: tuple[EntityAnswer, ...] = ()
    nearest: tuple[str, ...] = ()
    nothing_read: bool = False


class SourceAnswer(Value):
    """A source that was read: its newest briefing."""

    run_id: str
    source_id: str | None
    title: str
    address: str
    read_at: datetime
    engine: str
    state: str

    @property
    def facts(self) -> str:
        """When, by which engine, and from where, in a line."""
        return f"{self.read_at:%Y-%m-%d} · {self.engine} · {self.address}"


class SourcesAnswer(Value):
    """What has been read, newest first."""

    sources: tuple[SourceAnswer, ...] = ()


class JudgmentAnswer(Value):
    """A key judgment, with its citations."""

    text: str
    likelihood: str
    confidence: str
    citations: tuple[Quote, ...]


class EvidenceAnswer(Value):
    """A page that bears on a claim; the quote is verbatim from the page."""

    quote: str
    stance: str
    title: str
    url: str
    published_at: date | None = None


class ClaimAnswer(Value):
    """A claim of the source; ``verdict`` is null where no engine judged it."""

    text: str
    verdict: str | None
    confidence: str | None = None
    rationale: str | None = None
    citation: Quote
    evidence: tuple[EvidenceAnswer, ...] = ()


class NoteAnswer(Value):
    """An insight, theme, fallacy, perspective, representative quote or possible factual claim."""

    kind: str
    text: str
    citations: tuple[Quote, ...]


class BriefingAnswer(Value):
    """A briefing. ``simulated`` where no real model wrote it; ``left_out`` says what is not in it, and why."""

    run_id: str
    title: str
    address: str
    author: str | None = None
    published_at: date | None = None
    duration_seconds: float | None = None
    engine: str
    simulated: bool = False
    judgments: tuple[JudgmentAnswer, ...] = ()
    claims: tuple[ClaimAnswer, ...] = ()
    notes: tuple[NoteAnswer, ...] = ()
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class DifferenceAnswer(Value):
    """An earlier statement, by its number from 1, and in what this one differs; not who is right."""

    number: int
    what: str


class StatementAnswer(Value):
    """Who said it, where and when; ``verdict`` where the claim was checked."""

    citation: Quote
    published_at: date | None = None
    verdict: str | None = None
    differs: tuple[DifferenceAnswer, ...] = ()


class LedgerAnswer(Value):
    """The statements on a subject, in the order of time."""

    subject: str
    statements: tuple[StatementAnswer, ...] = ()
    nothing_read: bool = False
