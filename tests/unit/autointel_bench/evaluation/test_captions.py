from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from autointel.domain.transcript import Segment
from autointel.errors import NoTranscript
from autointel_bench.evaluation.sources import score_captions


@dataclass
class Spoken:
    segments: list[Segment]


def one_word_a_line(data: bytes, name: str) -> Spoken:
    """Reads "start end words" lines; dies on "!" and refuses what is empty."""
    assert "/" not in name
    if data.startswith(b"!"):
        raise ZeroDivisionError
    lines = [line.split(" ", 2) for line in data.decode().splitlines()]
    if not lines:
        raise NoTranscript("Nothing.")
    return Spoken([Segment(start=float(start), end=float(end), text=text) for start, end, text in lines])


def write(folder: Path, **cases: tuple[str, list[tuple[float, float, str]] | None]) -> None:
    with zipfile.ZipFile(folder / "suite.zip", "w") as archive:
        for name, (content, cues) in cases.items():
            archive.writestr(f"tests/{name}.vtt", content)
            if cues is not None:
                listed = [{"startTime": start, "endTime": end, "text": text} for start, end, text in cues]
                archive.writestr(f"tests/{name}.json", json.dumps({"cues": listed}))


def test_an_expectation_is_met_by_words_and_times(tmp_path: Path) -> None:
    write(
        tmp_path,
        same=("1 2.5 Q&A now", [(1, 2.5, "<v Ann>Q&amp;A\n<i>now</i>")]),
        other_words=("1 2 Q", [(1, 2, "A")]),
        other_times=("1 2.001 Q", [(1, 2, "Q")]),
        missing=("1 2 Q", [(1, 2, "Q"), (2, 3, "A")]),
    )

    score = score_captions(tmp_path, one_word_a_line)

    assert (score.expectations, score.met, score.share) == (4, 1, 0.25)
    assert score.missed == ("tests/missing.vtt", "tests/other_times.vtt", "tests/other_words.vtt")


def test_two_speakers_in_one_cue_are_one_expectation(tmp_path: Path) -> None:
    write(tmp_path, two=("1 2 Hi\n1 2 you", [(1, 2, "<v A>Hi</v> <v B>you")]))

    assert score_captions(tmp_path, one_word_a_line).met == 1


def test_a_refusal_is_right_where_no_words_are_expected(tmp_path: Path) -> None:
    write(tmp_path, none=("", []), empty_cue=("", [(1, 2, " ")]), words=("", [(1, 2, "Q")]))

    score = score_captions(tmp_path, one_word_a_line)

    assert (score.met, score.refused, score.crashed) == (2, 3, ())


def test_a_crash_is_counted_and_named_and_never_met(tmp_path: Path) -> None:
    write(tmp_path, dies=("!", []))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "dies.srt").write_bytes(b"!")
    (tmp_path / "more" / "lives.srt").write_bytes(b"1 2 Q")
    (tmp_path / "README").write_bytes(b"!")

    score = score_captions(tmp_path, one_word_a_line)

    assert score.crashed == ("more/dies.srt", "tests/dies.vtt")
    assert (score.files, score.met, score.expectations) == (3, 0, 1)


def test_an_empty_folder_scores_nothing(tmp_path: Path) -> None:
    assert score_captions(tmp_path, one_word_a_line).share == pytest.approx(0.0)
