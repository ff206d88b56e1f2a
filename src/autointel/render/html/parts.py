"""The sections of the page in the order a reader wants them, and the anchors that the pictures point to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeVar

from autointel.domain.analysis import Excerpt, Finding
from autointel.domain.report import Report, ReportedClaim, Results
from autointel.domain.run import Engine
from autointel.domain.transcript import Chapter
from autointel.render.plain_text import plain
from autointel.render.sections import chapter_at, unjudged
from autointel.render.sheet import VERDICT_WORDS

Item = TypeVar("Item", bound=Finding)

_GLANCE: Final = 420  # characters
VERDICTS: Final = {verdict: (sign, word) for verdict, (sign, _, word) in VERDICT_WORDS.items()}


@dataclass(frozen=True)
class Part:
    """Items of one kind under one title. ``kind`` names the template's macro, if there is one, and begins anchors.

    ``named`` is the id of the section, where it is not the kind in the plural.
    """

    kind: str
    title: str
    items: Sequence[Any]
    remark: str = ""
    named: str = ""

    @property
    def anchor(self) -> str:
        """The id of the whole section."""
        return self.named or f"{self.kind}s"


def anchor(kind: str, number: int) -> str:
    """The id of an item, such as ``claim-3``; ``number`` is from 1."""
    return f"{kind}-{number}"


def parts_of(report: Report, results: Results) -> tuple[Part, ...]:
    """The parts that are not empty."""
    return tuple(part for part in _parts(report, results) if part.items)


def _parts(report: Report, results: Results) -> Iterator[Part]:
    found = report.analysis
    points, noted = unjudged(results, report.briefing.judgments)
    own = [each for each in in_order(found.statements) if not each[1].sponsored]
    advertised = [each for each in in_order(found.statements) if each[1].sponsored]
    # A section is often all that is passed on, so each says it by itself.
    simulated = "simulated" if report.simulated and report.engine is Engine.LLM else ""
    yield Part("judgment", "Key judgments", report.briefing.judgments, simulated)
    yield Part("claim", "Claims", by_verdict(report.fact_check.claims), simulated)
    yield Part("point", "What was said", points, simulated)
    yield Part("insight", "Insights", found.insights, simulated)
    yield Part("theme", "Themes", found.themes, simulated)
    yield Part("note", "Claims", noted, f"not checked{'; ' if simulated else ''}{simulated}")
    yield Part("fallacy", "Reasoning", found.fallacies, simulated, named="fallacies")
    yield Part("perspective", "Perspectives", found.perspectives, simulated)
    for name, findings in found.further.items():
        yield Part(name.removesuffix("s"), name.replace("_", " ").capitalize(), findings, simulated)
    yield Part("excerpt", "Excerpts", in_order(found.excerpts), "word for word, in the order of the source")
    yield Part("statement", "Possible claims", own, "not checked")
    yield Part("statement", "What advertisements claim", advertised, "not checked", named="advertised")
    yield Part("term", "Terms", found.terms, "how often each is said")


def by_verdict(claims: Sequence[ReportedClaim]) -> tuple[tuple[int, ReportedClaim], ...]:
    """Claims with their numbers, refuted ones first, those without a verdict last."""
    order = list(VERDICTS)
    return tuple(sorted(enumerate(claims, 1), key=lambda each: order.index(each[1].verdict)))


def in_order(findings: Sequence[Item]) -> tuple[tuple[int, Item], ...]:
    """Findings with their numbers in the report, in the order of their places in the source."""

    def place(finding: Finding) -> float:
        first = finding.citations[0]
        return float(first.paragraph or 0) if first.start is None else first.start

    return tuple(sorted(enumerate(findings, 1), key=lambda each: place(each[1])))


def by_chapter(
    items: Sequence[tuple[int, Excerpt]], chapters: Sequence[Chapter]
) -> list[tuple[str, list[tuple[int, Excerpt]]]]:
    """Numbered excerpts, in the order of the source, under the titles of their chapters; no title before the first."""

    def title(numbered: tuple[int, Excerpt]) -> str:
        chapter = chapter_at(chapters, numbered[1].citations[0])
        return plain(chapter.title) if chapter else ""

    return [(name, [*group]) for name, group in groupby(items, title)]


def standfirst_of(report: Report) -> tuple[Finding, ...]:
    """Two or three sentences that say what the source comes to; each is carried by its quotes. Empty without a model.

    The third is left out where the three would be too long to be read at a glance.
    """
    found = report.analysis.insights or report.analysis.themes
    return found[: 3 if sum(len(each.text) for each in found[:3]) <= _GLANCE else 2]
