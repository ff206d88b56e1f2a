"""The findings of the analysts, and the briefing made of them: each with citations.

Verdicts are AVeriTeC's four labels (Schlichtkrull et al., 2023). Types of fallacies are the second level of MAFALDA's
taxonomy (Helwe et al., "MAFALDA", 2024), with its definitions.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import Field, computed_field, model_validator

from autointel.domain.citation import Citation
from autointel.domain.value import Confidence, Value

_LAID_OUT: Final = frozenset({"insights", "themes", "excerpts", "terms", "statements", "fallacies", "perspectives"})


class Finding(Value):
    """An item of analysis. ``method`` names how it was found, so that a reader can weigh it."""

    text: str = Field(min_length=1)
    confidence: Confidence
    method: str
    # A finding that cites nothing is an opinion of ours.
    citations: tuple[Citation, ...] = Field(min_length=1)


class Insight(Finding):
    """A conclusion from what was said."""


class Theme(Finding):
    """A subject that runs through the source."""


class Excerpt(Finding):
    """A sentence that stands for its part of the talk; ``text`` is verbatim, ``context`` the sentence before it."""

    context: Citation | None = None


class FrequentTerm(Finding):
    """A word or phrase used often."""

    count: int = Field(ge=1)


class Fallacy(Finding):
    """A step of reasoning that does not hold; ``counter_reading`` says why it might."""

    type: str
    premise: str
    counter_reading: str


class Perspective(Finding):
    """A view: its holder, its grounds, and what it leaves out."""

    holder: str
    grounds: str
    missing: str


class RelatedPassage(Value):
    """A passage of another source on the same subject. Not a verdict; ``flags`` name literal differences."""

    passage_id: str
    quote: str
    source_title: str
    source_url: str | None = None
    start: float | None = None
    paragraph: int | None = None
    place: str | None = None
    approximate: bool = False
    score: float
    flags: tuple[str, ...] = ()


class Statement(Finding):
    """A sentence that sounds factual; ``text`` is verbatim. Ranked, not judged. ``sponsored``: an advertisement's."""

    related: tuple[RelatedPassage, ...] = ()
    sponsored: bool = False


class Analysis(Value):
    """Everything the analysts and the local engine found."""

    insights: tuple[Insight, ...] = ()
    themes: tuple[Theme, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    terms: tuple[FrequentTerm, ...] = ()
    statements: tuple[Statement, ...] = ()
    fallacies: tuple[Fallacy, ...] = ()
    perspectives: tuple[Perspective, ...] = ()

    @property
    def further(self) -> dict[str, tuple[Finding, ...]]:
        """Findings of a kind that no rendering lays out by itself, by the name of their field; shown as plain lists."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in _LAID_OUT}


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


class Dropped(Value):
    """Counts of items that were removed because they rested on nothing, by kind; final items only.

    ``not_carried`` are sentences that say what their quotes do not, ``questions`` those that state nothing,
    ``duplicates`` what was said before. ``sentences`` are these three and the ``uncited``, with the reasons.
    """

    quotes: int = Field(default=0, ge=0)
    note_ids: int = Field(default=0, ge=0)
    uncited: int = Field(default=0, ge=0)
    spans: int = Field(default=0, ge=0)
    not_carried: int = Field(default=0, ge=0)
    duplicates: int = Field(default=0, ge=0)
    questions: int = Field(default=0, ge=0)
    sentences: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Everything removed."""
        return self.quotes + self.note_ids + self.uncited + self.spans + self.sentences_removed

    @property
    def sentences_removed(self) -> int:
        """Sentences that their quotes do not carry, that state nothing, or that were said before."""
        return self.not_carried + self.duplicates + self.questions

    def __add__(self, other: Dropped) -> Dropped:
        """Both together, the sentences in the alphabet's order: which of two steps ended first makes no difference."""
        return Dropped(
            quotes=self.quotes + other.quotes,
            note_ids=self.note_ids + other.note_ids,
            uncited=self.uncited + other.uncited,
            spans=self.spans + other.spans,
            not_carried=self.not_carried + other.not_carried,
            duplicates=self.duplicates + other.duplicates,
            questions=self.questions + other.questions,
            sentences=tuple(sorted((*self.sentences, *other.sentences))),
        )


class Checked(Value):
    """All checked claims, and the counts of what was removed.

    ``left_out`` says how many could not be judged, and why; empty where all were.
    """

    claims: tuple[CheckedClaim, ...] = ()
    dropped: Dropped = Dropped()
    left_out: str = ""


class Likelihood(StrEnum):
    """How likely a judgment is to be true; separate from confidence in its grounds (ICD 203)."""

    ALMOST_CERTAIN = "almost certain"
    VERY_LIKELY = "very likely"
    LIKELY = "likely"
    EVEN = "roughly even"
    UNLIKELY = "unlikely"
    VERY_UNLIKELY = "very unlikely"
    REMOTE = "almost no chance"


class KeyJudgment(Value):
    """One sentence that an analyst would sign."""

    text: str = Field(min_length=1)
    likelihood: Likelihood
    confidence: Confidence
    citations: tuple[Citation, ...] = Field(min_length=1)


class Briefing(Value):
    """The briefing as Markdown, and its judgments as values."""

    markdown: str
    judgments: tuple[KeyJudgment, ...] = ()
    dropped: Dropped = Dropped()

    @model_validator(mode="before")
    @classmethod
    def _sum_again(cls, value: object) -> object:
        """Ignore the sum in a saved report; the sum is computed."""
        if isinstance(value, dict):
            return {key: each for key, each in value.items() if key != "dropped_ungrounded"}
        return value

    @computed_field  # type: ignore[prop-decorator]
    @property
    def dropped_ungrounded(self) -> int:
        """The sum of ``dropped``."""
        return self.dropped.total


class FallacyType(StrEnum):
    """A fallacy has one of these types, or it is not shown."""

    APPEAL_TO_ANGER = "appeal to anger"
    APPEAL_TO_FEAR = "appeal to fear"
    APPEAL_TO_PITY = "appeal to pity"
    APPEAL_TO_POSITIVE_EMOTION = "appeal to positive emotion"
    APPEAL_TO_RIDICULE = "appeal to ridicule"
    APPEAL_TO_WORSE_PROBLEMS = "appeal to worse problems"
    CAUSAL_OVERSIMPLIFICATION = "causal oversimplification"
    CIRCULAR_REASONING = "circular reasoning"
    EQUIVOCATION = "equivocation"
    FALSE_ANALOGY = "false analogy"
    FALSE_CAUSALITY = "false causality"
    FALSE_DILEMMA = "false dilemma"
    FALLACY_OF_DIVISION = "fallacy of division"
    HASTY_GENERALIZATION = "hasty generalization"
    SLIPPERY_SLOPE = "slippery slope"
    STRAW_MAN = "straw man"
    AD_HOMINEM = "ad hominem"
    AD_POPULUM = "ad populum"
    APPEAL_TO_AUTHORITY = "appeal to authority"
    APPEAL_TO_NATURE = "appeal to nature"
    APPEAL_TO_TRADITION = "appeal to tradition"
    GUILT_BY_ASSOCIATION = "guilt by association"
    TU_QUOQUE = "tu quoque"


DEFINITIONS: Final = {
    FallacyType.APPEAL_TO_ANGER: "indignation stands in for a reason",
    FallacyType.APPEAL_TO_FEAR: "fear of what may come stands in for a reason",
    FallacyType.APPEAL_TO_PITY: "compassion stands in for a reason",
    FallacyType.APPEAL_TO_POSITIVE_EMOTION: "hope, pride or flattery stands in for a reason",
    FallacyType.APPEAL_TO_RIDICULE: "the other view is made to look absurd and not answered",
    FallacyType.APPEAL_TO_WORSE_PROBLEMS: "a problem is dismissed because there are worse ones",
    FallacyType.CAUSAL_OVERSIMPLIFICATION: "one cause is named where there are several",
    FallacyType.CIRCULAR_REASONING: "the conclusion is one of its own premises",
    FallacyType.EQUIVOCATION: "a word changes its meaning on the way",
    FallacyType.FALSE_ANALOGY: "two things are alike in one respect and taken to be alike in another",
    FallacyType.FALSE_CAUSALITY: "what comes after, or together, is taken for an effect",
    FallacyType.FALSE_DILEMMA: "two choices are given where there are more",
    FallacyType.FALLACY_OF_DIVISION: "what holds of the whole is taken to hold of each part",
    FallacyType.HASTY_GENERALIZATION: "a rule is drawn from few cases",
    FallacyType.SLIPPERY_SLOPE: "one step is said to lead to an extreme, without a reason for each step between",
    FallacyType.STRAW_MAN: "a weaker view than the other's is refuted",
    FallacyType.AD_HOMINEM: "the person is attacked and not the argument",
    FallacyType.AD_POPULUM: "many believe it, so it is true",
    FallacyType.APPEAL_TO_AUTHORITY: "somebody says so who is no authority on it, or whose reasons are not given",
    FallacyType.APPEAL_TO_NATURE: "natural is taken for good",
    FallacyType.APPEAL_TO_TRADITION: "it was always so, so it is right",
    FallacyType.GUILT_BY_ASSOCIATION: "a view is rejected for those who share it",
    FallacyType.TU_QUOQUE: "a charge is answered with the other's own fault",
}


def taxonomy() -> str:
    """The list as a prompt shows it, on one line."""
    return "; ".join(f"{kind} ({meaning})" for kind, meaning in DEFINITIONS.items()) + "."
