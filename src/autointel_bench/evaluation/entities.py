"""How well names are found: exact boundaries against CoNLL files (WNUT17), kinds left aside.

CoNLL04's files (``*.json``, tags in BILOU) are read as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from autointel.errors import UsageError

Span: TypeAlias = tuple[int, int]
"""First token, and the one after the last."""

Finder: TypeAlias = Callable[[Sequence[Sequence[str]]], Sequence[Sequence[Span]]]
"""All sentences of a file, as tokens, to the spans found in each."""


@dataclass(frozen=True)
class SpanScore:
    """Spans in the gold standard, spans found, and those that are exactly both."""

    gold: int
    found: int
    correct: int

    @property
    def precision(self) -> float:
        """Correct of found."""
        return self.correct / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Correct of gold."""
        return self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class EntityScore:
    """The finder's score beside that of the simplest rule: every run of capitalised words is a name."""

    finder: SpanScore
    capitals: SpanScore

    def render(self) -> str:
        """A line for each."""
        lines = [f"{'entities, exact boundaries':<28}{'precision':>10}{'recall':>8}{'F1':>7}{'found':>7}{'gold':>6}"]
        for name, score in (("this engine", self.finder), ("runs of capitals", self.capitals)):
            lines.append(
                f"{name:<28}{score.precision:>10.3f}{score.recall:>8.3f}{score.f1:>7.3f}{score.found:>7}{score.gold:>6}"
            )
        return "\n".join(lines)


def score_entities(folder: Path, find: Finder) -> EntityScore:
    """Micro-averaged over all files of a folder. Raises UsageError where there is none."""
    files = [*sorted(folder.glob("*.conll")), *(file for file in sorted(folder.glob("*.json")) if _holds_tags(file))]
    if not files:
        raise UsageError(
            f"{folder} holds no .conll file, nor one of CoNLL04's.", "Give the folder of WNUT17 or CoNLL04."
        )
    finder, capitals = SpanScore(0, 0, 0), SpanScore(0, 0, 0)
    for file in files:
        sentences = list(read_conll(file) if file.suffix == ".conll" else read_tagged_json(file))
        tokens = [words for words, _ in sentences]
        gold = [spans for _, spans in sentences]
        finder = _plus(finder, gold, find(tokens))
        capitals = _plus(capitals, gold, [list(_capital_runs(words)) for words in tokens])
    return EntityScore(finder, capitals)


def read_conll(file: Path) -> Iterator[tuple[list[str], list[Span]]]:
    """Sentences with their gold spans: a token and its BIO tag a line, a blank line between sentences."""
    tokens: list[str] = []
    tags: list[str] = []
    for line in [*file.read_text(encoding="utf-8").splitlines(), ""]:
        columns = line.split("\t")
        if line.strip():
            tokens.append(columns[0])
            tags.append(columns[-1])
        elif tokens:
            yield tokens, list(_spans(tags))
            tokens, tags = [], []


def read_tagged_json(file: Path) -> Iterator[tuple[list[str], list[Span]]]:
    """CoNLL04's sentences; where a name begins the tag opens with B or U, where it goes on with I or L."""
    for row in json.loads(file.read_text(encoding="utf-8")):
        yield row["tokens"], list(_spans([tag.replace("U-", "B-").replace("L-", "I-") for tag in row["tags"]]))


def _holds_tags(file: Path) -> bool:
    rows = json.loads(file.read_text(encoding="utf-8"))
    return isinstance(rows, list) and bool(rows) and "tags" in rows[0]


def _spans(tags: Sequence[str]) -> Iterator[Span]:
    first: int | None = None
    for index, tag in enumerate([*tags, "O"]):
        if first is not None and not tag.startswith("I"):
            yield first, index
            first = None
        if tag.startswith("B"):
            first = index


def _capital_runs(tokens: Sequence[str]) -> Iterator[Span]:
    yield from _spans(
        [
            "O" if not token[:1].isupper() else "I" if index and tokens[index - 1][:1].isupper() else "B"
            for index, token in enumerate(tokens)
        ]
    )


def _plus(score: SpanScore, gold: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]]) -> SpanScore:
    correct = sum(len({*one} & {*other}) for one, other in zip(gold, found, strict=True))
    return SpanScore(score.gold + sum(map(len, gold)), score.found + sum(map(len, found)), score.correct + correct)
