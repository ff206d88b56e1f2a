from __future__ import annotations

from pathlib import Path

import pytest

from autointel.errors import UsageError
from autointel_bench.evaluation.extraction import average_precision, score_claims


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.tsv").write_text(
        '1\tANNA\tGood evening.\t0\n2\tBEN\tFares rose 14 percent.\t1\n3\tANNA\tHe said "no" in May.\t1\n\n',
        encoding="utf-8",
    )
    (tmp_path / "two.tsv").write_text("1\tANNA\tIn 2019.\t0\n2\tBEN\tIt was cut.\t1\n", encoding="utf-8")
    return tmp_path


def test_average_precision_is_that_of_the_textbook() -> None:
    # True rows at places 1, 3 and 4: (1/1 + 2/3 + 3/4) / 3.
    assert average_precision([9, 8, 7, 6, 5], [True, False, True, True, False]) == pytest.approx(
        (1 + 2 / 3 + 3 / 4) / 3
    )


def test_equal_scores_keep_the_order_of_the_debate() -> None:
    assert average_precision([0, 0], [False, True]) == 0.5
    assert average_precision([0, 0], [True, False]) == 1.0


def test_a_debate_without_checked_lines_scores_nothing() -> None:
    assert average_precision([1.0], [False]) == 0.0


def test_every_debate_counts_the_same(folder: Path) -> None:
    score = score_claims(
        folder, lambda texts, speakers: [float(speaker == "BEN") for speaker in speakers[: len(texts)]]
    )

    assert [debate.average_precision for debate in score.debates] == [pytest.approx((1 + 2 / 3) / 2), 1.0]
    assert score.mean_average_precision == pytest.approx((5 / 6 + 1) / 2)
    assert [debate.top_precision for debate in score.debates] == [0.02, 0.01]


def test_the_digits_rule_stands_beside_it(folder: Path) -> None:
    score = score_claims(folder, lambda texts, _: [0.0] * len(texts))

    assert score.digits_map == pytest.approx(((1 + 2 / 3) / 2 + 1 / 2) / 2)


def test_the_table_has_a_line_a_debate_and_the_means(folder: Path) -> None:
    lines = score_claims(folder, lambda texts, _: [0.0] * len(texts)).render().splitlines()

    assert lines[1].split() == ["one", "3", "2", "0.583", "0.02"]
    assert lines[-2].split() == ["MAP", "0.542"]


def test_a_line_with_columns_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.tsv").write_text("1\tANNA\tHello.\n", encoding="utf-8")

    with pytest.raises(UsageError, match=r"odd\.tsv .* line 1"):
        score_claims(tmp_path, lambda texts, _: [0.0] * len(texts))


def test_a_folder_without_data_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no \.tsv file"):
        score_claims(tmp_path, lambda texts, _: [0.0] * len(texts))
