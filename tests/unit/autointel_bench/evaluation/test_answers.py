"""The forty questions: right sentences are counted by their place, and so is what has no answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.fakes.material import talk

from autointel.domain.citation import Citation
from autointel.memory.ask import NOT_HELD
from autointel.memory.findings import Answered, Findings, Found
from autointel_bench.evaluation.answers import Asked, score_answers
from autointel_bench.evaluation.recall import Kept

VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nFares pay for the buses of the town.\n"
SRT = "1\n00:00:00,000 --> 00:00:02,000\nFares pay for the buses of the town.\n"
MEETING = {"meeting_transcripts": [{"speaker": "Chair", "content": "Fares are high."}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("transcripts", "transcripts_debates", "summ_qmsum"):
        (tmp_path / name).mkdir()
    for day in ("1960-09-26", "1992-10-15", "2016-09-26"):
        (tmp_path / "transcripts_debates" / f"{day}.vtt").write_text(VTT)
    for name in ("the-changelog-592.md", "btc_miniscript.md"):
        (tmp_path / "transcripts" / name).write_text("**Ada:** Fares pay for the buses of the town.\n")
    (tmp_path / "transcripts" / "google_en__IO2009-keynoteday1-full.srt").write_text(SRT)
    (tmp_path / "summ_qmsum" / "val.jsonl").write_text(f"{json.dumps(MEETING)}\n" * 21)
    return tmp_path


def found(sentence: str) -> Found:
    return Found(
        passage=talk([sentence])[2][0],
        citation=Citation(quote=sentence, start=0.0),
        speaker=None,
        source_title="The talk",
        source_url=None,
        namespace="default",
        score=1.0,
    )


def test_a_right_sentence_counts_by_its_place_and_a_wrong_answer_is_named(folder: Path) -> None:
    kept: list[Kept] = []

    @contextmanager
    def library(_: str, sources: Sequence[Kept]) -> Iterator[Callable[[str, int], Asked]]:
        kept.extend(sources)

        def ask(question: str, limit: int) -> Asked:
            assert limit == 3
            hits = {
                "Which development tool was built with canvas?": ["Trees.", "It is Bespin."],
                "What is the FTL in flash storage?": ["A flash translation layer."],
            }
            held = "Titanic" in question
            answered = Answered(question=question, held=held, remark=NOT_HELD)
            return Asked(Findings(found=tuple(map(found, hits.get(question, [])))), answered)

        yield ask

    score = score_answers(folder, library)

    assert len(kept) == 10
    assert (score.answerable, score.unanswerable) == (27, 13)
    assert (score.first, score.in_three, score.lost) == (1, 2, 27)
    assert (score.found_nothing, score.declined) == (13, 12)
    assert "answered wrongly: Why did the Titanic sink?" in score.render()
    assert "second or third: Which development tool was built with canvas?" in score.render()
