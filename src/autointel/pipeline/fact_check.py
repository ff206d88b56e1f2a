"""The fact-check: one call to choose claims and write queries, then for each claim a search and a judge."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import anyio
from pydantic import BaseModel, Field
from typing_extensions import override

from autointel.domain.analysis import Checked, CheckedClaim, Dropped, Evidence, Verdict
from autointel.domain.notes import Claim, Notes
from autointel.domain.report import Results
from autointel.domain.run import Depth, StepName
from autointel.domain.transcript import Source
from autointel.errors import AutointelError, EvidenceUnavailable, first_failure
from autointel.model.prompts import untrusted
from autointel.model.replies import Ungrounded, ask_until_grounded
from autointel.model.reply_text import ids_in
from autointel.pipeline.stages import ROLES
from autointel.pipeline.step import Done, Work, digest_of
from autointel.pipeline.verdicts import NumberedEvidence, Ruling, VerdictReply, agreed, ruling
from autointel.ports import EvidenceSearch, Listener, Model
from autointel.render.plain_text import count

R = TypeVar("R", bound=BaseModel)

_PER_SEARCH: Final = 4
_MOST_EVIDENCE: Final = 6  # pieces a judge sees
# Two identical questions would share one answer.
_SECOND: Final = " You are the second judge; the first one's verdict is not known to you."
_CHOICE: Final = 40_000  # characters of claims that the choice is made from


@dataclass(frozen=True)
class Thoroughness:
    """How much a depth checks."""

    claims: int
    counter_search: bool = False
    judges: int = 1


THOROUGHNESS: Final = {
    Depth.STANDARD: Thoroughness(5),
    Depth.DEEP: Thoroughness(10),
    Depth.COMPREHENSIVE: Thoroughness(15, counter_search=True),
    Depth.EXPERIMENTAL: Thoroughness(15, counter_search=True, judges=2),
}


class ChosenClaim(BaseModel):
    """A claim worth checking, and what to search for."""

    claim_id: str
    reason: str = Field(min_length=1, description="why it matters whether it is true")
    query: str = Field(min_length=1, description="a search query for evidence either way")
    counter_query: str = Field(min_length=1, description="a search query for evidence against it")


class ChoiceReply(BaseModel):
    """The claims most worth checking, most important first."""

    claims: list[ChosenClaim] = Field(max_length=15)


class FactCheck(Work[Checked]):
    """Chooses claims, searches evidence for each, and judges it.

    Searches leave out the source itself and its copies, and date what they find.

    ``side_by_side`` says whether claims are checked at once; it changes the clock and nothing else. ``beyond`` is a
    digest of what memory holds that may be evidence, for a given source: once there is more of it, claims are looked
    into again. Where no source of evidence answers, a claim is not checked: no verdict, with a rationale that says so.
    """

    name = StepName.FACT_CHECK
    value = Checked

    def __init__(
        self,
        model: Model,
        searches: Sequence[EvidenceSearch],
        listener: Listener,
        depth: Depth,
        *,
        side_by_side: bool = False,
        beyond: Callable[[Source], str] | None = None,
    ) -> None:
        self._model = model
        self._searches = searches
        self._listener = listener
        self._thorough = THOROUGHNESS[depth]
        self._side_by_side = side_by_side
        self._beyond = beyond
        self._role = ROLES[StepName.FACT_CHECK]

    @override
    def inputs(self, results: Results) -> str:
        beyond = self._beyond(results.source) if self._beyond else ""
        return digest_of(super().inputs(results), beyond) if beyond else super().inputs(results)

    @override
    async def run(self, results: Results) -> Done[Checked]:
        checked = await self.check(results.notes)
        return Done(
            checked,
            text=as_text(checked),
            detail=count(len(checked.claims), "claim"),
            shortfall=checked.left_out,
            hint="Mend the cause and run it again; what was judged is not asked again." if checked.left_out else "",
        )

    @override
    def put(self, results: Results, value: Checked) -> Results:
        return results.model_copy(update={"claims": value.claims, "dropped": results.dropped + value.dropped})

    async def check(self, notes: Notes) -> Checked:
        """Claims in the order they were chosen in, whatever order they were judged in. Raises as Model does."""
        if not notes.claims:
            return Checked()
        chosen, unknown = await self._choose_and_prepare(notes)
        finished: dict[int, tuple[CheckedClaim, Dropped]] = {}
        failed: dict[int, AutointelError] = {}
        silent: set[str] = set()

        async def check_one(index: int) -> None:
            claim, choice = chosen[index]
            try:
                finished[index] = await self._check_claim(claim, choice, silent)
            except AutointelError as error:
                # A verdict that was paid for is not lost because another claim's judge failed.
                unjudged = Ruling(None, None, f"Not judged: {error.message}", ())
                failed[index], finished[index] = error, (_checked(claim, unjudged), Dropped())
            self._listener.step_progress(StepName.FACT_CHECK, len(finished), len(chosen), "claims")

        # The same coroutines either way: the flag changes only how many run at once.
        limiter = anyio.CapacityLimiter(len(chosen) or 1) if self._side_by_side else anyio.CapacityLimiter(1)

        async def in_turn(index: int) -> None:
            async with limiter:
                await check_one(index)

        with first_failure():
            async with anyio.create_task_group() as group:
                for index in range(len(chosen)):
                    group.start_soon(in_turn, index)
        if failed and len(failed) == len(chosen):
            raise failed[0]
        ordered = [finished[index] for index in range(len(chosen))]
        dropped = sum((each for _, each in ordered), Dropped(note_ids=unknown))
        return Checked(
            claims=tuple(claim for claim, _ in ordered),
            dropped=dropped,
            left_out=_left_out(len(chosen), failed, silent),
        )

    async def _choose_and_prepare(self, notes: Notes) -> tuple[list[tuple[Claim, ChosenClaim]], int]:
        """The model takes a second or more to choose; the searches get ready meanwhile."""
        with first_failure():
            async with anyio.create_task_group() as group:
                for search in self._searches:
                    group.start_soon(search.prepare)
                chosen = await self._choose(notes)
        return chosen

    async def _choose(self, notes: Notes) -> tuple[list[tuple[Claim, ChosenClaim]], int]:
        by_id = {claim.id: claim for claim in notes.claims}
        listed = "\n".join(f"[{claim.id}] {claim.speaker or ''}: {claim.text}" for claim in notes.claims)[:_CHOICE]
        wanted = min(self._thorough.claims, len(by_id))
        task = f"Choose the {wanted} claims most worth checking, and write a search query for and against each."
        prompt = f"{task}\n{untrusted('claims', listed)}"

        def accept(reply: ChoiceReply, *, last: bool) -> dict[str, ChosenClaim]:
            chosen = _by_claim(reply, by_id)
            unknown = [claim_id for claim_id in chosen if claim_id not in by_id]
            if unknown and not last:
                raise Ungrounded(f"there is no claim {', '.join(unknown)[:400]}")
            return chosen

        chosen = await ask_until_grounded(lambda remark: self._ask(prompt + remark, ChoiceReply), accept)
        known = [(by_id[claim_id], choice) for claim_id, choice in chosen.items() if claim_id in by_id]
        return known[:wanted], sum(claim_id not in by_id for claim_id in chosen)

    async def _check_claim(self, claim: Claim, choice: ChosenClaim, silent: set[str]) -> tuple[CheckedClaim, Dropped]:
        queries = [choice.query, choice.counter_query] if self._thorough.counter_search else [choice.query]
        evidence, unanswered = await self._search(queries)
        silent.update(unanswered)
        found = await self.judge(claim, evidence) if evidence else _nothing(len(self._searches), unanswered)
        return _checked(claim, found), found.dropped

    async def _search(self, queries: Sequence[str]) -> tuple[list[Evidence], list[str]]:
        """Evidence in a fixed order, and the names of sources that could not be asked."""
        asked = [(search, query) for query in queries for search in self._searches]
        answers: list[list[Evidence]] = [[] for _ in asked]
        silent: set[str] = set()

        async def ask(index: int) -> None:
            search, query = asked[index]
            try:
                answers[index] = await search.search(query, _PER_SEARCH)
            except EvidenceUnavailable:
                silent.add(search.name)

        with first_failure():
            async with anyio.create_task_group() as group:
                for index in range(len(asked)):
                    group.start_soon(ask, index)
        found = {(each.url, each.quote): each for answer in answers for each in answer}
        return list(found.values())[:_MOST_EVIDENCE], sorted(silent)

    async def judge(self, claim: Claim, evidence: Sequence[Evidence]) -> Ruling:
        """A ruling on evidence that has been found, as often as the depth asks for. Raises as Model does."""
        first = await self._rule(claim, evidence, "")
        if self._thorough.judges == 1:
            return first
        # The second judge sees the evidence the other way round: a verdict that hangs on the order is no verdict.
        return agreed(first, await self._rule(claim, evidence[::-1], _SECOND))

    async def _rule(self, claim: Claim, evidence: Sequence[Evidence], remark: str) -> Ruling:
        said = f"Claim, said by {claim.speaker or 'somebody'}: {claim.text}\nIn the words: {claim.citation.quote}"
        shown = NumberedEvidence(evidence)
        prompt = f"{self._role.description}{remark}\n{untrusted('claim', said)}\n{untrusted('evidence', shown.text)}"

        def accept(reply: VerdictReply, *, last: bool) -> Ruling:
            found = ruling(reply, shown, said)
            if found.problems and not last:
                raise Ungrounded(found.problems)
            return found

        return await ask_until_grounded(lambda remark: self._ask(prompt + remark, VerdictReply), accept)

    async def _ask(self, prompt: str, schema: type[R]) -> R:
        return await self._model.ask(self._role.role, self._role.system, prompt, schema, step=StepName.FACT_CHECK)


def _by_claim(reply: ChoiceReply, known: Container[str]) -> dict[str, ChosenClaim]:
    """Each claim once, as it was first chosen."""
    chosen: dict[str, ChosenClaim] = {}
    for choice in reply.claims:
        chosen.setdefault(ids_in([choice.claim_id], known)[0], choice)
    return chosen


def _checked(claim: Claim, found: Ruling) -> CheckedClaim:
    return CheckedClaim(
        id=claim.id,
        text=claim.text,
        citation=claim.citation,
        speaker=claim.speaker,
        verdict=found.verdict,
        confidence=found.confidence,
        rationale=found.rationale,
        evidence=found.evidence,
    )


def _left_out(claims: int, failures: Mapping[int, AutointelError], silent: Collection[str]) -> str:
    """The missing part of the check in words, so that it is neither shown nor cached as whole."""
    parts = []
    if failures:
        parts.append(f"{len(failures)} of {claims} claims not judged: {failures[min(failures)].message}")
    if silent:
        parts.append(f"no answer from {', '.join(sorted(silent))}")
    return "; ".join(parts)


def _nothing(searches: int, silent: Sequence[str]) -> Ruling:
    answered = searches - len(silent)
    asked = f"Searched {answered} {'source' if answered == 1 else 'sources'}, nothing that bears on it"
    unanswered = f"no answer from {', '.join(silent)}"
    if not searches:
        why = "No source of evidence is configured."
    elif not silent:
        why = f"{asked}."
    else:
        why = f"{asked}; {unanswered}." if answered else f"{unanswered.capitalize()}."
    # Evidence that was sought and not found is one thing; that nobody was asked is another.
    return Ruling(Verdict.NOT_ENOUGH_EVIDENCE if answered > 0 else None, None, why, ())


def as_text(checked: Checked) -> str:
    """The fact-check as the briefing writer reads it."""
    return "\n".join(
        f"[{claim.id}] {claim.verdict or 'not checked'}: {claim.rationale or ''}" for claim in checked.claims
    )
