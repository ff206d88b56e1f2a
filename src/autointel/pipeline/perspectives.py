"""Perspectives: who holds what, on what grounds, and what that view leaves out."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, Field
from typing_extensions import override

from autointel.domain.analysis import Dropped, Perspective
from autointel.domain.report import Results
from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel.pipeline.grounding import AnalystStep, Cited, as_text
from autointel.pipeline.step import Done
from autointel.pipeline.verifying import at_least


class PerspectivesFound(Value):
    """Perspectives, and counts of what was removed."""

    perspectives: tuple[Perspective, ...] = ()
    dropped: Dropped = Dropped()


class CitedPerspective(Cited):
    """Who holds what."""

    carried_parts: ClassVar[tuple[str, ...]] = ("grounds",)
    supposed_parts: ClassVar[tuple[str, ...]] = ("missing",)

    holder: str = Field(min_length=1)
    grounds: str = Field(min_length=1)
    missing: str = Field(min_length=1, description="what this view leaves out")


class PerspectivesReply(BaseModel):
    """Perspectives."""

    perspectives: list[CitedPerspective] = at_least(1, 6)


class Perspectives(AnalystStep[PerspectivesFound]):
    """Asks for perspectives over the notes."""

    name = StepName.PERSPECTIVES
    value = PerspectivesFound
    reply = PerspectivesReply

    @override
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[PerspectivesFound]:
        answer = PerspectivesReply.model_validate(reply.model_dump())
        grounding = self.grounding(results)
        perspectives = grounding.findings(Perspective, answer.perspectives)
        found = PerspectivesFound(perspectives=perspectives, dropped=grounding.settle(last=last))
        return Done(found, text=as_text(perspectives), detail=f"{len(perspectives)} found")
