"""The four judgements that CrewAI agents make: what they are asked to fill in, and what of it is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, TypeVar

from pydantic import BaseModel, Field, ValidationError
from typing_extensions import override

from autointel.domain.analysis import Fallacy, Finding, Insight, Perspective, Theme
from autointel.domain.briefing import KeyJudgment, Likelihood
from autointel.domain.results import Results
from autointel.domain.value import Confidence
from autointel.errors import AutointelError
from autointel.pipeline.analyses import (
    FallaciesFound,
    FallaciesStep,
    InsightsFound,
    InsightsStep,
    PerspectivesFound,
    PerspectivesStep,
)
from autointel.pipeline.brief import BriefStep, Judged, cut_short, told
from autointel.pipeline.grounding import Grounding
from autointel.pipeline.step import Done, Judgement
from autointel.ports import Listener

F = TypeVar("F", bound=Finding)

_MOST_JUDGMENTS: Final = 7
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

    judgments: list[CitedJudgment] = Field(max_length=_MOST_JUDGMENTS)


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
    """The key judgments, as an agent's judgement; the page around them is code's.

    A judgment that has been verified is shown at once, and stands: where the rest of the reply is rejected and asked
    for again, it comes first in what is kept. One for each run, since it remembers what it has shown.
    """

    reply: ClassVar = BriefingReply

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._standing: dict[str, KeyJudgment] = {}

    def show(self, results: Results, raw: str) -> None:
        """An item of a reply that is still coming in; shown if it is whole and every note it cites exists."""
        try:
            item = CitedJudgment.model_validate_json(raw)
        except ValidationError:
            return  # the whole reply will say what is wrong with it
        self._stand(item, Grounding.on(results.notes))

    @override
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[Judged]:
        answer = BriefingReply.model_validate(reply.model_dump())
        for item in answer.judgments:
            self._stand(item, Grounding.on(results.notes))
        grounding = Grounding.on(results.notes)
        for item in answer.judgments:
            judgment = key_judgment(item, grounding)
            if last:
                self._keep(item.text, judgment)
        judged = Judged(dropped=grounding.settle(last=last), judgments=tuple(self._standing.values()))
        return Done(judged, detail=told(judged.judgments))

    @override
    def without(self, error: AutointelError) -> Done[Judged]:
        """What has been shown stands, though the rest of the reply never came."""
        return cut_short(tuple(self._standing.values()), error)

    def _stand(self, item: CitedJudgment, grounding: Grounding) -> None:
        judgment = key_judgment(item, grounding)
        if not grounding.unknown:
            self._keep(item.text, judgment)

    def _keep(self, text: str, judgment: KeyJudgment | None) -> None:
        """No more than are asked for, each once; what is kept is shown, and the other way round."""
        if judgment is not None and text not in self._standing and len(self._standing) < _MOST_JUDGMENTS:
            self._standing[text] = judgment
            self._listener.judgment(judgment)


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
