"""Ids that do not exist are told once and counted; what cites nothing is not said."""

from __future__ import annotations

import pytest

from autointel.domain.citation import Citation
from autointel.domain.notes import KeyPoint, Notes
from autointel.model.grounding import Ungrounded
from autointel.pipeline.grounding import Grounding

NOTES = Notes(
    method="m",
    key_points=tuple(
        KeyPoint(id=f"K{n}", text=f"Point {n}", citation=Citation(quote=f"q{n}", start=float(n), end=n + 1.0))
        for n in range(1, 9)
    ),
)


def test_ids_become_the_citations_of_their_notes_in_order_each_once() -> None:
    grounding = Grounding.on(NOTES)

    found = grounding.citations("text", ["[K2]", " K1 ", "K2"])

    assert [citation.quote for citation in found] == ["q2", "q1"]
    assert grounding.settle(last=False).total == 0


def test_an_item_shows_a_few_citations_and_not_all() -> None:
    assert len(Grounding.on(NOTES).citations("text", [f"K{n}" for n in range(1, 9)])) == 4


def test_an_unknown_id_is_told_while_it_may_still_be_mended() -> None:
    grounding = Grounding.on(NOTES)
    grounding.citations("text", ["K1", "K77"])

    with pytest.raises(Ungrounded, match="there is no note K77"):
        grounding.settle(last=False)


def test_an_unknown_id_is_counted_at_last() -> None:
    grounding = Grounding.on(NOTES)
    grounding.citations("text", ["K1", "K77", "K78"])

    assert grounding.settle(last=True).note_ids == 2


def test_a_sentence_without_any_id_is_told_then_counted() -> None:
    grounding = Grounding.on(NOTES)

    assert grounding.citations("Bold words.", []) == ()
    with pytest.raises(Ungrounded, match=r"Bold words\."):
        grounding.settle(last=False)
    assert grounding.settle(last=True).uncited == 1
