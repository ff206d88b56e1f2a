"""A briefing as programs get it, over HTTP and MCP alike: every part carries its quotes. Public API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from autointel.domain.analysis import Finding
from autointel.domain.citation import Citation
from autointel.domain.report import Report, ReportedClaim
from autointel.domain.run import Outcome
from autointel.domain.value import Value
from autointel.web.answers import Quote


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
        quote = Quote(
            quote=claim.quote,
            speaker=claim.speaker,
            second=claim.start,
            approximate=claim.approximate,
            paragraph=claim.paragraph,
            place=claim.place,
            source=title,
            url=claim.url,
        )
        return cls(
            text=claim.text,
            verdict=claim.verdict,
            confidence=claim.confidence,
            rationale=claim.rationale,
            citation=quote,
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
