"""The briefing: a model draws the key judgments, code writes the page around them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydantic import BaseModel, ValidationError
from typing_extensions import override

from autointel.domain.analysis import Briefing, Dropped, KeyJudgment, Likelihood
from autointel.domain.report import Results
from autointel.domain.run import Outcome, StepName, StepReport
from autointel.domain.value import Value
from autointel.errors import AutointelError
from autointel.pipeline.grounding import Cited, Doubts, Grounding, shown_with
from autointel.pipeline.step import Done, Judgement, Later, Work, described, digest_of
from autointel.pipeline.verifying import Verifier, at_least
from autointel.ports import Listener
from autointel.render.markdown import page
from autointel.render.plain_text import count

_MOST_JUDGMENTS: Final = 7


class Judged(Value):
    """The key judgments, and what had to be removed from them.

    ``missing`` says why there are fewer than there might be, ``hint`` what to do about it; empty where all is well.
    """

    judgments: tuple[KeyJudgment, ...] = ()
    dropped: Dropped = Dropped()
    missing: str = ""
    hint: str = ""


class CitedJudgment(Cited):
    """A key judgment."""

    likelihood: Likelihood


class BriefingReply(BaseModel):
    """Key judgments, most important first."""

    judgments: list[CitedJudgment] = at_least(1, _MOST_JUDGMENTS)


class _Page(Later[Judged]):
    """The page of a run. It must be written, so it names whatever could not be had.

    Only the judgments are cached; the page is made anew, since it also says how the other steps of *this* run ended.
    """

    name = StepName.BRIEF
    value = Judged

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
        dropped = results.dropped + results.notes.dropped + value.dropped
        shown = results.model_copy(update={"dropped": dropped})
        named = shown
        if value.missing:
            # The page is made before this step has ended, and names it among the rest.
            ending = StepReport(name=self.name, outcome=Outcome.DEGRADED, reason=value.missing, hint=value.hint)
            named = shown.model_copy(update={"steps": (*shown.steps, ending)})
        briefing = Briefing(markdown=page(named, value.judgments), judgments=value.judgments, dropped=dropped)
        return shown.model_copy(update={"briefing": briefing})


class PageAlone(_Page, Work[Judged]):
    """The page without key judgments, for an engine that draws none."""

    @override
    async def run(self, results: Results) -> Done[Judged]:
        return Done(Judged())


class Brief(_Page, Judgement[Judged]):
    """The page with key judgments.

    A judgment that has been verified is shown at once, and stands: where the rest of the reply is rejected and asked
    for again, that judgment comes first in the result. One object for each run, since it remembers what was shown.
    """

    reply = BriefingReply
    streamed = "judgments"

    def __init__(self, listener: Listener, verifier: Verifier | None = None, *, checked: bool = True) -> None:
        self._listener = listener
        self._verifier = verifier
        self._checked = checked
        self._standing: dict[str, KeyJudgment] = {}
        self._doubts: Doubts = {}

    @override
    def unasked(self, results: Results) -> Done[Judged] | None:
        if results.notes.is_citable:
            return None
        missing = "no key judgments: nothing was noted that one could rest on"
        return Done(Judged(missing=missing), shortfall=missing)

    @override
    def show(self, results: Results, item: str) -> None:
        """Show a judgment of a reply that is still coming in, if it is whole and every note it cites exists.

        Where the model takes a second look, nothing is shown before it.
        """
        if self._verifier is not None:
            return
        try:
            judgment = CitedJudgment.model_validate_json(item)
        except ValidationError:
            return  # the whole reply will say what is wrong with it
        self._stand(judgment, self._grounding(results))

    @override
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[Judged]:
        answer = BriefingReply.model_validate(reply.model_dump())
        for item in answer.judgments:
            self._stand(item, self._grounding(results))
        grounding = self._grounding(results)
        for item in answer.judgments:
            judgment = _key_judgment(item, grounding)
            if last:
                self._keep(item.text, judgment)
        judged = Judged(dropped=grounding.settle(last=last), judgments=tuple(self._standing.values()))
        return Done(judged, detail=count(len(judged.judgments), "judgment") if judged.judgments else "")

    @override
    def without(self, error: AutointelError) -> Done[Judged]:
        """The judgments that have been shown stand, though the rest of the reply never came."""
        return cut_short(() if self._verifier is not None else tuple(self._standing.values()), error)

    @override
    async def verified(self, done: Done[Judged]) -> Done[Judged]:
        if self._verifier is None:
            return done
        judgments = done.value.judgments
        shown = [shown_with(each.text, each.citations, self._doubts) for each in judgments]
        checked = await self._verifier.check(self.name, shown)
        stays = tuple(each for at, each in enumerate(judgments) if at in checked.stays)
        for judgment in stays:
            self._listener.judgment(judgment)
        value = done.value.model_copy(update={"judgments": stays, "dropped": done.value.dropped + checked.dropped})
        detail = f"{len(stays)} judgments" if stays else ""
        return replace(done, value=value, detail=detail, shortfall=done.shortfall or checked.unheard)

    def _grounding(self, results: Results) -> Grounding:
        doubts = None if self._verifier is None else self._doubts
        return Grounding.on(results.notes, results.transcript, results.claims, checked=self._checked, doubts=doubts)

    def _stand(self, item: CitedJudgment, grounding: Grounding) -> None:
        judgment = _key_judgment(item, grounding)
        if not grounding.unknown:
            self._keep(item.text, judgment)

    def _keep(self, text: str, judgment: KeyJudgment | None) -> None:
        """No more than are asked for, each once; what is kept is shown, and the other way round.

        One that code doubts gives way to the same text on notes that carry it; neither has been shown yet.
        """
        if judgment is None:
            return
        before = self._standing.get(text)
        if before is not None:
            if (text, before.citations) in self._doubts and (text, judgment.citations) not in self._doubts:
                self._standing[text] = judgment
        elif len(self._standing) < _MOST_JUDGMENTS:
            self._standing[text] = judgment
            if self._verifier is None:
                self._listener.judgment(judgment)


def cut_short(judgments: tuple[KeyJudgment, ...], error: AutointelError) -> Done[Judged]:
    """The judgments there are, and that an error kept the rest back."""
    missing = f"{f'only {len(judgments)}' if judgments else 'no'} key judgments: {error.message}"
    return Done(Judged(judgments=judgments, missing=missing, hint=error.hint), shortfall=missing, hint=error.hint)


def _key_judgment(item: CitedJudgment, grounding: Grounding) -> KeyJudgment | None:
    """The judgment with its citations, or None where it rests on nothing."""
    citations = grounding.citations(item.text, item.note_ids)
    if not citations or not grounding.carries(item, citations, inferred=False):
        return None
    return KeyJudgment(text=item.text, likelihood=item.likelihood, confidence=item.confidence, citations=citations)
