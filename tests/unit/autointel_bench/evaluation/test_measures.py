"""``autointel eval NAME FOLDER`` over the product's own parts and a little data of each kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.autointel_bench.evaluation.test_meetings import MEETING

from autointel.errors import UsageError
from autointel_bench.evaluation.measure import measure

TALK = (
    "WEBVTT\n\n"
    "00:00.000 --> 00:09.000\n<v Ada>The council of Tallinn made every bus free in 2013 for its residents.\n\n"
    "00:09.000 --> 00:18.000\n<v Bo>Fares had covered a third of what the buses of the city cost until then.\n"
)


def test_names_are_found_by_the_product(tmp_path: Path) -> None:
    rows = ["The\tO", "mayor\tO", "of\tO", "Tallinn\tB-location", "met\tO", "Mara\tB-person", "Lind\tI-person", ".\tO"]
    (tmp_path / "dev.conll").write_text("\n".join([*rows, "", ""]))

    assert "F1" in measure("entities", tmp_path)


def test_claims_are_ranked_by_the_product(tmp_path: Path) -> None:
    (tmp_path / "one.tsv").write_text("1\tANNA\tGood evening, all.\t0\n2\tBEN\tFares rose by 14 percent in 2019.\t1\n")

    assert "1.000" in measure("claims", tmp_path)


def test_similar_sentences_are_nearer(tmp_path: Path) -> None:
    rows = [("5.000", "The bus is free.", "The bus is free."), ("0.000", "The bus is free.", "A cat sleeps at home.")]
    lines = [f"news\tf\t2012\t{n:04}\t{score}\t{one}\t{other}\n" for n, (score, one, other) in enumerate(rows)]
    (tmp_path / "sts-dev.csv").write_text("".join(lines))

    assert measure("embedder", tmp_path) == "sentence similarity: Spearman 1.000 over 2 pairs"


def test_a_briefing_is_read_by_the_engine_without_a_model(tmp_path: Path) -> None:
    (tmp_path / "talk.vtt").write_text(TALK)

    table = measure("briefing", tmp_path)

    assert "talk" in table
    assert "Tallinn" in table


def test_a_meeting_is_read_by_the_engine_without_a_model(tmp_path: Path) -> None:
    (tmp_path / "val.jsonl").write_text(f"{json.dumps(MEETING)}\n")

    assert "Pk" in measure("meetings", tmp_path)


def test_labelled_evidence_is_counted_by_its_label(tmp_path: Path) -> None:
    claims = [f"The sea rose by {number} millimetres in {1990 + number}." for number in range(1, 9)]
    rows = [
        {
            "claim": claim,
            "evidences": [
                {
                    "votes": ["SUPPORTS", "SUPPORTS"],
                    "evidence_label": "SUPPORTS",
                    "evidence": claim,
                    "article": "Sea level",
                }
            ],
        }
        for claim in claims
    ]
    (tmp_path / "climate-fever.jsonl").write_text("\n".join(map(json.dumps, rows)))

    table = measure("support", tmp_path)

    assert "supports, all agree" in table
    assert "100.0%" in table


def test_fact_checks_are_counted_by_their_verdict(tmp_path: Path) -> None:
    rows = [
        {
            "label": "Refuted",
            "claim": f"The tower is {number} metres high.",
            "speaker": "Ada",
            "questions": [{"question": "How high is it?", "answers": [{"answer": f"It is {number + 1} metres high."}]}],
        }
        for number in range(20, 28)
    ]
    (tmp_path / "dev.json").write_text(json.dumps(rows))

    assert "refuted" in measure("support", tmp_path)


@pytest.mark.parametrize("name", ["recall", "answers", "articles", "support"])
def test_a_folder_without_the_data_is_named_with_what_to_give(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        measure(name, tmp_path)
