"""The types of fallacies: MAFALDA's taxonomy (Helwe et al., "MAFALDA", 2024), its second level, with definitions."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


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
