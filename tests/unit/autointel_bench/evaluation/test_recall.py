from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from autointel.domain.citation import Citation
from autointel.domain.passage import Passage
from autointel_bench.evaluation.measure import measure
from autointel_bench.evaluation.recall import (
    Kept,
    Search,
    cited_turns,
    ranked_score,
    score_locomo,
    score_qmsum,
    word_share,
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


@dataclass(frozen=True)
class Hit:
    """A passage with the turn of it that is cited."""

    passage: Passage
    citation: Citation


class Opened:
    """Finds the passages whose words are asked for, in order; remembers what it was given."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.names: list[str] = []

    @contextmanager
    def __call__(self, name: str, kept: Sequence[Kept]) -> Iterator[Search]:
        self.names.append(name)
        self.kept += kept

        def search(question: str, limit: int) -> list[Hit]:
            word = question.rstrip("?").lower()
            return [
                Hit(passage, Citation(quote=segment.text, paragraph=segment.paragraph))
                for source in kept
                for passage in source.passages
                for segment in source.transcript.segments[passage.first : passage.last + 1]
                if word in segment.text.lower()
            ][:limit]

        yield search


def written(tmp_path: Path, value: Any) -> Path:
    path = tmp_path / "data.json"
    path.write_text(json.dumps(value))
    return path


def test_each_question_with_evidence_is_asked_of_its_conversation(tmp_path: Path) -> None:
    opened = Opened()

    score = score_locomo(written(tmp_path, [talk for talk in LOCOMO if talk["qa"]]), opened)

    assert score.questions == 3
    # One finds its only turn, one of its two, one nothing.
    assert score.recall_at_5 == score.recall_at_10 == pytest.approx(0.5)
    assert score.ndcg_at_10 == pytest.approx((1 + 1 / (1 + 1 / 1.5849625007)) / 3)


def test_a_session_is_a_source_with_its_date_cut_as_a_run_cuts_it_or_by_turns(tmp_path: Path) -> None:
    shipped, by_turns = Opened(), Opened()
    score_locomo(written(tmp_path, LOCOMO), shipped)
    score_locomo(written(tmp_path, LOCOMO), by_turns, turns=True)

    first, second = shipped.kept

    assert (first.source.published_at, second.source.published_at) == (date(2023, 5, 8), date(2023, 6, 9))
    assert [passage.text for passage in first.passages] == ["Fares are high. Trees line the road."]
    assert [passage.speakers for passage in by_turns.kept[0].passages] == [("Ada",), ("Bo",)]


def test_a_second_sentence_of_one_turn_finds_nothing_new() -> None:
    first, again = (Hit(passage(0, 3), Citation(quote=quote, paragraph=1)) for quote in ("Fares.", "Trees."))

    assert cited_turns([first, again]) == [("s", 1)]


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

    # Turns 0 to 3 are read; the third turn asked for has twice the words of the others.
    assert word_share(ranked, frozenset({0, 3, 4}), [10, 10, 10, 10, 20, 20]) == pytest.approx(0.5)
    assert word_share(ranked, frozenset(), []) == 0


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

    assert score.questions == 2
    assert score.words == pytest.approx((1 + 182 / 304) / 2)
    assert opened.names == ["qmsum-0"]


def test_the_measure_compares_the_search_in_use_with_its_parts(tmp_path: Path) -> None:
    (tmp_path / "anything.json").write_text(json.dumps(LOCOMO))

    head, *lines = measure("recall", tmp_path).splitlines()

    assert head.split() == ["evidence", "found", "R@5", "R@10", "nDCG@10", "questions"]
    assert [line[:22].strip() for line in lines] == [
        "as it is in use",
        "without vectors",
        "keyword only",
        "vectors only",
        "turns as passages",
        "turns, keyword only",
    ]
    assert all(line.split()[-1] == "3" for line in lines)


def test_the_measure_takes_meetings_too(tmp_path: Path) -> None:
    meeting = {
        "meeting_transcripts": [{"speaker": "Chair", "content": "Fares are high."}],
        "specific_query_list": [{"query": "fares", "relevant_text_span": [["0", "0"]]}],
    }
    (tmp_path / "val.jsonl").write_text(json.dumps(meeting) + "\n")

    lines = measure("recall", tmp_path).splitlines()[1:]

    assert [line.split()[-2:] for line in lines] == [["1.000", "1"]] * 5
