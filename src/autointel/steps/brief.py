"""Write the page."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from autointel.domain.briefing import Briefing, Dropped, KeyJudgment
from autointel.domain.results import Results
from autointel.domain.run import StepName
from autointel.ports import JudgmentWriter, Listener
from autointel.steps.page import page
from autointel.steps.step import Done, Later, Work


class BriefStep(Later[Briefing]):
    """The last step: it must succeed, and what could not be had is named in it."""

    name: ClassVar = StepName.BRIEF
    value: ClassVar = Briefing

    @override
    def put(self, results: Results, value: Briefing) -> Results:
        return results.model_copy(update={"briefing": value})


class Brief(BriefStep, Work[Briefing]):
    """The page around the judgments of the engine's writer."""

    def __init__(self, writer: JudgmentWriter, listener: Listener) -> None:
        self._writer = writer
        self._listener = listener

    @override
    async def run(self, results: Results) -> Done[Briefing]:
        judgments, dropped = await self._writer.judge(results)
        for judgment in judgments:
            self._listener.judgment(judgment)
        return brief(results, judgments, dropped)


def brief(results: Results, judgments: tuple[KeyJudgment, ...], dropped: Dropped) -> Done[Briefing]:
    """The page, and the count of everything that was removed on the way to it."""
    dropped = results.dropped + Dropped(quotes=results.notes.dropped) + dropped
    shown = results.model_copy(update={"dropped": dropped})
    briefing = Briefing(markdown=page(shown, judgments), judgments=judgments, dropped=dropped)
    return Done(briefing, detail=f"{len(judgments)} judgments" if judgments else "")
