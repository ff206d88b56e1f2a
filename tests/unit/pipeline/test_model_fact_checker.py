"""Claims are chosen by id, judged in the order they were chosen in, and never without evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from pydantic import BaseModel
from tests.fakes.engine import CITATION, Heard

from autointel.domain.analysis import Checked, Evidence, Stance, Verdict
from autointel.domain.notes import Claim, Notes
from autointel.domain.run import Depth, StepName, Usage
from autointel.domain.value import Confidence
from autointel.errors import EvidenceUnavailable, ModelUnavailable
from autointel.pipeline.fact_check import ChoiceReply, ChosenClaim, FactCheck
from autointel.pipeline.verdicts import JudgedEvidence, VerdictReply
from autointel.ports import EvidenceSearch, Model

pytestmark = pytest.mark.anyio

NOTES = Notes(
    method="m", claims=tuple(Claim(id=f"C{n}", text=f"Claim number {n}.", citation=CITATION) for n in range(1, 21))
)
PAGE = Evidence(id="p", url="https://a.example/page", title="Page", quote="Trips rose by 14 per cent.")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Judge(Model):
    """Chooses ``choices`` and supports every claim with the page's words, unless ``verdict`` says otherwise."""

    choices: tuple[str, ...] = ("C2", "C1", "C3")
    verdict: Callable[[str], VerdictReply] | None = None
    prompts: list[str] = field(default_factory=list)
    at_work: int = 0
    at_once: int = 0

    @property
    def usage(self) -> Usage:
        return Usage()

    async def ask(
        self, role: str, system: str, user: str, schema: type[Any], *, step: StepName, smaller: bool = False
    ) -> Any:
        assert (role, step, smaller) == ("Fact-checker", StepName.FACT_CHECK, False)
        assert system
        self.at_work += 1
        self.at_once = max(self.at_once, self.at_work)
        await anyio.sleep(0.01)
        self.at_work -= 1
        self.prompts.append(user)
        return self._choice() if schema is ChoiceReply else self._verdict(user)

    def _choice(self) -> BaseModel:
        chosen = [
            ChosenClaim(claim_id=name, reason="It matters.", query=f"for {name}", counter_query=f"against {name}")
            for name in self.choices
        ]
        return ChoiceReply(claims=chosen[:15])

    def _verdict(self, prompt: str) -> VerdictReply:
        if self.verdict:
            return self.verdict(prompt)
        judged = [JudgedEvidence(evidence_id="E1", stance=Stance.SUPPORTS, at=[1])]
        return VerdictReply(
            verdict=Verdict.SUPPORTED, confidence=Confidence.HIGH, rationale="It says so.", evidence=judged
        )


@dataclass
class Shelf(EvidenceSearch):
    """Answers every query with the same evidence, or not at all."""

    found: tuple[Evidence, ...] = (PAGE,)
    name: str = "shelf"
    down: bool = False
    broken: bool = False
    queries: list[str] = field(default_factory=list)
    prepared: bool = False

    async def prepare(self) -> None:
        assert not self.queries
        self.prepared = True

    async def search(self, query: str, limit: int) -> list[Evidence]:
        self.queries.append(query)
        if self.broken:
            raise ZeroDivisionError
        if self.down:
            raise EvidenceUnavailable("The shelf is down.", "Wait.")
        return list(self.found)[:limit]


async def check(
    judge: Judge, *shelves: Shelf, depth: Depth = Depth.STANDARD, side_by_side: bool = True, notes: Notes = NOTES
) -> Checked:
    return await FactCheck(judge, shelves, Heard(), depth, side_by_side=side_by_side).check(notes)


async def test_claims_stay_in_the_order_they_were_chosen_in() -> None:
    checked = await check(Judge(), Shelf())

    assert [claim.id for claim in checked.claims] == ["C2", "C1", "C3"]
    assert {claim.verdict for claim in checked.claims} == {Verdict.SUPPORTED}
    assert checked.claims[0].evidence[0].quote == "Trips rose by 14 per cent."


async def test_the_flag_changes_how_many_are_checked_at_once_and_nothing_else() -> None:
    apart, together = Judge(), Judge()

    one_by_one = await check(apart, Shelf(), side_by_side=False)
    at_once = await check(together, Shelf(), side_by_side=True)

    assert one_by_one == at_once
    assert (apart.at_once, together.at_once) == (1, 3)


async def test_sources_are_prepared_before_they_are_asked() -> None:
    shelf = Shelf()

    await check(Judge(), shelf)

    assert shelf.prepared


async def test_claims_that_do_not_exist_are_dropped_and_counted() -> None:
    checked = await check(Judge(choices=("C2", "C99", "[C1]")), Shelf())

    assert [claim.id for claim in checked.claims] == ["C2", "C1"]
    assert checked.dropped.note_ids == 1


async def test_without_claims_nothing_is_asked() -> None:
    judge = Judge()

    assert await check(judge, Shelf(), notes=Notes(method="m")) == Checked()
    assert judge.prompts == []


async def test_without_a_source_of_evidence_no_judge_is_asked() -> None:
    judge = Judge()

    checked = await check(judge)

    assert len(judge.prompts) == 1
    assert checked.claims[0].verdict is None
    assert checked.claims[0].rationale == "No source of evidence is configured."


async def test_a_source_that_is_down_is_named_in_the_rationale() -> None:
    checked = await check(Judge(), Shelf(down=True, name="wiki"), Shelf(found=(), name="mine"))

    assert checked.claims[0].verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert checked.claims[0].rationale == "Searched 1 source, nothing that bears on it; no answer from wiki."
    assert checked.left_out == "no answer from wiki"


async def test_where_no_source_answers_nothing_was_searched() -> None:
    checked = await check(Judge(), Shelf(down=True, name="wiki"))

    assert checked.claims[0].verdict is None
    assert checked.claims[0].rationale == "No answer from wiki."


async def test_nothing_found_says_how_many_sources_were_searched() -> None:
    checked = await check(Judge(), Shelf(found=()))

    assert checked.claims[0].rationale == "Searched 1 source, nothing that bears on it."


@pytest.mark.parametrize(
    ("depth", "claims", "searches", "judgings"),
    [
        (Depth.STANDARD, 5, 5, 5),
        (Depth.DEEP, 10, 10, 10),
        (Depth.COMPREHENSIVE, 15, 30, 15),
        (Depth.EXPERIMENTAL, 15, 30, 30),
    ],
)
async def test_depth_decides_how_much_is_done(depth: Depth, claims: int, searches: int, judgings: int) -> None:
    judge, shelf = Judge(choices=tuple(f"C{n}" for n in range(1, 21))), Shelf()

    checked = await check(judge, shelf, depth=depth)

    assert (len(checked.claims), len(shelf.queries), len(judge.prompts) - 1) == (claims, searches, judgings)


async def test_a_judge_who_invents_is_told_once_and_then_counted() -> None:
    def invents(_: str) -> VerdictReply:
        judged = [JudgedEvidence(evidence_id="E1", stance=Stance.SUPPORTS, at=[99])]
        return VerdictReply(verdict=Verdict.SUPPORTED, confidence=Confidence.HIGH, rationale="Sure.", evidence=judged)

    judge = Judge(choices=("C1",), verdict=invents)

    checked = await check(judge, Shelf())

    assert len(judge.prompts) == 3
    assert "was rejected" in judge.prompts[-1]
    assert checked.claims[0].verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert checked.dropped.spans == 1


async def test_a_model_that_is_gone_fails_the_step_as_itself() -> None:
    def gone(_: str) -> VerdictReply:
        raise ModelUnavailable("It hung up.", "Try again.")

    with pytest.raises(ModelUnavailable, match="hung up"):
        await check(Judge(verdict=gone), Shelf())


async def test_a_judge_that_fails_on_one_claim_leaves_the_other_verdicts() -> None:
    def gone_for_one(prompt: str) -> VerdictReply:
        if "Claim number 1." in prompt:
            raise ModelUnavailable("It hung up.", "Try again.")
        return Judge()._verdict("")

    checked = await check(Judge(verdict=gone_for_one), Shelf())

    assert [claim.verdict for claim in checked.claims] == [Verdict.SUPPORTED, None, Verdict.SUPPORTED]
    assert checked.claims[1].rationale == "Not judged: It hung up."
    assert checked.left_out == "1 of 3 claims not judged: It hung up."


async def test_a_claim_that_does_not_exist_is_told_once() -> None:
    judge = Judge(choices=("C2", "C99"))

    await check(judge, Shelf())

    assert "there is no claim C99" in judge.prompts[1]
    assert sum("was rejected" in prompt for prompt in judge.prompts) == 1


async def test_a_bug_is_not_taken_for_a_model_that_failed() -> None:
    def broken(_: str) -> VerdictReply:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await check(Judge(verdict=broken), Shelf())


async def test_a_bug_in_a_source_of_evidence_is_raised_as_itself() -> None:
    with pytest.raises(ZeroDivisionError):
        await check(Judge(), Shelf(broken=True))
