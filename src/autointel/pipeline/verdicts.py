"""What a judge says of one claim, and what of it is accepted: a verdict stands on spans that are on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, Field

from autointel.domain.briefing import Dropped
from autointel.domain.fact_check import Evidence, Stance, Verdict
from autointel.domain.value import Confidence

_NEEDS: Final = {
    Verdict.SUPPORTED: {Stance.SUPPORTS},
    Verdict.REFUTED: {Stance.REFUTES},
    Verdict.CONFLICTING_EVIDENCE: {Stance.SUPPORTS, Stance.REFUTES},
    Verdict.NOT_ENOUGH_EVIDENCE: set[Stance](),
}


class JudgedEvidence(BaseModel):
    """One piece of evidence and the words in it that bear on the claim."""

    evidence_id: str
    stance: Stance
    span: str = Field(description="copied letter for letter from that evidence")


class VerdictReply(BaseModel):
    """A verdict by AVeriTeC's four labels."""

    verdict: Verdict
    confidence: Confidence
    rationale: str = Field(min_length=1, description="one or two sentences that name the evidence")
    evidence: list[JudgedEvidence] = Field(max_length=6)


@dataclass(frozen=True)
class Ruling:
    """What is left of a verdict once its evidence has been looked at."""

    verdict: Verdict
    confidence: Confidence | None
    rationale: str
    evidence: tuple[Evidence, ...]
    dropped: Dropped = field(default_factory=Dropped)
    problems: str = ""


def ruling(reply: VerdictReply, shown: Sequence[Evidence]) -> Ruling:
    """The verdict as far as it is grounded in ``shown``, the evidence as the judge saw it, E1 first.

    Unknown ids and spans that are not in their evidence are removed and counted; a verdict whose label the rest does
    not carry becomes NOT_ENOUGH_EVIDENCE.
    """
    by_id = {f"E{number}": evidence for number, evidence in enumerate(shown, start=1)}
    kept: list[Evidence] = []
    unknown, absent = [], []
    for item in reply.evidence:
        evidence = by_id.get(item.evidence_id.strip("[] "))
        if evidence is None:
            unknown.append(item.evidence_id)
            # Made up twice over, where no other evidence has the words either.
            absent += [item.span] if all(_span(item.span, each.quote) is None for each in shown) else []
        elif (span := _span(item.span, evidence.quote)) is None:
            absent.append(item.span)
        else:
            kept.append(evidence.model_copy(update={"quote": span, "stance": item.stance}))
    problems = [f"there is no evidence {', '.join(unknown)}"] if unknown else []
    problems += [f"these words are not in the evidence: {span[:200]}" for span in absent]
    dropped = Dropped(note_ids=len(unknown), spans=len(absent))
    if _NEEDS[reply.verdict] <= {evidence.stance for evidence in kept}:
        confidence = None if reply.verdict is Verdict.NOT_ENOUGH_EVIDENCE else reply.confidence
        return Ruling(reply.verdict, confidence, reply.rationale, tuple(kept), dropped, "; ".join(problems))
    return Ruling(
        Verdict.NOT_ENOUGH_EVIDENCE,
        None,
        f"The judge said {reply.verdict}, but the evidence it gave for that does not hold up.",
        tuple(kept),
        dropped,
        "; ".join(problems),
    )


def agreed(first: Ruling, second: Ruling) -> Ruling:
    """Two independent rulings as one: where they differ, the evidence conflicts as far as we can tell."""
    dropped = first.dropped + second.dropped
    evidence = tuple({(each.url, each.quote): each for each in (*first.evidence, *second.evidence)}.values())
    if first.verdict is second.verdict:
        return Ruling(first.verdict, first.confidence, first.rationale, evidence, dropped)
    verdict = Verdict.CONFLICTING_EVIDENCE if evidence else Verdict.NOT_ENOUGH_EVIDENCE
    rationale = f"Judged twice: {first.verdict} ({first.rationale}) and {second.verdict} ({second.rationale})."
    return Ruling(verdict, Confidence.LOW if evidence else None, rationale, evidence, dropped)


def _span(span: str, page: str) -> str | None:
    """The span in the page's own spelling, white space apart; None where it does not occur."""
    wanted, there = " ".join(span.split()), " ".join(page.split())
    at = there.casefold().find(wanted.casefold()) if wanted else -1
    # Case folding may change lengths (ß); then only the letter-for-letter span will do.
    if at < 0 or len(there.casefold()) != len(there):
        at = there.find(wanted) if wanted else -1
    return there[at : at + len(wanted)] if at >= 0 else None
