"""What other programs ask of the library: each query of one namespace with its answer. Nothing is created."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Final

from autointel.app.answering import ask_memory
from autointel.app.library import Saved, read_sources, saved_briefing
from autointel.app.lookup import know, near_names, search_memory
from autointel.app.statements import ledger_of
from autointel.domain.report import Report
from autointel.domain.run import Engine
from autointel.errors import UsageError
from autointel.memory.findings import Show
from autointel.ports import Listener
from autointel.settings import Settings
from autointel.web.answers import (
    AskAnswer,
    BriefingAnswer,
    EntityAnswer,
    FoundPassage,
    GraphAnswer,
    LedgerAnswer,
    SearchAnswer,
    SourceAnswer,
    SourcesAnswer,
    StatementAnswer,
)

Choose = Callable[[str], Engine]
"""The engine for auto, llm or local. Raises UsageError where there is none."""

_POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"')
_LONGEST: Final = 2_000  # characters of a question
_MOST: Final = 100  # results of one query
_WEEK: Final = 7.0  # days


class Queries:
    """Asks the library of one namespace. Blocks: call it off the event loop. Raises UsageError, HomeUnusable."""

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
        return SearchAnswer(query=query, passages=tuple(map(FoundPassage.of, found.found)), warnings=found.warnings)

    def ask(
        self,
        question: str,
        limit: int = 5,
        engine: str = "auto",
        show: Show = lambda *_: None,
    ) -> AskAnswer:
        """An answer with citations. ``show`` gets each sentence as soon as it has been checked. Raises ModelRefused."""
        question = _checked(question, "The question")
        answered = ask_memory(
            self._settings,
            self._namespace,
            question,
            _limit(limit),
            self._listener,
            engine=self._choose(engine),
            show=show,
        )
        if answered is None:
            return AskAnswer(question=question, held=False, remark="Nothing has been read yet.")
        return AskAnswer.of(answered)

    def graph(self, name: str, limit: int = 10) -> GraphAnswer:
        """Entities of that name with what they are related to. Raises StoreUnavailable."""
        name = _checked(name, "The entity's name")
        found = know(self._settings, self._namespace, name, _limit(limit), self._listener)
        if found is None:
            return GraphAnswer(name=name, nothing_read=True)
        nearest = () if found else near_names(self._settings, self._namespace, name, self._listener)
        return GraphAnswer(name=name, entities=tuple(map(EntityAnswer.of, found)), nearest=tuple(nearest))

    def ledger(self, subject: str, limit: int = 20) -> LedgerAnswer:
        """Who said what on the subject, in the order of time."""
        subject = _checked(subject, "The subject")
        found = ledger_of(self._settings, self._namespace, subject, _limit(limit), self._listener)
        if found is None:
            return LedgerAnswer(subject=subject, nothing_read=True)
        return LedgerAnswer(subject=subject, statements=tuple(map(StatementAnswer.of, found.entries)))

    def metrics(self) -> str:
        """The times of the last week in Prometheus' format."""
        from autointel.app.perf import performance
        from autointel.render.durations import as_prometheus

        return as_prometheus(performance(self._settings, _WEEK))

    def sources(self, limit: int = _MOST) -> SourcesAnswer:
        """What has been read, each with its newest briefing."""
        read = read_sources(self._settings, self._namespace)[:limit]
        return SourcesAnswer(sources=tuple(map(SourceAnswer.of, read)))

    def report(self, named: str) -> Report:
        """The report of a run (its id, or the start of it) or of a source (its id, address, file or title)."""
        return self._saved(named).report

    def briefing(self, named: str) -> BriefingAnswer:
        """The report as an answer."""
        return BriefingAnswer.of(self.report(named))

    def page(self, named: str) -> tuple[str, str]:
        """The briefing as ``report.html`` has it, and the Content-Security-Policy that it is made for."""
        from autointel.render.html.page import html_page

        saved = self._saved(named)
        page = html_page(saved.report, saved.results)
        policy = _POLICY.search(page)
        return page, unescape(policy[1]) if policy else "default-src 'none'"

    def _saved(self, named: str) -> Saved:
        return saved_briefing(self._settings, self._namespace, _checked(named, "The name"))


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
