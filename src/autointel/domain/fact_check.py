"""Claims, evidence, verdicts: AVeriTeC's four labels (Schlichtkrull et al., 2023)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field, model_validator

from autointel.domain.briefing import Dropped
from autointel.domain.citation import Citation
from autointel.domain.value import Confidence, Value


class Verdict(StrEnum):
    """What the evidence says about a claim."""

    SUPPORTED = "SUPPORTED"
    REFUTED = "REFUTED"
    CONFLICTING_EVIDENCE = "CONFLICTING_EVIDENCE"
    NOT_ENOUGH_EVIDENCE = "NOT_ENOUGH_EVIDENCE"


class Stance(StrEnum):
    """What one piece of evidence says about the claim."""

    SUPPORTS = "supports"
    REFUTES = "refutes"
    NEUTRAL = "neutral"


class Evidence(Value):
    """A page found for a claim. ``quote`` is verbatim from the page (up to white space)."""

    id: str
    url: str
    title: str
    quote: str = Field(min_length=1)
    stance: Stance = Stance.NEUTRAL
    published_at: date | None = None
    newer_than_claim: bool | None = None


class CheckedClaim(Value):
    """A claim and its verdict. ``verdict`` is None if no engine could judge it."""

    id: str
    text: str
    citation: Citation
    speaker: str | None = None
    verdict: Verdict | None = None
    confidence: Confidence | None = None
    rationale: str | None = None
    evidence: tuple[Evidence, ...] = ()

    @model_validator(mode="after")
    def _a_verdict_rests_on_evidence(self) -> CheckedClaim:
        # A model that is sure but cites nothing is guessing.
        if self.verdict not in {None, Verdict.NOT_ENOUGH_EVIDENCE} and not self.evidence:
            raise ValueError(f"{self.verdict} without evidence")
        return self


class Checked(Value):
    """All checked claims, and the counts of what was removed.

    ``left_out`` says how many could not be judged, and why; empty where all were.
    """

    claims: tuple[CheckedClaim, ...] = ()
    dropped: Dropped = Dropped()
    left_out: str = ""
