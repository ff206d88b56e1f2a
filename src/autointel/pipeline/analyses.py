"""The three analysts, over one set of notes."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from autointel.domain.analysis import Fallacy, Insight, Perspective, Theme
from autointel.domain.briefing import Dropped
from autointel.domain.results import Results
from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel.pipeline.step import Done, Later, V, Work
from autointel.ports import Analysts


class InsightsFound(Value):
    """What the insight analyst found, and what had to be removed from it."""

    insights: tuple[Insight, ...] = ()
    themes: tuple[Theme, ...] = ()
    dropped: Dropped = Dropped()


class FallaciesFound(Value):
    """What the fallacy analyst found, and what had to be removed from it."""

    fallacies: tuple[Fallacy, ...] = ()
    dropped: Dropped = Dropped()


class PerspectivesFound(Value):
    """What the perspective analyst found, and what had to be removed from it."""

    perspectives: tuple[Perspective, ...] = ()
    dropped: Dropped = Dropped()


class _Analysis(Later[V]):
    """Where an analyst's findings go: each has fields of its own in the analysis, so that siblings never collide."""

    @override
    def put(self, results: Results, value: V) -> Results:
        found = {field: getattr(value, field) for field in type(value).model_fields if field != "dropped"}
        dropped: Dropped = getattr(value, "dropped", Dropped())
        return results.model_copy(
            update={
                "analysis": results.analysis.model_copy(update=found),
                "dropped": results.dropped + dropped,
            }
        )


class InsightsStep(_Analysis[InsightsFound]):
    """Insights and themes."""

    name: ClassVar = StepName.INSIGHTS
    value: ClassVar = InsightsFound


class FallaciesStep(_Analysis[FallaciesFound]):
    """Logical fallacies."""

    name: ClassVar = StepName.FALLACIES
    value: ClassVar = FallaciesFound


class PerspectivesStep(_Analysis[PerspectivesFound]):
    """Who holds what."""

    name: ClassVar = StepName.PERSPECTIVES
    value: ClassVar = PerspectivesFound


class FindInsights(InsightsStep, Work[InsightsFound]):
    """Insights, asked of the engine's analysts."""

    def __init__(self, analysts: Analysts) -> None:
        self._analysts = analysts

    @override
    async def run(self, results: Results) -> Done[InsightsFound]:
        insights, themes = await self._analysts.insights(results.notes)
        return Done(InsightsFound(insights=insights, themes=themes), detail=f"{len(insights)} insights")


class FindFallacies(FallaciesStep, Work[FallaciesFound]):
    """Fallacies, asked of the engine's analysts."""

    def __init__(self, analysts: Analysts) -> None:
        self._analysts = analysts

    @override
    async def run(self, results: Results) -> Done[FallaciesFound]:
        found = await self._analysts.fallacies(results.notes)
        return Done(FallaciesFound(fallacies=found), detail=f"{len(found)} found")


class FindPerspectives(PerspectivesStep, Work[PerspectivesFound]):
    """Perspectives, asked of the engine's analysts."""

    def __init__(self, analysts: Analysts) -> None:
        self._analysts = analysts

    @override
    async def run(self, results: Results) -> Done[PerspectivesFound]:
        found = await self._analysts.perspectives(results.notes)
        return Done(PerspectivesFound(perspectives=found), detail=f"{len(found)} found")
