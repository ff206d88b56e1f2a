from __future__ import annotations

import json
from pathlib import Path

import pytest

from autointel.errors import UsageError
from autointel_bench.evaluation.meetings import pk, rouge_1, score_meetings, turns_of

MEETING = {
    "topic_list": [
        {"topic": "fares", "relevant_text_span": [["0", "1"]]},
        {"topic": "roads", "relevant_text_span": [["2", "3"]]},
    ],
    "general_query_list": [{"query": "Summarize.", "answer": "Fares are free and roads are new."}],
    "meeting_transcripts": [
        {"speaker": "Anna (Chair)", "content": "Fares are free , {vocalsound} it 's so ."},
        {"speaker": "Ben", "content": "They are free for all of us ."},
        {"speaker": "Anna", "content": "Now the roads are to be new ."},
        {"speaker": "Ben", "content": "{gap}"},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "val.jsonl").write_text(f"{json.dumps(MEETING)}\n", encoding="utf-8")
    return tmp_path


def test_marks_of_the_annotators_are_no_words() -> None:
    assert turns_of(MEETING)[0] == ("Anna", "Fares are free, it's so.")
    assert turns_of(MEETING)[3] == ("Ben", "")


def test_right_borders_have_no_error_and_none_at_all_has_some() -> None:
    lengths = [10, 10, 10, 10]

    assert pk([2], [2], lengths) == 0.0
    assert pk([], [2], lengths) == pytest.approx(1 / 3)
    assert pk([1], [2], lengths) > 0.0
    assert pk([], [], [1]) == 0.0


def test_words_in_common_are_counted_as_often_as_both_have_them() -> None:
    assert rouge_1("free free fares", "Fares are free.") == pytest.approx(2 / 3)
    assert rouge_1("", "fares") == 0.0


def test_both_halves_are_shown_beside_their_baselines(folder: Path) -> None:
    table = score_meetings(folder, lambda turns: ([2], [turns[2][1]])).splitlines()

    assert table[1].split()[:4] == ["tuned", "on", "1", "0.000"]
    assert table[-1].startswith("all")


def test_a_folder_without_meetings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        score_meetings(tmp_path, lambda _: ([], []))
