"""The sections of the page in the order a reader wants them, and the anchors that the pictures point to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from autointel.domain.fact_check import Verdict
from autointel.domain.report import Report
from autointel.domain.run import Engine

# A sign and a word: the word carries the meaning, the sign only helps the eye.
VERDICTS: Final = {
    Verdict.REFUTED: ("✗", "refuted"),
    Verdict.SUPPORTED: ("✓", "supported"),
    Verdict.NOT_ENOUGH_EVIDENCE: ("?", "not enough evidence"),
    Verdict.CONFLICTING_EVIDENCE: ("≠", "conflicting evidence"),
    None: ("·", "not checked"),
}


@dataclass(frozen=True)
class Part:
    """Items of one kind under one title. ``kind`` names the template's macro and begins the items' anchors."""

    kind: str
    title: str
    items: Sequence[Any]
    remark: str = ""

    @property
    def anchor(self) -> str:
        """The id of the whole section."""
        return "fallacies" if self.kind == "fallacy" else f"{self.kind}s"


def anchor(kind: str, number: int) -> str:
    """The id of an item, such as ``claim-3``; ``number`` is from 1."""
    return f"{kind}-{number}"


def parts_of(report: Report) -> tuple[Part, ...]:
    """The parts that are not empty."""
    return tuple(part for part in _parts(report) if part.items)


def _parts(report: Report) -> Iterator[Part]:
    found = report.analysis
    # A section is often all that is passed on, so each says it by itself.
    simulated = "simulated" if report.simulated and report.engine is Engine.LLM else ""
    yield Part("judgment", "Key judgments", report.briefing.judgments, simulated)
    yield Part("insight", "Insights", found.insights, simulated)
    yield Part("theme", "Themes", found.themes, simulated)
    yield Part("claim", "Claims", report.fact_check.claims, simulated)
    yield Part("fallacy", "Reasoning", found.fallacies, simulated)
    yield Part("perspective", "Perspectives", found.perspectives, simulated)
    yield Part("excerpt", "Representative quotes", found.excerpts, "verbatim; the most similar to the rest")
    yield Part(
        "statement",
        "Possible factual claims",
        found.statements,
        "not checked",
    )
    yield Part("term", "Terms", found.terms, "how often each is said")
    chapters = report.transcript.chapters
    rough = any(chapter.approximate for chapter in chapters)
    yield Part("chapter", "Chapters", chapters, "approximate" if rough else "")
