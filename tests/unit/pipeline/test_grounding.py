"""Ids that do not exist are told once and counted; what cites nothing is not said."""

from __future__ import annotations

import pytest
from tests import examples

from autointel.domain.analysis import Fallacy, FallacyType, Insight, Perspective
from autointel.domain.citation import Citation
from autointel.domain.notes import KeyPoint, Notes
from autointel.domain.value import Confidence
from autointel.model.replies import Ungrounded
from autointel.pipeline.fallacies import CitedFallacy
from autointel.pipeline.grounding import Cited, Grounding
from autointel.pipeline.insights import Insights
from autointel.pipeline.perspectives import CitedPerspective

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
    dropped = grounding.settle(last=True)
    assert (dropped.uncited, dropped.sentences) == (1, ("Bold words. (no note is cited)",))


CARRYING = Notes(
    method="m",
    key_points=(
        KeyPoint(
            id="K1",
            text="The city pays eleven million euros a year for its buses.",
            citation=Citation(quote="We pay eleven million euros a year for the buses.", start=1.0, end=3.0),
            speaker="Ana Kask",
        ),
    ),
)


def cited(text: str, *ids: str) -> Cited:
    return Cited(text=text, note_ids=list(ids or ("K1",)), confidence=Confidence.HIGH)


@pytest.mark.parametrize(
    "text",
    [
        "The city pays twelve million euros a year for its buses.",
        "The city does not pay for its buses.",
        "Ben Lill says that the city pays for its buses.",
        "Does the city pay for its buses?",
        "Cats sleep through the whole afternoon.",
    ],
)
def test_a_finding_that_its_notes_do_not_carry_is_told_once_then_counted(text: str) -> None:
    first, last = Grounding.on(CARRYING), Grounding.on(CARRYING)

    assert first.findings(Insight, [cited(text)]) == ()
    with pytest.raises(Ungrounded, match="do not say this"):
        first.settle(last=False)
    assert last.findings(Insight, [cited(text)]) == ()
    dropped = last.settle(last=True)
    assert dropped.sentences_removed == dropped.total == 1
    assert dropped.sentences[0].startswith(text)


def test_a_finding_that_its_notes_carry_is_kept_once() -> None:
    grounding = Grounding.on(CARRYING)
    same = [
        cited("The city may well pay €11 million for buses."),
        cited("The city may well pay 11 million € for buses."),
    ]

    found = grounding.findings(Insight, same)

    assert len(found) == 1
    assert grounding.settle(last=False).duplicates == 1


def test_what_is_inferred_may_name_a_cause_of_its_own_and_a_judgment_may_not() -> None:
    item = cited("The buses are the city's because it pays eleven million euros.")

    assert Grounding.on(CARRYING).carries(item, (), inferred=True)
    assert not Grounding.on(CARRYING).carries(item, (), inferred=False)


def test_the_grounds_of_a_view_are_carried_like_the_view_and_left_out_where_they_are_not() -> None:
    view = CitedPerspective(
        text="The city pays for its buses.",
        note_ids=["K1"],
        confidence=Confidence.HIGH,
        holder="Ana Kask",
        grounds="The city pays twelve million euros.",
        missing="It leaves out who lives there.",
    )
    grounding = Grounding.on(CARRYING)

    (found,) = grounding.findings(Perspective, [view])

    assert (found.grounds, found.missing) == ("", "It leaves out who lives there.")
    assert grounding.settle(last=True).not_carried == 1


def test_what_a_fallacy_supposes_may_be_the_analysts_own_but_not_its_numbers_and_names() -> None:
    fallacy = CitedFallacy(
        text="The city pays for its buses.",
        note_ids=["K1"],
        confidence=Confidence.HIGH,
        type=FallacyType.FALSE_DILEMMA,
        premise="Nothing else could pay for buses.",
        counter_reading="Riga paid 90 million.",
    )
    grounding = Grounding.on(CARRYING)

    (found,) = grounding.findings(Fallacy, [fallacy])

    assert (found.premise, found.counter_reading) == ("Nothing else could pay for buses.", "")
    assert "Riga" in grounding.settle(last=True).sentences[0]


def test_what_states_nothing_is_not_asked_for_again_where_something_stands() -> None:
    grounding = Grounding.on(CARRYING)
    items = [cited("The city pays for its buses."), cited("Guilty."), cited("Ana Kask is a person.")]

    assert len(grounding.findings(Insight, items)) == 1
    assert grounding.settle(last=False).questions == 2


def test_an_analyst_of_no_notes_is_not_asked() -> None:
    results = examples.llm_results().model_copy(update={"notes": Notes(method="m")})

    assert Insights().unasked(results) is not None
    assert Insights().unasked(results.model_copy(update={"notes": NOTES})) is None
