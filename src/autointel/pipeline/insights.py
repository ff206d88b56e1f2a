"""Insights and themes: what follows from what was said, and the subjects that run through it."""

from __future__ import annotations

from pydantic import BaseModel
from typing_extensions import override

from autointel.domain.analysis import Dropped, Insight, Theme
from autointel.domain.report import Results
from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel.pipeline.grounding import AnalystStep, Cited, as_text
from autointel.pipeline.step import Done
from autointel.pipeline.verifying import at_least
from autointel.render.plain_text import count


class InsightsFound(Value):
    """Insights and themes, and counts of what was removed."""

    insights: tuple[Insight, ...] = ()
    themes: tuple[Theme, ...] = ()
    dropped: Dropped = Dropped()


class InsightsReply(BaseModel):
    """Insights and themes."""

    insights: list[Cited] = at_least(1, 7)
    themes: list[Cited] = at_least(1, 5)


class Insights(AnalystStep[InsightsFound]):
    """Asks for insights and themes over the notes."""

    name = StepName.INSIGHTS
    value = InsightsFound
    reply = InsightsReply

    @override
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[InsightsFound]:
        answer = InsightsReply.model_validate(reply.model_dump())
        grounding = self.grounding(results)
        insights = grounding.findings(Insight, answer.insights)
        themes = grounding.findings(Theme, answer.themes)
        found = InsightsFound(insights=insights, themes=themes, dropped=grounding.settle(last=last))
        return Done(found, text=as_text(insights), detail=count(len(insights), "insight"))
