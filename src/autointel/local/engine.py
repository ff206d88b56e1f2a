"""The engine without a model: it does what classical methods do well and declines the rest.

Measured before this was decided: linear fallacy detectors that score .88 at home are at chance (AUC .53) on other data,
and verdicts from word overlap, negation and numbers (.28) are worse than always naming the commonest verdict (.61).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from autointel.domain.analysis import Analysis, Excerpt, FrequentTerm, Statement
from autointel.domain.notes import Notes
from autointel.domain.value import Confidence
from autointel.local.reader import LocalReader
from autointel.pipeline.brief import PageAlone
from autointel.pipeline.read import Read, Related
from autointel.pipeline.stages import Stage
from autointel.pipeline.step import AnyStep, Declines
from autointel.ports import Embedder

EXCERPT_METHOD: Final = "sentences that stand alone, by the words of this talk and LexRank"
STATEMENT_METHOD: Final = "hand-weighted rule for factual wording"
TERM_METHOD: Final = "noun phrases ranked by C-value"
_REASON: Final = "these need a language model"
_HINT: Final = "set OPENAI_API_KEY, or AUTOINTEL_MODEL__BASE_URL for a local one"


def analysis_of(notes: Notes) -> Analysis:
    """Key points as excerpts, claims as statements, terms as frequent terms; nothing is judged.

    Confidences: as a summary, sentences picked by centrality are little better than the opening or than chance (ROUGE-1
    .214, .207 and .198 on QMSum's meetings), and terms are noisy: low. That a statement sounds factual is mostly right
    (average precision .73 to .85 on ClaimBuster and CheckThat): medium, for the sound, not for the truth.
    """
    return Analysis(
        excerpts=tuple(
            Excerpt(
                text=point.citation.quote,
                confidence=Confidence.LOW,
                method=EXCERPT_METHOD,
                citations=(point.citation,),
                context=point.context,
            )
            for point in notes.key_points
        ),
        statements=tuple(
            Statement(
                text=claim.citation.quote,
                confidence=Confidence.MEDIUM,
                method=STATEMENT_METHOD,
                citations=(claim.citation,),
                sponsored=claim.sponsored,
            )
            for claim in notes.claims
        ),
        terms=tuple(
            FrequentTerm(
                text=term.text,
                count=term.count,
                confidence=Confidence.LOW,
                method=TERM_METHOD,
                citations=(term.citation,),
            )
            for term in notes.terms
        ),
    )


class LocalEngine:
    """Implements StepEngine. ``shared`` are the steps that both engines do alike; ``related`` is as in ``Read``."""

    def __init__(self, embedder: Embedder, related: Related | None, shared: Iterable[AnyStep]) -> None:
        own: list[AnyStep] = [Read(LocalReader(embedder), analysis_of, related), PageAlone()]
        self._steps = {step.name: step for step in (*shared, *own)}

    def step(self, stage: Stage) -> AnyStep:
        """The step of a stage; a judgement is declined."""
        return self._steps.get(stage.name) or Declines(stage.name, _REASON, _HINT)
