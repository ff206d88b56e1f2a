"""How well the engine without a model finds names and claims, on labelled data.

Names: exact boundaries against CoNLL files (WNUT17; CoNLL04's ``*.json`` with tags in BILOU), kinds left aside. Claims:
whether statements rank by what somebody found worth a check, as MAP over whole debates (CheckThat!).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from autointel.errors import UsageError

Span: TypeAlias = tuple[int, int]
"""First token, and the one after the last."""

Finder: TypeAlias = Callable[[Sequence[Sequence[str]]], Sequence[Sequence[Span]]]
"""All sentences of a file, as tokens, to the spans found in each."""
Ranker: TypeAlias = Callable[[Sequence[str], Sequence[str]], Sequence[float]]
"""All lines of a debate and their speakers to a score each; higher is likelier to be checked."""
_COLUMNS: Final = 4
_TOP: Final = 100


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


@dataclass(frozen=True)
class DebateScore:
    """One debate: lines, those that were checked, average precision, and precision among the first hundred."""

    name: str
    lines: int
    checked: int
    average_precision: float
    top_precision: float


@dataclass(frozen=True)
class ClaimScore:
    """All debates of a folder."""

    debates: tuple[DebateScore, ...]
    digits_map: float

    @property
    def mean_average_precision(self) -> float:
        """MAP: every debate counts the same."""
        return sum(debate.average_precision for debate in self.debates) / len(self.debates)

    def render(self) -> str:
        """A line for each debate, then the mean beside that of the simplest rule."""
        lines = [f"{'debate':<28}{'lines':>7}{'checked':>9}{'AP':>7}{'P@100':>7}"]
        lines += [
            f"{debate.name[:27]:<28}{debate.lines:>7}{debate.checked:>9}"
            f"{debate.average_precision:>7.3f}{debate.top_precision:>7.2f}"
            for debate in self.debates
        ]
        lines.append(f"{'MAP':<44}{self.mean_average_precision:>7.3f}")
        lines.append(f"{'MAP, lines with a digit first':<44}{self.digits_map:>7.3f}")
        return "\n".join(lines)


def score_claims(folder: Path, rank: Ranker) -> ClaimScore:
    """Every ``*.tsv`` of a folder (line number, speaker, text, 1 if checked). Raises UsageError where there is none."""
    files = sorted(folder.glob("*.tsv"))
    if not files:
        raise UsageError(f"{folder} holds no .tsv file.", "Give the folder of a CheckThat! data set.")
    debates, digits = [], []
    for file in files:
        speakers, texts, labels = _read(file)
        scores = rank(texts, speakers)
        debates.append(
            DebateScore(
                name=file.stem,
                lines=len(texts),
                checked=sum(labels),
                average_precision=average_precision(scores, labels),
                top_precision=sum(labels[row] for row in _best_first(scores)[:_TOP]) / _TOP,
            )
        )
        digits.append(average_precision([float(any(map(str.isdigit, text))) for text in texts], labels))
    return ClaimScore(tuple(debates), sum(digits) / len(digits))


def average_precision(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Mean over the true rows of the precision at their rank; equal scores keep the order of the debate."""
    hits, total = 0, 0.0
    for place, row in enumerate(_best_first(scores), 1):
        if labels[row]:
            hits += 1
            total += hits / place
    return total / hits if hits else 0.0


def _best_first(scores: Sequence[float]) -> list[int]:
    return sorted(range(len(scores)), key=lambda row: (-scores[row], row))


def _read(file: Path) -> tuple[list[str], list[str], list[bool]]:
    """Speakers, texts, labels. Quotation marks are text here, so no CSV reader."""
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    for number, row in enumerate(rows, 1):
        if len(row) < _COLUMNS:
            raise UsageError(f"{file.name} has no {_COLUMNS} columns in line {number}.", "Check the data set's format.")
    return [row[1] for row in rows], [row[2] for row in rows], [row[3].strip() == "1" for row in rows]
