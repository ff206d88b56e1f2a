"""A verdict stands on spans that are in the evidence, or it is not enough."""

from __future__ import annotations

import pytest

from autointel.domain.analysis import Evidence, Stance, Verdict
from autointel.domain.value import Confidence
from autointel.pipeline.verdicts import JudgedEvidence, NumberedEvidence, Ruling, VerdictReply, agreed, distinct, ruling

PAGES = (
    Evidence(id="a", url="https://a.example", title="A", quote="Trips rose by 14 per cent.  The fare was abolished."),
    Evidence(id="b", url="https://b.example", title="B", quote="Nobody counted the trips."),
)


SHOWN = NumberedEvidence(PAGES)


def reply(verdict: Verdict, *evidence: tuple[str, Stance, int]) -> VerdictReply:
    judged = [JudgedEvidence(evidence_id=name, stance=stance, at=[at]) for name, stance, at in evidence]
    return VerdictReply(verdict=verdict, confidence=Confidence.HIGH, rationale="Because.", evidence=judged)


def test_evidence_reaches_the_judge_as_numbered_sentences() -> None:
    assert SHOWN.text == (
        "[E1] A\n1| Trips rose by 14 per cent.\n2| The fare was abolished.\n\n[E2] B\n3| Nobody counted the trips."
    )


def test_a_sentence_of_the_evidence_carries_the_verdict_in_the_pages_own_words() -> None:
    found = ruling(reply(Verdict.REFUTED, ("[E1]", Stance.REFUTES, 1)), SHOWN)

    assert (found.verdict, found.confidence) == (Verdict.REFUTED, Confidence.HIGH)
    assert [(each.quote, each.stance) for each in found.evidence] == [("Trips rose by 14 per cent.", Stance.REFUTES)]
    assert found.problems == ""


def test_neighbouring_sentences_are_quoted_as_they_stand() -> None:
    judged = JudgedEvidence(evidence_id="E1", stance=Stance.SUPPORTS, at=[2, 1])
    both = VerdictReply(verdict=Verdict.SUPPORTED, confidence=Confidence.HIGH, rationale="So.", evidence=[judged])

    assert ruling(both, SHOWN).evidence[0].quote == "Trips rose by 14 per cent. The fare was abolished."


@pytest.mark.parametrize("at", [3, 99])
def test_a_sentence_that_is_not_on_the_page_is_removed_counted_and_told(at: int) -> None:
    found = ruling(reply(Verdict.REFUTED, ("E1", Stance.REFUTES, at)), SHOWN)

    assert found.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert found.dropped.spans == 1
    assert f"E1 has no sentence {at}" in found.problems


def test_evidence_that_was_never_shown_is_removed_counted_and_told() -> None:
    found = ruling(reply(Verdict.SUPPORTED, ("E9", Stance.SUPPORTS, 1)), SHOWN)

    assert found.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert found.dropped.note_ids == 1
    assert "E9" in found.problems


@pytest.mark.parametrize(
    ("verdict", "stance"),
    [
        (Verdict.SUPPORTED, Stance.REFUTES),
        (Verdict.REFUTED, Stance.SUPPORTS),
        (Verdict.SUPPORTED, Stance.NEUTRAL),
        (Verdict.CONFLICTING_EVIDENCE, Stance.SUPPORTS),
    ],
)
def test_a_label_that_its_evidence_does_not_carry_is_not_kept(verdict: Verdict, stance: Stance) -> None:
    found = ruling(reply(verdict, ("E1", stance, 2)), SHOWN)

    assert (found.verdict, found.confidence) == (Verdict.NOT_ENOUGH_EVIDENCE, None)
    assert str(verdict) in found.rationale


def test_conflicting_evidence_needs_both_sides() -> None:
    both = (("E1", Stance.SUPPORTS, 1), ("E2", Stance.REFUTES, 3))

    assert ruling(reply(Verdict.CONFLICTING_EVIDENCE, *both), SHOWN).verdict is Verdict.CONFLICTING_EVIDENCE


def test_not_enough_evidence_has_no_confidence() -> None:
    assert ruling(reply(Verdict.NOT_ENOUGH_EVIDENCE), SHOWN).confidence is None


def one(verdict: Verdict, *evidence: Evidence) -> Ruling:
    return Ruling(verdict, Confidence.HIGH, "Because.", evidence)


def test_two_judges_who_agree_are_one() -> None:
    found = agreed(one(Verdict.SUPPORTED, PAGES[0]), one(Verdict.SUPPORTED, PAGES[0]))

    assert (found.verdict, len(found.evidence)) == (Verdict.SUPPORTED, 1)


def test_two_judges_who_differ_make_the_evidence_conflicting() -> None:
    found = agreed(one(Verdict.SUPPORTED, PAGES[0]), one(Verdict.REFUTED, PAGES[1]))

    assert (found.verdict, found.confidence) == (Verdict.CONFLICTING_EVIDENCE, Confidence.LOW)
    assert "SUPPORTED" in found.rationale
    assert "REFUTED" in found.rationale


def test_two_judges_who_differ_over_nothing_have_not_enough() -> None:
    found = agreed(one(Verdict.SUPPORTED), one(Verdict.NOT_ENOUGH_EVIDENCE))

    assert found.verdict is Verdict.NOT_ENOUGH_EVIDENCE


@pytest.mark.parametrize(("at", "absent"), [(1, 0), (99, 1)])
def test_words_of_evidence_that_does_not_exist_count_where_no_other_has_them(at: int, absent: int) -> None:
    found = ruling(reply(Verdict.SUPPORTED, ("E7", Stance.SUPPORTS, at)), SHOWN)

    assert (found.dropped.note_ids, found.dropped.spans) == (1, absent)


@pytest.mark.parametrize("rationale", ["E1 counts 99 per cent.", "The page says Riga did too.", "It was in May."])
def test_reasons_with_facts_that_no_evidence_has_are_left_out_told_and_counted(rationale: str) -> None:
    said = reply(Verdict.REFUTED, ("E1", Stance.REFUTES, 1)).model_copy(update={"rationale": rationale})

    found = ruling(said, SHOWN, "Trips doubled.")

    assert rationale not in found.rationale
    assert rationale in found.problems
    assert (found.verdict, found.dropped.not_carried) == (Verdict.REFUTED, 1)


def test_reasons_may_weigh_the_evidence_in_words_of_their_own() -> None:
    rationale = "[E1] gives a rise of 14%, far less than the doubling that is claimed, so sentence 1 refutes it."
    said = reply(Verdict.REFUTED, ("E1", Stance.REFUTES, 1)).model_copy(update={"rationale": rationale})

    assert ruling(said, SHOWN, "Trips doubled.").rationale == rationale


def test_the_same_words_are_one_piece_of_evidence_and_the_longest_quote_of_a_page_stands_for_it() -> None:
    def piece(number: int, quote: str, stance: Stance = Stance.REFUTES, url: str = "https://a.example") -> Evidence:
        return Evidence(id=str(number), url=url, title="A page", quote=quote, stance=stance)

    short, long = piece(1, "Trips rose by 14 per cent."), piece(2, "Trips rose by 14 per cent. The fare was abolished.")
    copy = piece(3, "trips rose by 14  per cent. The fare was abolished.", url="https://mirror.example")
    other = piece(4, "Trips rose by 14 per cent.", url="https://b.example")
    against = piece(5, "Trips rose by 14 per cent.", Stance.SUPPORTS)

    assert distinct((short, long, copy, other, against, short)) == (long, other, against)
