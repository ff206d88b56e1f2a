from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from autointel.domain.passage import Passage
from autointel_bench.evaluation.measure import measure
from autointel_bench.evaluation.recall import (
    Kept,
    Search,
    ranked_score,
    score_locomo,
    score_qmsum,
    span_share,
    turn_id,
)

LOCOMO = [
    {
        "sample_id": "conv-1",
        "conversation": {
            "speaker_a": "Ada",
            "session_1_date_time": "1:56 pm on 8 May, 2023",
            "session_1": [
                {"speaker": "Ada", "dia_id": "D1:1", "text": "Fares are  high."},
                {"speaker": "Bo", "dia_id": "D1:2", "text": "Trees line the road."},
            ],
            "session_2_date_time": "10:00 am on 9 June, 2023",
            "session_2": [{"speaker": "Ada", "dia_id": "D2:1", "text": "The council met."}],
            "session_3_date_time": "10:00 am on 10 June, 2023",
        },
        "qa": [
            {"question": "fares?", "evidence": ["D1:1"], "category": 1},
            {"question": "council?", "evidence": ["D2:1; D1:2"], "category": 2},
            {"question": "never said?", "evidence": ["D1:1"], "category": 5},
            {"question": "lost evidence?", "evidence": ["D9:9"], "category": 1},
            {"question": "no evidence?", "category": 1},
        ],
    }
]


class Opened:
    """Finds the passages whose words are asked for, in order; remembers what it was given."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.names: list[str] = []

    @contextmanager
    def __call__(self, name: str, kept: Sequence[Kept]) -> Iterator[Search]:
        self.names.append(name)
        self.kept += kept

        def search(question: str, limit: int) -> list[str]:
            word = question.rstrip("?").lower()
            found = [each.id for source in kept for each in source.passages if word in each.text.lower()]
            return found[:limit]

        yield search


def written(tmp_path: Path, value: Any) -> Path:
    path = tmp_path / "data.json"
    path.write_text(json.dumps(value))
    return path


def test_each_question_with_evidence_and_an_answer_is_asked_of_its_conversation(tmp_path: Path) -> None:
    opened = Opened()

    score = score_locomo(written(tmp_path, [talk for talk in LOCOMO if talk["qa"]]), opened)

    assert score.questions == 2
    # One finds its only turn, the other one of its two.
    assert score.recall_at_5 == score.recall_at_10 == pytest.approx(0.75)
    assert score.ndcg_at_10 == pytest.approx((1 + 1 / (1 + 1 / 1.5849625007)) / 2)


def test_a_session_is_a_source_with_its_date_and_a_turn_a_passage_with_its_speaker(tmp_path: Path) -> None:
    opened = Opened()
    score_locomo(written(tmp_path, LOCOMO), opened)

    first, second = opened.kept

    assert (first.source.published_at, second.source.published_at) == (date(2023, 5, 8), date(2023, 6, 9))
    assert [passage.id for passage in first.passages] == [turn_id("conv-1", "D1:1"), turn_id("conv-1", "D1:2")]
    assert first.passages[0].text == first.transcript.segments[0].text == "Fares are high."
    assert first.passages[1].speakers == ("Bo",)


def test_no_question_gives_no_score_and_no_division_by_nothing(tmp_path: Path) -> None:
    assert score_locomo(written(tmp_path, []), Opened()).recall_at_10 == 0


@pytest.mark.parametrize(
    ("ranked", "recall_at_5", "recall_at_10"),
    [("abcdefghij", 0.5, 1.0), ("bcdefghija", 0.0, 1.0), ("bcdefghijk", 0.0, 0.5), ("", 0.0, 0.0)],
)
def test_recall_looks_at_five_and_at_ten(ranked: str, recall_at_5: float, recall_at_10: float) -> None:
    assert ranked_score(list(ranked), frozenset("aj"))[:2] == (recall_at_5, recall_at_10)


def test_an_earlier_hit_gains_more() -> None:
    assert ranked_score(list("ab"), frozenset("a"))[2] == 1
    assert ranked_score(list("ba"), frozenset("a"))[2] == pytest.approx(0.6309297536)
    assert ranked_score(list("ab"), frozenset("ab"))[2] == 1


def passage(index: int, words: int) -> Passage:
    return Passage(id=str(index), source_id="s", index=index, first=index * 2, last=index * 2 + 1, text="word " * words)


def test_only_what_fits_into_two_thousand_words_is_read() -> None:
    ranked = [passage(0, 1500), passage(1, 500), passage(2, 1)]

    assert span_share(ranked, frozenset({0, 3, 4})) == pytest.approx(2 / 3)
    assert span_share(ranked, frozenset()) == 0


def test_a_meeting_is_asked_its_specific_questions(tmp_path: Path) -> None:
    meeting = {
        "meeting_transcripts": [
            {"speaker": "Chair", "content": "Fares " + "are high " * 60 + "."},
            {"speaker": "Guest", "content": "Trees " + "line the road " * 60 + "."},
            {"speaker": "Guest", "content": " "},
        ],
        "specific_query_list": [
            {"query": "fares", "relevant_text_span": [["0", "0"]]},
            {"query": "trees", "relevant_text_span": [["0", "1"]]},
        ],
    }
    path = tmp_path / "val.jsonl"
    path.write_text(f"{json.dumps(meeting)}\n{json.dumps(meeting)}\n")
    opened = Opened()

    score = score_qmsum(path, opened, meetings=1)

    assert (score.questions, score.share) == (2, 0.75)
    assert opened.names == ["qmsum-0"]


def test_the_measure_compares_the_search_in_use_with_keywords_alone(tmp_path: Path) -> None:
    (tmp_path / "locomo3.json").write_text(json.dumps(LOCOMO))

    head, *lines = measure("recall", tmp_path).splitlines()

    assert head.split() == ["evidence", "found", "R@5", "R@10", "nDCG@10", "questions"]
    assert [line[:15] for line in lines] == ["keyword alone  ", "without vectors", "as it is in use"]
    # "fares?" finds its turn; "council?" one of two.
    assert all(line.split()[-1] == "2" and line.split()[-4] == "0.750" for line in lines)


def test_the_measure_takes_meetings_too(tmp_path: Path) -> None:
    meeting = {
        "meeting_transcripts": [{"speaker": "Chair", "content": "Fares are high."}],
        "specific_query_list": [{"query": "fares", "relevant_text_span": [["0", "0"]]}],
    }
    (tmp_path / "val.jsonl").write_text(json.dumps(meeting) + "\n")

    lines = measure("recall", tmp_path).splitlines()[1:]

    assert [line.split()[-2:] for line in lines] == [["1.000", "1"]] * 3
