from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from autointel.errors import UsageError
from autointel_bench.evaluation.extraction import Span, read_conll, score_entities

CONLL = "The\tO\nTallinn\tB-location\nCity\tI-location\nCouncil\tB-group\nmet\tO\n.\tO\n\n\nNo\tO\nname\tO\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dev.conll").write_text(CONLL, encoding="utf-8")
    return tmp_path


def test_sentences_are_read_with_their_spans(folder: Path) -> None:
    sentences = list(read_conll(folder / "dev.conll"))

    assert sentences == [
        (["The", "Tallinn", "City", "Council", "met", "."], [(1, 3), (3, 4)]),
        (["No", "name"], []),
    ]


def test_only_exact_boundaries_count(folder: Path) -> None:
    def find(sentences: Sequence[Sequence[str]]) -> list[list[Span]]:
        assert len(sentences) == 2
        return [[(1, 3), (2, 4)], [(1, 2)]]

    score = score_entities(folder, find).finder

    assert (score.gold, score.found, score.correct) == (2, 3, 1)
    assert score.precision == pytest.approx(1 / 3)
    assert score.recall == pytest.approx(1 / 2)
    assert score.f1 == pytest.approx(2 / 5)


def test_the_capitals_rule_stands_beside_it(folder: Path) -> None:
    score = score_entities(folder, lambda sentences: [[] for _ in sentences])

    assert (score.capitals.found, score.capitals.correct) == (2, 0)
    assert (score.finder.precision, score.finder.recall, score.finder.f1) == (0.0, 0.0, 0.0)


def test_a_file_without_names_scores_nothing(tmp_path: Path) -> None:
    (tmp_path / "none.conll").write_text("a\tO\n", encoding="utf-8")

    assert score_entities(tmp_path, lambda sentences: [[] for _ in sentences]).finder.recall == 0.0


def test_the_table_names_both(folder: Path) -> None:
    table = score_entities(folder, lambda sentences: [[(1, 3), (3, 4)], []][: len(sentences)]).render()

    assert table.splitlines()[1].split() == ["this", "engine", "1.000", "1.000", "1.000", "2", "2"]
    assert table.splitlines()[2].startswith("runs of capitals")


def test_a_folder_without_data_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no \.conll file"):
        score_entities(tmp_path, lambda _: [])
