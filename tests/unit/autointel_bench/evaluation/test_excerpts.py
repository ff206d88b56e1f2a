from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from autointel.errors import UsageError
from autointel_bench.evaluation.excerpts import score_excerpts


def turn(words: int, word: str) -> dict[str, str]:
    # The speaker's label is a word of the turn.
    return {"speaker": "A", "content": " ".join([word] * (words - 1))}


def write(folder: Path, turns: Sequence[dict[str, str]], span: tuple[str, str]) -> None:
    meeting = {
        "meeting_transcripts": list(turns),
        "specific_query_list": [{"query": "tram", "relevant_text_span": [list(span)]}],
    }
    (folder / "val.jsonl").write_text(json.dumps(meeting) + "\n", encoding="utf-8")


def count(questions: Sequence[str], windows: Sequence[str]) -> list[list[float]]:
    return [[float(window.count(question)) for window in windows] for question in questions]


def test_gold_words_within_the_budget_are_recalled(tmp_path: Path) -> None:
    write(tmp_path, [turn(1_500, "cake"), turn(1_000, "tram"), turn(1_500, "cake")], ("1", "1"))

    score = score_excerpts(tmp_path, count)

    assert (score.questions, score.word_recall, score.top_hit) == (1, 1.0, 1.0)
    assert "word recall 1.000 within 2000 words" in score.render()


def test_gold_words_beyond_the_budget_are_lost(tmp_path: Path) -> None:
    write(tmp_path, [turn(1_500, "tram"), turn(1_000, "cake"), turn(1_000, "cake")], ("1", "2"))

    score = score_excerpts(tmp_path, count)

    assert score.word_recall == pytest.approx(500 / 2_000)
    assert score.top_hit == 0.0


def test_short_turns_share_a_window(tmp_path: Path) -> None:
    write(tmp_path, [turn(50, "cake"), turn(60, "tram"), turn(100, "cake")], ("0", "0"))

    assert score_excerpts(tmp_path, count).top_hit == 1.0


def test_a_span_beyond_the_meeting_recalls_nothing(tmp_path: Path) -> None:
    write(tmp_path, [turn(50, "cake")], ("7", "9"))

    assert score_excerpts(tmp_path, count).word_recall == 0.0


def test_a_folder_without_questions_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no QMSum questions"):
        score_excerpts(tmp_path, count)
