"""The four judgements that CrewAI agents make: what they are asked to fill in, and what of it is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, TypeVar

from pydantic import BaseModel, Field
from typing_extensions import override

from autointel.domain.analysis import Fallacy, Finding, Insight, Perspective, Theme
from autointel.domain.briefing import KeyJudgment, Likelihood
from autointel.domain.results import Results
from autointel.domain.value import Confidence
from autointel.steps.analyse import (
    FallaciesFound,
    FallaciesStep,
    InsightsFound,
    InsightsStep,
    PerspectivesFound,
    PerspectivesStep,
)
from autointel.steps.brief import BriefStep, Judged, told
from autointel.steps.grounding import Grounding
from autointel.steps.step import Done, Judgement

F = TypeVar("F", bound=Finding)

_METHOD: Final = "model, over cited notes"


class Cited(BaseModel):
    """Something that rests on notes."""

    text: str = Field(min_length=1, description="one plain sentence")
    note_ids: list[str] = Field(description="ids of the notes it rests on, as in square brackets")
    confidence: Confidence


class InsightsReply(BaseModel):
    """Insights and themes."""

    insights: list[Cited] = Field(max_length=7)
    themes: list[Cited] = Field(max_length=5)


class CitedFallacy(Cited):
    """A step of reasoning that does not hold."""

    type: str = Field(min_length=1, description="its common name, such as false dilemma")
    premise: str = Field(min_length=1, description="the hidden premise")
    counter_reading: str = Field(min_length=1, description="the reading under which the speaker is right")


class FallaciesReply(BaseModel):
    """Fallacies."""

    fallacies: list[CitedFallacy] = Field(max_length=8)


class CitedPerspective(Cited):
    """Who holds what."""

    holder: str = Field(min_length=1)
    grounds: str = Field(min_length=1)
    missing: str = Field(min_length=1, description="what this view leaves out")


class PerspectivesReply(BaseModel):
    """Perspectives."""

    perspectives: list[CitedPerspective] = Field(max_length=6)


class CitedJudgment(Cited):
    """A key judgment."""

    likelihood: Likelihood


class BriefingReply(BaseModel):
    """Key judgments, most important first."""

    judgments: list[CitedJudgment] = Field(max_length=7)


class JudgeInsights(InsightsStep, Judgement[InsightsFound]):
    """Insights, as an agent's judgement."""

    reply: ClassVar = InsightsReply

    @override
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[InsightsFound]:
        answer = InsightsReply.model_validate(reply.model_dump())
        grounding = Grounding.on(results.notes)
        insights = _findings(Insight, answer.insights, grounding)
        themes = _findings(Theme, answer.themes, grounding)
        found = InsightsFound(insights=insights, themes=themes, dropped=grounding.settle(last=last))
        return Done(found, text=_told(insights), detail=f"{len(insights)} insights")


class JudgeFallacies(FallaciesStep, Judgement[FallaciesFound]):
    """Fallacies, as an agent's judgement."""

    reply: ClassVar = FallaciesReply

    @override
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[FallaciesFound]:
        answer = FallaciesReply.model_validate(reply.model_dump())
        grounding = Grounding.on(results.notes)
        fallacies = _findings(Fallacy, answer.fallacies, grounding)
        found = FallaciesFound(fallacies=fallacies, dropped=grounding.settle(last=last))
        return Done(found, text=_told(fallacies), detail=f"{len(fallacies)} found")


class JudgePerspectives(PerspectivesStep, Judgement[PerspectivesFound]):
    """Perspectives, as an agent's judgement."""

    reply: ClassVar = PerspectivesReply

    @override
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[PerspectivesFound]:
        answer = PerspectivesReply.model_validate(reply.model_dump())
        grounding = Grounding.on(results.notes)
        perspectives = _findings(Perspective, answer.perspectives, grounding)
        found = PerspectivesFound(perspectives=perspectives, dropped=grounding.settle(last=last))
        return Done(found, text=_told(perspectives), detail=f"{len(perspectives)} found")


class JudgeBriefing(BriefStep, Judgement[Judged]):
    """The key judgments, as an agent's judgement; the page around them is code's."""

    reply: ClassVar = BriefingReply

    @override
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[Judged]:
        answer = BriefingReply.model_validate(reply.model_dump())
        grounding = Grounding.on(results.notes)
        judgments = tuple(
            judgment for item in answer.judgments if (judgment := key_judgment(item, grounding)) is not None
        )
        judged = Judged(judgments=judgments, dropped=grounding.settle(last=last))
        return Done(judged, detail=told(judgments))


def key_judgment(item: CitedJudgment, grounding: Grounding) -> KeyJudgment | None:
    """The judgment with its citations, or None where it rests on nothing."""
    citations = grounding.citations(item.text, item.note_ids)
    if not citations:
        return None
    return KeyJudgment(text=item.text, likelihood=item.likelihood, confidence=item.confidence, citations=citations)


def _findings(kind: type[F], items: Sequence[Cited], grounding: Grounding) -> tuple[F, ...]:
    found = []
    for item in items:
        citations = grounding.citations(item.text, item.note_ids)
        if citations:
            fields = item.model_dump(exclude={"note_ids"})
            found.append(kind(**fields, method=_METHOD, citations=citations))
    return tuple(found)


def _told(findings: Sequence[Finding]) -> str:
    """What the briefing writer reads of an analyst's findings: bounded by the schema's own limits."""
    return "\n".join(f"{finding.text} ({finding.confidence} confidence)" for finding in findings)
