"""Draw the judgments, write the page."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from autointel.domain.briefing import Briefing, Dropped, KeyJudgment
from autointel.domain.results import Results
from autointel.domain.run import Outcome, StepName, StepReport
from autointel.domain.value import Value
from autointel.errors import AutointelError
from autointel.pipeline.step import Done, Later, Work, described, digest_of
from autointel.ports import JudgmentWriter, Listener
from autointel.render.markdown import page


class Judged(Value):
    """The key judgments, and what had to be removed from them.

    ``missing`` says why there are fewer than there might be, ``hint`` what to do about it; empty where all is well.
    """

    judgments: tuple[KeyJudgment, ...] = ()
    dropped: Dropped = Dropped()
    missing: str = ""
    hint: str = ""


class BriefStep(Later[Judged]):
    """The last step: it must succeed, and what could not be had is named in the page.

    Only the judgments are kept; the page is made anew, since it also says how the other steps of *this* run ended.
    """

    name: ClassVar = StepName.BRIEF
    value: ClassVar = Judged

    @override
    def inputs(self, results: Results) -> str:
        claims = "".join(claim.model_dump_json() for claim in results.claims)
        # What other sources say beside a statement is on the page, and no judgment rests on it.
        found = results.analysis.model_dump_json(exclude={"statements": {"__all__": {"related"}}})
        return digest_of(described(results.source), results.notes.model_dump_json(), found, claims)

    @override
    def without(self, error: AutointelError) -> Done[Judged]:
        """The page, all the same: what was found before is not lost because the last call failed."""
        return cut_short((), error)

    @override
    def put(self, results: Results, value: Judged) -> Results:
        dropped = results.dropped + Dropped(quotes=results.notes.dropped) + value.dropped
        shown = results.model_copy(update={"dropped": dropped})
        told = shown
        if value.missing:
            # The page is made before this step has ended, and names it among the rest.
            ending = StepReport(name=self.name, outcome=Outcome.DEGRADED, reason=value.missing, hint=value.hint)
            told = shown.model_copy(update={"steps": (*shown.steps, ending)})
        briefing = Briefing(markdown=page(told, value.judgments), judgments=value.judgments, dropped=dropped)
        return shown.model_copy(update={"briefing": briefing})


class Brief(BriefStep, Work[Judged]):
    """The judgments of the engine's writer."""

    def __init__(self, writer: JudgmentWriter, listener: Listener) -> None:
        self._writer = writer
        self._listener = listener

    @override
    async def run(self, results: Results) -> Done[Judged]:
        judgments, dropped = await self._writer.judge(results)
        for judgment in judgments:
            self._listener.judgment(judgment)
        return Done(Judged(judgments=judgments, dropped=dropped), detail=told(judgments))


def cut_short(judgments: tuple[KeyJudgment, ...], error: AutointelError) -> Done[Judged]:
    """What there is of the judgments, and that an error kept the rest back."""
    missing = f"{f'only {len(judgments)}' if judgments else 'no'} key judgments: {error.message}"
    return Done(Judged(judgments=judgments, missing=missing, hint=error.hint), shortfall=missing, hint=error.hint)


def told(judgments: tuple[KeyJudgment, ...]) -> str:
    """For people."""
    return f"{len(judgments)} judgments" if judgments else ""
