from __future__ import annotations

from tests.unit.adapters.catalogue.conftest import Open

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.domain.analysis import CheckedClaim, Verdict
from autointel.domain.citation import Citation
from autointel.ports import Remembered

CITATION = Citation(quote="Fares pay.", start=1.0, end=2.0)


def record(record_id: str, kind: str = "claim", source: str = "talk") -> Remembered:
    return Remembered(record_id=record_id, kind=kind, source_id=source, passage_id="p", text=f"words of {record_id}")


def claim(claim_id: str, verdict: Verdict | None = None) -> CheckedClaim:
    return CheckedClaim(id=claim_id, text="Fares pay.", citation=CITATION, verdict=verdict)


def test_the_words_of_key_points_and_claims_are_kept_and_passages_are_not(catalogue: Catalogue) -> None:
    claim_, point = record("a"), record("b", "key_point")
    catalogue.verdicts.keep([claim_, point, record("c", "passage")])
    catalogue.verdicts.keep([claim_])

    assert catalogue.verdicts.records(["a", "b", "c", "d"]) == {"a": claim_, "b": point}
    assert catalogue.verdicts.records_of("talk") == [claim_, point]
    assert catalogue.verdicts.records_of("other") == []


def test_a_later_judgment_replaces_an_earlier_one(catalogue: Catalogue) -> None:
    catalogue.verdicts.judge("talk", {"a": claim("c1"), "b": claim("c2")})
    catalogue.verdicts.judge("talk", {"a": claim("c1", Verdict.NOT_ENOUGH_EVIDENCE)})

    found = catalogue.verdicts.claims(["a", "b", "unknown"])

    assert found == {"a": claim("c1", Verdict.NOT_ENOUGH_EVIDENCE), "b": claim("c2")}


def test_namespaces_see_nothing_of_each_other(opened: Open) -> None:
    mine, yours = opened("mine"), opened("yours")
    mine.verdicts.keep([record("a")])
    mine.verdicts.judge("talk", {"a": claim("c1")})

    assert yours.verdicts.records(["a"]) == {}
    assert yours.verdicts.claims(["a"]) == {}
    assert yours.verdicts.forget("talk") == frozenset()
    assert mine.verdicts.claims(["a"]) == {"a": claim("c1")}


def test_forgetting_a_source_takes_its_records_and_judgments(catalogue: Catalogue) -> None:
    catalogue.verdicts.keep([record("a"), record("b", source="other")])
    catalogue.verdicts.judge("talk", {"a": claim("c1")})

    assert catalogue.verdicts.forget("talk") == {"a"}

    assert catalogue.verdicts.records(["a", "b"]) == {"b": record("b", source="other")}
    assert catalogue.verdicts.claims(["a"]) == {}
