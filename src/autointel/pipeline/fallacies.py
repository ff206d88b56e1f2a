"""Logical fallacies: steps of reasoning that do not hold, each with the reading under which the speaker is right."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, Field
from typing_extensions import override

from autointel.domain.analysis import Dropped, Fallacy, FallacyType
from autointel.domain.report import Results
from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel.pipeline.grounding import AnalystStep, Cited, as_text
from autointel.pipeline.step import Done


class FallaciesFound(Value):
    """Fallacies, and counts of what was removed."""

    fallacies: tuple[Fallacy, ...] = ()
    dropped: Dropped = Dropped()


class CitedFallacy(Cited):
    """A step of reasoning that does not hold."""

    supposed_parts: ClassVar[tuple[str, ...]] = ("premise", "counter_reading")

    type: FallacyType
    premise: str = Field(min_length=1, description="the hidden premise")
    counter_reading: str = Field(min_length=1, description="the reading under which the speaker is right")


class FallaciesReply(BaseModel):
    """Fallacies."""

    fallacies: list[CitedFallacy] = Field(max_length=8)


class Fallacies(AnalystStep[FallaciesFound]):
    """Asks for fallacies over the notes."""

    name = StepName.FALLACIES
    value = FallaciesFound
    reply = FallaciesReply

    @override
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[FallaciesFound]:
        answer = FallaciesReply.model_validate(reply.model_dump())
        grounding = self.grounding(results)
        fallacies = grounding.findings(Fallacy, answer.fallacies)
        found = FallaciesFound(fallacies=fallacies, dropped=grounding.settle(last=last))
        return Done(found, text=as_text(fallacies), detail=f"{len(fallacies)} found")
