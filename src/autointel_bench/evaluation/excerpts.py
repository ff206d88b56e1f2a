"""Whether the right stretch of a long meeting is found for a question: recall of the gold words (QMSum)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from autointel.errors import UsageError

Scorer: TypeAlias = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[float]]]
"""A meeting's questions and its windows to a score for each window, question by question."""

BUDGET: Final = 2_000
"""Words that may be shown for a question."""

_WINDOW: Final = 200


@dataclass(frozen=True)
class Window:
    """Turns ``first`` to ``last`` (excluded) of a meeting."""

    first: int
    last: int
    text: str


@dataclass(frozen=True)
class ExcerptScore:
    """Means over ``questions``: share of the gold words that are shown, and whether the best window touches gold."""

    questions: int
    word_recall: float
    top_hit: float

    def render(self) -> str:
        """One line."""
        return (
            f"finding the stretch: word recall {self.word_recall:.3f} within {BUDGET} words, "
            f"first window right {self.top_hit:.3f}, over {self.questions} questions"
        )


def score_excerpts(folder: Path, score: Scorer) -> ExcerptScore:
    """All specific questions in the ``*.jsonl`` files of a folder. Raises UsageError where there are none."""
    recalls: list[float] = []
    hits: list[bool] = []
    for meeting in _meetings(folder):
        turns = [f"{turn['speaker']}: {turn['content']}" for turn in meeting["meeting_transcripts"]]
        windows = _windows(turns)
        asked = meeting["specific_query_list"]
        scores = score([item["query"] for item in asked], [window.text for window in windows])
        for item, row in zip(asked, scores, strict=True):
            gold = {n for first, last in item["relevant_text_span"] for n in range(int(first), int(last) + 1)}
            order = _best_first(row)
            recalls.append(_recall(turns, gold, [windows[index] for index in order]))
            hits.append(not gold.isdisjoint(range(windows[order[0]].first, windows[order[0]].last)))
    if not recalls:
        raise UsageError(f"{folder} holds no QMSum questions.", "Give the folder with val.jsonl or test.jsonl.")
    return ExcerptScore(len(recalls), sum(recalls) / len(recalls), sum(hits) / len(hits))


def _best_first(scores: Sequence[float]) -> list[int]:
    return sorted(range(len(scores)), key=lambda index: (-scores[index], index))


def _meetings(folder: Path) -> Iterator[Any]:
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _windows(turns: Sequence[str]) -> list[Window]:
    """Neighbouring turns up to about _WINDOW words; none overlap, so that no word is counted twice."""
    windows: list[Window] = []
    first, words = 0, 0
    for index, turn in enumerate(turns):
        words += len(turn.split())
        if words >= _WINDOW or index == len(turns) - 1:
            windows.append(Window(first, index + 1, " ".join(turns[first : index + 1])))
            first, words = index + 1, 0
    return windows


def _recall(turns: Sequence[str], gold: set[int], ordered: Sequence[Window]) -> float:
    """Words of gold turns shown, over all words of gold turns, when windows are shown until the budget is spent."""
    left, shown = BUDGET, 0
    for window in ordered:
        for turn in range(window.first, window.last):
            words = min(left, len(turns[turn].split()))
            left -= words
            shown += words if turn in gold else 0
    total = sum(len(turns[turn].split()) for turn in gold if turn < len(turns))
    return shown / total if total else 0.0
