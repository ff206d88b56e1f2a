"""Look-ups in what was saved, as answers for other programs. Nothing is created; crewai is never imported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import unescape
from typing import Final

from autointel.app.answering import ask_memory
from autointel.app.lookup import (
    Known,
    PastRun,
    know,
    near_names,
    past_results,
    past_run,
    past_runs,
    search_memory,
)
from autointel.app.statements import ledger_of
from autointel.domain.analysis import Finding
from autointel.domain.citation import Citation
from autointel.domain.knowledge import Neighbour, Provenance
from autointel.domain.report import Report, ReportedClaim
from autointel.domain.run import Engine, Outcome
from autointel.errors import UsageError
from autointel.memory.ask import Answered
from autointel.memory.findings import Found
from autointel.memory.ledger import Entry
from autointel.ports import Listener
from autointel.settings import Settings
from autointel.web.answers import (
    AskAnswer,
    BriefingAnswer,
    ClaimAnswer,
    DifferenceAnswer,
    EntityAnswer,
    EvidenceAnswer,
    FoundPassage,
    GraphAnswer,
    JudgmentAnswer,
    LedgerAnswer,
    NeighbourAnswer,
    NoteAnswer,
    Quote,
    SearchAnswer,
    SourceAnswer,
    SourcesAnswer,
    StatementAnswer,
)

Choose = Callable[[str], Engine]
"""The engine for auto, llm or local. Raises UsageError where there is none."""

_POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"')
_LONGEST: Final = 2_000  # characters of a question
_MOST: Final = 100
_WEEK: Final = 7.0  # days
_RUNS: Final = 1_000
_READ: Final = frozenset({"done", "partial"})


class Library:
    """The saved sources of one namespace. Blocks: call it off the event loop. Raises UsageError, HomeUnusable."""

    def __init__(self, settings: Settings, namespace: str, choose: Choose, listener: Listener) -> None:
        self._settings = settings
        self._namespace = namespace
        self._choose = choose
        self._listener = listener

    @property
    def namespace(self) -> str:
        """The name that everything here is saved under."""
        return self._namespace

    def search(self, query: str, limit: int = 10) -> SearchAnswer:
        """The passages that fit best."""
        query = _checked(query, "The query")
        found = search_memory(self._settings, self._namespace, query, _limit(limit), self._listener)
        if found is None:
            return SearchAnswer(query=query, nothing_read=True)
        return SearchAnswer(query=query, passages=tuple(map(_passage, found.found)), warnings=found.warnings)

    def ask(self, question: str, limit: int = 5, engine: str = "auto") -> AskAnswer:
        """An answer with citations. Raises ModelRefused."""
        question = _checked(question, "The question")
        chosen = self._choose(engine)
        answered = ask_memory(self._settings, self._namespace, question, _limit(limit), self._listener, engine=chosen)
        if answered is None:
            return AskAnswer(question=question, held=False, remark="Nothing has been read yet.")
        return _answer(answered)

    def graph(self, name: str, limit: int = 10) -> GraphAnswer:
        """Entities of that name with what they are related to. Raises StoreUnavailable."""
        name = _checked(name, "The entity's name")
        found = know(self._settings, self._namespace, name, _limit(limit), self._listener)
        if found is None:
            return GraphAnswer(name=name, nothing_read=True)
        nearest = () if found else near_names(self._settings, self._namespace, name, self._listener)
        return GraphAnswer(name=name, entities=tuple(map(_entity, found)), nearest=tuple(nearest))

    def ledger(self, subject: str, limit: int = 20) -> LedgerAnswer:
        """Who said what on the subject, in the order of time."""
        subject = _checked(subject, "The subject")
        found = ledger_of(self._settings, self._namespace, subject, _limit(limit), self._listener)
        if found is None:
            return LedgerAnswer(subject=subject, nothing_read=True)
        return LedgerAnswer(subject=subject, statements=tuple(map(_statement, found.entries)))

    def metrics(self) -> str:
        """The times of the last week in Prometheus' format."""
        from autointel.app.perf import performance
        from autointel.render.performance import as_prometheus

        return as_prometheus(performance(self._settings, _WEEK))

    def sources(self, limit: int = _MOST) -> SourcesAnswer:
        """What has been read, each with its newest briefing."""
        return SourcesAnswer(sources=tuple(_source(run) for run in self._newest()[:limit]))

    def report(self, named: str) -> Report:
        """The report of a run, by its id or the beginning of one, or of a source: its id, address or title."""
        named = _checked(named, "The name")
        for run in self._newest():
            if named in {run.record.source_id, run.record.options.source, run.record.title}:
                named = run.record.id
                break
        found = past_run(self._settings, named)
        if found.record.namespace != self._namespace:
            raise UsageError(f"There is no run {named} here.", "The list of sources names their runs.")
        if found.report is None:
            raise UsageError(f"The run {found.record.id} has no briefing.", f"autointel resume {found.record.id}")
        return found.report

    def briefing(self, named: str) -> BriefingAnswer:
        """The same, as an answer."""
        return briefing_of(self.report(named))

    def page(self, named: str) -> tuple[str, str]:
        """The briefing as ``report.html`` has it, and the Content-Security-Policy that it is made for."""
        from autointel.render.html.page import html_page

        report = self.report(named)
        results = past_results(self._settings, report.run_id)
        if results is None:
            raise UsageError("The transcript of this run is not saved.", "Brief its source again.")
        page = html_page(report, results)
        policy = _POLICY.search(page)
        return page, unescape(policy[1]) if policy else "default-src 'none'"

    def _newest(self) -> list[PastRun]:
        runs: dict[str, PastRun] = {}
        for run in past_runs(self._settings, _RUNS):
            if run.record.namespace == self._namespace and run.record.state in _READ:
                runs.setdefault(run.record.source_id or run.record.id, run)
        return list(runs.values())


def _checked(text: str, what: str) -> str:
    text = text.strip()
    if not text:
        raise UsageError(f"{what} is empty.", "Give a word or more.")
    if len(text) > _LONGEST:
        raise UsageError(f"{what} is longer than {_LONGEST:,} characters.", "Shorten it.")
    return text


def _limit(limit: int) -> int:
    if not 1 <= limit <= _MOST:
        raise UsageError(f"The limit {limit} is not between 1 and {_MOST}.", "Give a number in between.")
    return limit


def _passage(found: Found) -> FoundPassage:
    quote = Quote.of(found.citation, found.source_title, found.speaker)
    return FoundPassage(citation=quote, text=found.passage.text, source_id=found.passage.source_id, score=found.score)


def _answer(answered: Answered) -> AskAnswer:
    passages = tuple(map(_passage, answered.found))
    titles = {found.citation: passage.citation for found, passage in zip(answered.found, passages, strict=True)}
    return AskAnswer(
        question=answered.question,
        held=answered.held,
        answer=answered.answer,
        remark=answered.remark,
        citations=tuple(titles.get(each) or Quote.of(each, "") for each in answered.citations),
        passages=passages,
        warnings=answered.warnings,
    )


def _statement(entry: Entry) -> StatementAnswer:
    return StatementAnswer(
        citation=Quote.of(entry.citation, entry.source_title, entry.speaker),
        published_at=entry.published_at,
        verdict=entry.verdict,
        differs=tuple(DifferenceAnswer(number=each.number, what=each.what) for each in entry.differs),
    )


def _entity(known: Known) -> EntityAnswer:
    entity = known.entity
    return EntityAnswer(
        name=entity.name,
        kind=entity.kind,
        mentions=entity.mentions,
        confidence=entity.confidence,
        neighbours=tuple(_neighbour(each, known) for each in known.neighbours),
        citations=tuple(Quote.of(each.citation, each.source_title) for each in known.quotes),
    )


def _neighbour(neighbour: Neighbour, known: Known) -> NeighbourAnswer:
    def quoted(where: Provenance) -> Quote:
        title = known.titles.get(where.source_id, "")
        return Quote(quote=where.quote, second=where.start, paragraph=where.paragraph, source=title)

    return NeighbourAnswer(
        name=neighbour.entity.name,
        kind=neighbour.entity.kind,
        predicate=neighbour.predicate,
        outgoing=neighbour.outgoing,
        weight=neighbour.weight,
        citations=tuple(map(quoted, neighbour.provenance)),
        differs=tuple(quoted(other) for each in neighbour.provenance for other in each.contradicted_by),
    )


def _source(run: PastRun) -> SourceAnswer:
    record = run.record
    return SourceAnswer(
        run_id=record.id,
        source_id=record.source_id,
        title=record.title or record.options.source,
        address=record.options.source,
        read_at=record.created_at,
        engine=record.engine,
        state=run.state,
    )


def briefing_of(report: Report) -> BriefingAnswer:
    """The report without its figures, and with the title of its source at every quote."""
    source = report.source

    def quotes(citations: Iterable[Citation]) -> tuple[Quote, ...]:
        return tuple(Quote.of(each, source.title) for each in citations)

    return BriefingAnswer(
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
        claims=tuple(_claim(each, source.title) for each in report.fact_check.claims),
        notes=tuple(
            NoteAnswer(kind=kind, text=each.text, citations=quotes(each.citations)) for kind, each in _notes(report)
        ),
        left_out=tuple(
            f"{step.name}: {step.outcome} ({step.reason})" for step in report.steps if step.outcome is not Outcome.DONE
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


def _claim(claim: ReportedClaim, title: str) -> ClaimAnswer:
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
    return ClaimAnswer(
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
