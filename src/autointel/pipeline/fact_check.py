"""Choose claims, seek evidence, judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from typing_extensions import override

from autointel.domain.fact_check import Checked
from autointel.domain.results import Results
from autointel.domain.run import StepName
from autointel.domain.source import Source
from autointel.pipeline.step import Done, Work, digest_of
from autointel.ports import FactChecker


class FactCheck(Work[Checked]):
    """``side_by_side`` says whether claims are checked at once; it changes the clock and nothing else.

    ``beyond`` is a digest of what is kept here and may be evidence, for a given source: once there is more of it,
    claims are looked into again.
    """

    name: ClassVar = StepName.FACT_CHECK
    value: ClassVar = Checked

    def __init__(
        self, checker: FactChecker, *, side_by_side: bool, beyond: Callable[[Source], str] = lambda _: ""
    ) -> None:
        self._checker = checker
        self._side_by_side = side_by_side
        self._beyond = beyond

    @override
    def inputs(self, results: Results) -> str:
        beyond = self._beyond(results.source)
        return digest_of(super().inputs(results), beyond) if beyond else super().inputs(results)

    @override
    async def run(self, results: Results) -> Done[Checked]:
        checked = await self._checker.check(results.source, results.notes, side_by_side=self._side_by_side)
        return Done(
            checked,
            text=_told(checked),
            detail=f"{len(checked.claims)} claims",
            shortfall=checked.left_out,
            hint="Run it again: what was judged is not asked again." if checked.left_out else "",
        )

    @override
    def put(self, results: Results, value: Checked) -> Results:
        return results.model_copy(update={"claims": value.claims, "dropped": results.dropped + value.dropped})


def _told(checked: Checked) -> str:
    """What the briefing writer reads of it."""
    return "\n".join(
        f"[{claim.id}] {claim.verdict or 'not judged'}: {claim.rationale or ''}" for claim in checked.claims
    )
