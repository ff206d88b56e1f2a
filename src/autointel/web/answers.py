"""The answers that programs get, over HTTP and MCP alike. Every one carries the quotes it rests on. Public API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from pydantic import Field

from autointel.app.library import ReadSource
from autointel.app.lookup import Known
from autointel.domain.analysis import Finding
from autointel.domain.citation import Citation, moment_url
from autointel.domain.knowledge import Neighbour, Provenance
from autointel.domain.report import Report, ReportedClaim
from autointel.domain.run import Outcome
from autointel.domain.value import Value
from autointel.memory.ask import quotes_of
from autointel.memory.findings import Answered, Found, Sentence
from autointel.memory.ledger import Entry


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
    def of(cls, citation: Citation | ReportedClaim, title: str, speaker: str | None = None) -> Quote:
        """The citation or claim, with the title of its source."""
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

    @classmethod
    def of(cls, found: Found) -> FoundPassage:
        """A moment of a search."""
        quote = Quote.of(found.citation, found.source_title, found.speaker)
        return cls(citation=quote, text=found.passage.text, source_id=found.passage.source_id, score=found.score)


class SearchAnswer(Value):
    """Passages, best first. ``nothing_read`` where no source has been saved yet."""

    query: str
    passages: tuple[FoundPassage, ...] = ()
    warnings: tuple[str, ...] = ()
    nothing_read: bool = False


class SentenceAnswer(Value):
    """A sentence of an answer, and the quotes that carry it."""

    text: str
    citations: tuple[Quote, ...]

    @classmethod
    def of(cls, sentence: Sentence, quotes: Iterable[Found]) -> SentenceAnswer:
        """A sentence that was checked."""
        return cls(text=sentence.text, citations=tuple(FoundPassage.of(each).citation for each in quotes))


class AskAnswer(Value):
    """An answer from what was read. ``held`` is false where memory does not hold one.

    Without a model ``answer`` is null, and the citations are where to read. [1] in an answer is the first passage;
    ``sentences`` are the answer in parts, each with its own quotes.
    """

    question: str
    held: bool
    answer: str | None = None
    sentences: tuple[SentenceAnswer, ...] = ()
    remark: str = ""
    citations: tuple[Quote, ...] = ()
    passages: tuple[FoundPassage, ...] = ()
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, answered: Answered) -> AskAnswer:
        """The answer, with the title of its source at every quote."""
        passages = tuple(map(FoundPassage.of, answered.found))
        titled = {found.citation: passage.citation for found, passage in zip(answered.found, passages, strict=True)}
        return cls(
            question=answered.question,
            held=answered.held,
            answer=answered.answer,
            sentences=tuple(SentenceAnswer.of(each, quotes_of(each, answered.found)) for each in answered.sentences),
            remark=answered.remark,
            citations=tuple(titled.get(each) or Quote.of(each, "") for each in answered.citations),
            passages=passages,
            warnings=answered.warnings,
        )


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

    @classmethod
    def of(cls, neighbour: Neighbour, known: Known) -> NeighbourAnswer:
        """A neighbour of the entity that is ``known``."""

        def quoted(where: Provenance) -> Quote:
            source = known.sources.get(where.source_id)
            return Quote(
                quote=where.quote,
                second=where.start,
                approximate=known.is_estimated(where),
                paragraph=where.paragraph,
                source=source.title if source else "",
                url=moment_url(source.media_url or source.url, where.start) if source else None,
            )

        return cls(
            name=neighbour.entity.name,
            kind=neighbour.entity.kind,
            predicate=neighbour.predicate,
            outgoing=neighbour.outgoing,
            weight=neighbour.weight,
            citations=tuple(map(quoted, neighbour.provenance)),
            differs=tuple(quoted(other) for each in neighbour.provenance for other in each.contradicted_by),
        )


class EntityAnswer(Value):
    """A person, place or thing, with what it is related to."""

    name: str
    kind: str
    mentions: int
    confidence: str
    neighbours: tuple[NeighbourAnswer, ...] = ()
    citations: tuple[Quote, ...] = ()

    @classmethod
    def of(cls, known: Known) -> EntityAnswer:
        """An entity of the graph."""
        entity = known.entity
        return cls(
            name=entity.name,
            kind=entity.kind,
            mentions=entity.mentions,
            confidence=entity.confidence,
            neighbours=tuple(NeighbourAnswer.of(each, known) for each in known.neighbours),
            citations=tuple(Quote.of(each.citation, each.source_title) for each in known.quotes),
        )


class GraphAnswer(Value):
    """Entities of a name; ``nearest`` has names that are spelt alike where none is found."""

    name: str
    entities: tuple[EntityAnswer, ...] = ()
    nearest: tuple[str, ...] = ()
    nothing_read: bool = False


class SourceAnswer(Value):
    """A source that was read. ``run_id`` is its newest briefing, null where no run came to its end."""

    run_id: str | None
    source_id: str
    title: str
    address: str
    published_at: date | None = None
    speakers: tuple[str, ...] = ()
    verdicts: dict[str, int] = Field(default_factory=dict, description="claims by verdict")
    read_at: datetime | None = None
    engine: str | None = None
    state: str | None = None

    @property
    def facts(self) -> str:
        """When, by which engine, and from where, in a line."""
        read = f"{self.read_at:%Y-%m-%d}" if self.read_at else "no finished run"
        return " · ".join(filter(None, (read, self.engine, self.address)))

    @classmethod
    def of(cls, read: ReadSource) -> SourceAnswer:
        """A source of the library."""
        source, run = read.source, read.run
        return cls(
            run_id=run and run.id,
            source_id=source.id,
            title=source.title,
            address=source.url or source.path or "",
            published_at=source.published_at,
            speakers=read.speakers,
            verdicts={verdict or "NOT_CHECKED": number for verdict, number in read.verdicts.items()},
            read_at=run and run.created_at,
            engine=run and run.engine,
            state=run and run.state,
        )


class SourcesAnswer(Value):
    """What has been read, newest first."""

    sources: tuple[SourceAnswer, ...] = ()


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

    @classmethod
    def of(cls, entry: Entry) -> StatementAnswer:
        """An entry of the ledger."""
        return cls(
            citation=Quote.of(entry.citation, entry.source_title, entry.speaker),
            published_at=entry.published_at,
            verdict=entry.verdict,
            differs=tuple(DifferenceAnswer(number=each.number, what=each.what) for each in entry.differs),
        )


class LedgerAnswer(Value):
    """The statements on a subject, in the order of time."""

    subject: str
    statements: tuple[StatementAnswer, ...] = ()
    nothing_read: bool = False


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

    @classmethod
    def of(cls, claim: ReportedClaim, title: str) -> ClaimAnswer:
        """A claim of a report on the source of that title."""
        return cls(
            text=claim.text,
            verdict=claim.verdict,
            confidence=claim.confidence,
            rationale=claim.rationale,
            citation=Quote.of(claim, title),
            evidence=tuple(
                EvidenceAnswer(
                    quote=each.quote,
                    stance=each.stance,
                    title=each.title,
                    url=each.url,
                    published_at=each.published_at,
                )
                for each in claim.evidence
            ),
        )


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

    @classmethod
    def of(cls, report: Report) -> BriefingAnswer:
        """The report without its figures, and with the title of its source at every quote."""
        source = report.source

        def quotes(citations: Iterable[Citation]) -> tuple[Quote, ...]:
            return tuple(Quote.of(each, source.title) for each in citations)

        return cls(
            run_id=report.run_id,
            title=source.title,
            address=source.url or source.path or "",
            author=source.author,
            published_at=source.published_at,
            duration_seconds=source.duration_seconds,
            engine=report.engine,
            simulated=report.simulated,
            judgments=tuple(
                JudgmentAnswer(
                    text=each.text,
                    likelihood=each.likelihood,
                    confidence=each.confidence,
                    citations=quotes(each.citations),
                )
                for each in report.briefing.judgments
            ),
            claims=tuple(ClaimAnswer.of(each, source.title) for each in report.fact_check.claims),
            notes=tuple(
                NoteAnswer(kind=kind, text=each.text, citations=quotes(each.citations)) for kind, each in _notes(report)
            ),
            left_out=tuple(
                f"{step.name}: {step.outcome} ({step.reason})"
                for step in report.steps
                if step.outcome is not Outcome.DONE
            ),
            warnings=report.warnings,
        )


def _notes(report: Report) -> Iterator[tuple[str, Finding]]:
    found = report.analysis
    kinds: tuple[tuple[str, Sequence[Finding]], ...] = (
        ("insight", found.insights),
        ("theme", found.themes),
        ("fallacy", found.fallacies),
        ("perspective", found.perspectives),
        ("representative quote", found.excerpts),
        ("possible factual claim, not checked", found.statements),
    )
    for kind, items in kinds:
        yield from ((kind, each) for each in items)
