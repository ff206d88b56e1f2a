"""The reader's notes as findings, each with its method and an honest confidence."""

from __future__ import annotations

from typing import Final

from autointel.domain.analysis import Analysis, Excerpt, FrequentTerm, Statement
from autointel.domain.notes import Notes
from autointel.domain.value import Confidence

EXCERPT_METHOD: Final = "embedding LexRank with MMR"
STATEMENT_METHOD: Final = "hand-weighted rule for factual wording"
TERM_METHOD: Final = "n-grams ranked by C-value"


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
            )
            for point in notes.key_points
        ),
        statements=tuple(
            Statement(
                text=claim.citation.quote,
                confidence=Confidence.MEDIUM,
                method=STATEMENT_METHOD,
                citations=(claim.citation,),
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
