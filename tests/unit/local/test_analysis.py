from __future__ import annotations

from autointel.domain.citation import Citation
from autointel.domain.notes import Claim, KeyPoint, Notes, Term
from autointel.domain.value import Confidence
from autointel.local.engine import EXCERPT_METHOD, STATEMENT_METHOD, TERM_METHOD, analysis_of

QUOTE = Citation(quote="Fares rose.", start=1.0, end=2.0)


def test_notes_become_findings_with_method_and_confidence() -> None:
    notes = Notes(
        method="m",
        key_points=(KeyPoint(id="k1", text="Fares rose.", citation=QUOTE),),
        claims=(Claim(id="c1", text="Fares rose.", citation=QUOTE),),
        terms=(Term(text="fares", count=3, citation=QUOTE),),
    )

    analysis = analysis_of(notes)

    excerpt, statement, term = analysis.excerpts[0], analysis.statements[0], analysis.terms[0]
    assert (excerpt.text, excerpt.method, excerpt.confidence) == ("Fares rose.", EXCERPT_METHOD, Confidence.LOW)
    assert (statement.text, statement.method, statement.confidence) == (
        "Fares rose.",
        STATEMENT_METHOD,
        Confidence.MEDIUM,
    )
    assert (term.text, term.count, term.method, term.confidence) == ("fares", 3, TERM_METHOD, Confidence.LOW)
    assert excerpt.citations == statement.citations == term.citations == (QUOTE,)


def test_nothing_is_judged() -> None:
    analysis = analysis_of(Notes(method="m"))

    assert not analysis.insights
    assert not analysis.fallacies
    assert not analysis.perspectives
