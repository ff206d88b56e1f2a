"""What cannot be judged without a language model is declined by name, never imitated.

Measured before this was decided: linear fallacy detectors that score .88 at home are at chance (AUC .53) on other data,
and verdicts from word overlap, negation and numbers (.28) are worse than always naming the commonest verdict (.61).
"""

# ruff: noqa: ARG002 - the ports name what a model would look at

from __future__ import annotations

from typing import Final

from autointel import ports
from autointel.domain.analysis import Fallacy, Insight, Perspective, Theme
from autointel.domain.briefing import Dropped, KeyJudgment
from autointel.domain.fact_check import Checked
from autointel.domain.notes import Notes
from autointel.domain.results import Results
from autointel.domain.source import Source
from autointel.errors import Declined

_REASON: Final = "these need a language model"
_HINT: Final = "set OPENAI_API_KEY, or AUTOINTEL_MODEL__BASE_URL for a local one"


class LocalAnalysts(ports.Analysts):
    """Declines all three analyses."""

    async def insights(self, notes: Notes) -> tuple[tuple[Insight, ...], tuple[Theme, ...]]:
        """Raises Declined."""
        raise Declined(_REASON, _HINT)

    async def fallacies(self, notes: Notes) -> tuple[Fallacy, ...]:
        """Raises Declined."""
        raise Declined(_REASON, _HINT)

    async def perspectives(self, notes: Notes) -> tuple[Perspective, ...]:
        """Raises Declined."""
        raise Declined(_REASON, _HINT)


class LocalFactChecker(ports.FactChecker):
    """Declines verdicts; the statements themselves are ranked in the notes."""

    async def check(self, source: Source, notes: Notes, *, side_by_side: bool) -> Checked:
        """Raises Declined."""
        raise Declined(_REASON, _HINT)


class LocalJudgmentWriter(ports.JudgmentWriter):
    """Draws no judgments: the briefing is then what code can lay out by itself."""

    async def judge(self, results: Results) -> tuple[tuple[KeyJudgment, ...], Dropped]:
        """No judgments, nothing dropped."""
        return (), Dropped()
