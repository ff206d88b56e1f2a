"""Choose claims, seek evidence, judge."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from autointel.domain.briefing import Dropped
from autointel.domain.fact_check import CheckedClaim
from autointel.domain.results import Results
from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel.ports import FactChecker
from autointel.steps.step import Done, Work


class Checked(Value):
    """Every claim looked at, and what had to be removed on the way."""

    claims: tuple[CheckedClaim, ...] = ()
    dropped: Dropped = Dropped()


class FactCheck(Work[Checked]):
    """``side_by_side`` says whether claims are checked at once; it changes the clock and nothing else."""

    name: ClassVar = StepName.FACT_CHECK
    value: ClassVar = Checked

    def __init__(self, checker: FactChecker, *, side_by_side: bool) -> None:
        self._checker = checker
        self._side_by_side = side_by_side

    @override
    async def run(self, results: Results) -> Done[Checked]:
        claims = await self._checker.check(results.source, results.notes, side_by_side=self._side_by_side)
        return Done(Checked(claims=claims), detail=f"{len(claims)} claims")

    @override
    def put(self, results: Results, value: Checked) -> Results:
        return results.model_copy(update={"claims": value.claims, "dropped": results.dropped + value.dropped})
