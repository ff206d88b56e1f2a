from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.local.making import transcript

from autointel.domain.citation import Citation
from autointel.domain.notes import KeyPoint, Notes, Term
from autointel.domain.transcript import Chapter
from autointel.errors import UsageError
from autointel_bench.evaluation.briefing import Checks, score_briefing, score_briefings

CHECKS = Checks(
    refers=lambda text: text.startswith("It"),
    advertises=lambda text: "code" in text,
    names=lambda text: text != "really",
)


def point(text: str, start: float, *, context: bool = False) -> KeyPoint:
    citation = Citation(quote=text, start=start, end=start + 1)
    return KeyPoint(id="k1", text=text, citation=citation, context=citation if context else None)


def test_faults_are_counted_and_items_printed() -> None:
    notes = Notes(
        method="m",
        key_points=(
            point("It is so.", 1.0),
            point("It is so.", 2.0, context=True),
            point("Use code TRAM.", 3.0),
        ),
        terms=(
            Term(text="tram", count=2, citation=Citation(quote="tram", start=0.0)),
            Term(text="really", count=2, citation=Citation(quote="really", start=0.0)),
        ),
        chapters=(Chapter(title="Opening", start=0.0), Chapter(title="End", start=60.0)),
    )

    score = score_briefing("talk", transcript("Trams."), notes, CHECKS)

    assert (score.unresolved, score.repeated, score.advertising, score.no_nouns) == (1, 1, 1, 1)
    assert (score.chapters, score.covered) == (2, 1)
    assert "quote     Use code TRAM.\n" in score.render()
    assert "of 3 sentences 1 refer elsewhere" in score.render()


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no file"):
        score_briefings(tmp_path, lambda _: (transcript("Trams."), Notes(method="m")), CHECKS)


def test_every_file_of_a_folder_is_scored(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Trams.", encoding="utf-8")

    text = score_briefings(tmp_path, lambda _: (transcript("Trams."), Notes(method="m")), CHECKS)

    assert "a.txt: of 0 sentences" in text
    assert "b.txt: of 0 sentences" in text
