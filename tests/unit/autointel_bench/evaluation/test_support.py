"""The measure of the check: lies are lies, paraphrases are none, and both halves are apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autointel.errors import UsageError
from autointel.text.carrying import Carried, Fault, Ground, Reason
from autointel_bench.evaluation.measure import measure
from autointel_bench.evaluation.support import Pair, SupportScore, in_second_half, other_talks, score_support
from autointel_bench.lies import Lie, Stock, tell
from autointel_bench.paraphrases import paraphrase

STOCK = Stock(
    names=["Tallinn", "Riga", "Estonia"],
    speakers=["Anna Kask", "Peter Lill"],
    sentences=["The tram has eighty stops in the old town."],
    prompt=["One plain sentence that stands alone."],
)


@pytest.mark.parametrize(
    ("lie", "text"),
    [
        (Lie.NUMBER, "It costs eleven million euros."),
        (Lie.NUMBER, "It costs 11 euros."),
        (Lie.DATE, "It began in May 2013."),
        (Lie.NAME, "The buses of Tallinn are free."),
        (Lie.NEGATION, "The buses are free."),
        (Lie.NEGATION, "The buses aren't free."),
        (Lie.QUANTIFIER, "All buses are free."),
        (Lie.CAUSE, "Fewer people ride the bus because the fares rose last year."),
        (Lie.ATTRIBUTION, "The buses are free."),
        (Lie.DIRECTION, "Fares rose again."),
        (Lie.MODALITY, "Fares will rise again."),
        (Lie.QUESTION, "Are they free of charge?"),
        (Lie.PROMPT, "The buses are free."),
        (Lie.ELSEWHERE, "The buses are free."),
    ],
)
def test_a_lie_changes_the_sentence_and_is_the_same_each_time(lie: Lie, text: str) -> None:
    told = tell(lie, text, STOCK, "Anna Kask")

    assert told is not None
    assert told != text
    assert told == tell(lie, text, STOCK, "Anna Kask")


def test_a_sentence_without_a_number_offers_no_place_for_that_lie() -> None:
    assert tell(Lie.NUMBER, "The buses are free.", STOCK) is None


def test_a_paraphrase_leaves_numbers_alone() -> None:
    restated = paraphrase("And I think we can't pay 11% for eight trams.", None)

    assert restated == "I believe we cannot pay 11 percent for 8 trams."


def test_the_score_tells_kinds_apart_on_the_half_that_is_asked_for(tmp_path: Path) -> None:
    pairs = [f"Sentence number {n} says that {n} people ride the bus." for n in range(2, 40)]
    rows = [
        {
            "claim": text,
            "evidences": [{"evidence": text, "evidence_label": "SUPPORTS", "votes": ["SUPPORTS"], "article": "Bus"}],
        }
        for text in pairs
    ]
    (tmp_path / "climate-fever.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    first, second = (score_support(tmp_path, second_half=half) for half in (False, True))

    kind = "supports, all agree"
    assert first.seen[kind] + second.seen[kind] == len(pairs)
    assert second.seen[kind] == sum(map(in_second_half, pairs))
    assert second.passed[kind] == second.seen[kind]


def test_what_a_second_look_would_decide_is_counted_apart_from_what_falls_for_good() -> None:
    score = SupportScore("talk")
    for reasons in ((), (Fault.NEGATION,), (Fault.NUMBER,), (Fault.NEGATION, Fault.NUMBER)):
        outcome = Carried(1.0, tuple(Reason(fault, "as said") for fault in reasons))
        score.add(Pair("lie: any", "A text.", Ground(("A quote.",)), true=False), outcome)

    assert (score.seen["lie: any"], score.passed["lie: any"], score.doubted["lie: any"]) == (4, 1, 1)
    assert score.render().splitlines()[-1].split() == ["lies", "4", "25.0%", "75.0%", "25.0%"]


def test_a_folder_without_such_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds none of"):
        measure("support", tmp_path)


def test_the_other_talks_hold_as_many_paraphrases_as_lies_and_no_sentence_twice() -> None:
    pairs = list(other_talks(""))

    assert sum(pair.true is True for pair in pairs) == sum(pair.true is False for pair in pairs) >= 150
    assert len({pair.text for pair in pairs}) == len(pairs)
